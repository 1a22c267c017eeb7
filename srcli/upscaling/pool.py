"""The generators of one run: one name, every scale it has, one device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.engine.devices.registry import choose_device
from srcli.engine.machine import usable_cores
from srcli.upscaling.choice import CHOICES
from srcli.upscaling.generator import Generator, RunOptions
from srcli.upscaling.model_ref import ModelRef
from srcli.upscaling.target import chain_scales

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.engine.devices.kind import Device
    from srcli.upscaling.settings import UpscaleSettings

MOST_RUNS = 8
"""Runs beside one another. Each takes memory for a window, and what they share in Python grows with them."""


class GeneratorPool:
    """All generators that a run may need; their sessions open on first use.

    Attributes:
        model: the name of the generators, or of an interpolation; ``auto`` for the choice of shipped ones.
        device: where they run.
        side_by_side: small pictures that are best enlarged at a time, each with its share of a CPU's threads.

    Raises:
        UnknownModel: there is no generator of that name.
        DeviceUnavailable: the device can't be used.
    """

    def __init__(self, model: str, device: str, options: RunOptions) -> None:
        self.model = model
        self._ref = ModelRef(model)
        self.device: Device = choose_device(device, options.precision)
        self._generators = {
            name: {
                found.card.scale: Generator(found, self.device, options)
                for found in ModelRef(name).find_all()
            }
            for name in (CHOICES if self._ref.is_automatic else (model,))
        }
        self._narrow: dict[str, Generator] = {}
        self.side_by_side, self._share = share_threads(options.threads or usable_cores())

    @property
    def chooses(self) -> bool:
        """Whether each picture has its generator chosen."""
        return self._ref.is_automatic

    @property
    def interpolation(self) -> str:
        """The interpolation that takes the last step, or all of them where no generator was asked for."""
        return self.model if self._ref.is_interpolation else "bicubic"

    @property
    def hashes(self) -> tuple[str, ...]:
        """The sha256 of every model in the pool."""
        return tuple(run.card.sha256 for by_scale in self._generators.values() for run in by_scale.values())

    def chain(self, factor: float, model: str | None = None) -> tuple[Generator, ...]:
        """The generators to run one after the other to reach ``factor``; none for an interpolation.

        Args:
            factor: to enlarge by.
            model: the choice for a picture, where the pool leaves one.
        """
        by_scale = self._generators[model or self.model]
        if not by_scale:
            return ()
        return tuple(by_scale[scale] for scale in chain_scales(factor, sorted(by_scale)))

    def narrow(self, generators: Sequence[Generator]) -> tuple[Generator, ...]:
        """The same generators as each of ``side_by_side`` pictures has them, loaded.

        On a CPU they have its share of the threads. Other devices take the windows of all pictures in turn,
        while cores round and paste what came of others.

        Raises:
            ModelError, MachineError: one can't be loaded.
        """
        ready = tuple(self._narrowed(wide) for wide in generators)
        for generator in ready:
            # Not left to the threads that go side by side, which would each load one.
            generator.session  # noqa: B018
        return ready

    def close_narrow(self) -> None:
        """Give the memory of narrow generators back; none may be running."""
        while self._narrow:
            self._narrow.popitem()[1].close()

    def _narrowed(self, wide: Generator) -> Generator:
        if not self.device.kind.shares_threads:
            return wide
        return self._narrow.setdefault(wide.card.sha256, wide.on_threads(self._share))


def open_pool(settings: UpscaleSettings) -> GeneratorPool:
    """The pool that the settings ask for."""
    return GeneratorPool(settings.model, settings.device, settings.options)


def share_threads(threads: int) -> tuple[int, int]:
    """Share threads out among as many runs as are worthwhile.

    A run of one thread wastes nothing; one of two takes a tenth more of their time, since each operator waits
    for the slower half (``tests/benchmarks/NOTES.md``).

    Args:
        threads: that may work at a time, at least 1.

    Returns:
        The number of runs, and the threads of each; where the shares don't come out even, a few threads more.
    """
    each = -(-threads // MOST_RUNS)
    return -(-threads // each), each
