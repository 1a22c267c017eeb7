"""Takes the time of the stages of a run by looking over the shoulder of the bare session."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from srcli.engine.runtimes.runtime import NativeSession, Node

STAGES = ("decode", "prepare", "infer", "blend", "encode")
"""What happens to a picture, in order: it is read; windows are cut and laid out; they run; they are checked,
clipped, pasted and joined; the result is written."""


class Clock:
    """Adds up the seconds of each stage; the time since the last lap goes to the stage that ends."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(STAGES, 0.0)
        self._last_s = time.perf_counter()

    def start(self) -> None:
        """Forget what was; the first stage begins now."""
        self.seconds = dict.fromkeys(STAGES, 0.0)
        self._last_s = time.perf_counter()

    def lap(self, stage: str) -> None:
        """A stage, or a part of it, ends now."""
        now_s = time.perf_counter()
        self.seconds[stage] += now_s - self._last_s
        self._last_s = now_s

    def progress(self, unit: str, done: int, total: int) -> None:
        """A window was pasted: a :class:`~srcli.upscaling.in_flight.Tell`."""
        self.lap("blend")


class Fed(NamedTuple):
    """An input's shape and type, and the names of the outputs that were asked for."""

    shape: tuple[int, ...]
    kind: np.dtype[Any]
    names: Sequence[str] | None


class WatchedSession:
    """An onnxruntime session that tells the clock when it runs.

    Attributes:
        bare: the session itself.
        fed: every input since it was last emptied.
    """

    def __init__(self, bare: NativeSession, clock: Clock) -> None:
        self.bare = bare
        self.fed: list[Fed] = []
        self._clock = clock

    def get_inputs(self) -> list[Node]:
        """The declared inputs."""
        return self.bare.get_inputs()

    def get_outputs(self) -> list[Node]:
        """The declared outputs."""
        return self.bare.get_outputs()

    def get_providers(self) -> list[str]:
        """The providers that run it."""
        return self.bare.get_providers()

    def run(self, names: Sequence[str] | None, feed: dict[str, npt.NDArray[Any]]) -> list[npt.NDArray[Any]]:
        """The outputs of these names for the given inputs."""
        self._clock.lap("prepare")
        results = self.bare.run(names, feed)
        self._clock.lap("infer")
        self.fed.extend(Fed(array.shape, array.dtype, names) for array in feed.values())
        return results
