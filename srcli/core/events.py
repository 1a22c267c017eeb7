"""What work tells while it goes on: one protocol for bars, JSON lines, servers and other programs."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from srcli.core.outcome import Outcome

_Outcome = TypeVar("_Outcome", bound=Outcome, contravariant=True)

TILE, FRAME, STEP = "tile", "frame", "step"
"""Units of progress: of a picture or a frame, of an animation or a video, of a training."""


class Progress(Protocol):
    """What hears of one item in one unit: :meth:`Events.progress` with both given."""

    def __call__(self, done: int, total: int) -> None:
        """Take note of ``done`` out of ``total`` units."""


def silent(done: int, total: int) -> None:
    """Hears how far a piece of work is, and ignores it."""


class Events(Generic[_Outcome]):
    """Hears how work on named items goes, and ignores it: subclasses override what they want to hear.

    All but ``progress`` are called from the thread that started the work, in the order of the items.
    ``progress`` may be called from several threads, since items may go side by side.

    Attributes:
        wants_hints: whether hints are worth looking for, which takes a look at the pixels.
    """

    wants_hints: bool = False

    def started(self, item: str) -> None:
        """An item was read; the work on it comes next."""

    def progress(self, item: str, unit: str, done: int, total: int) -> None:
        """Of ``total`` units, such as ``tile`` or ``frame``, that an item takes, ``done`` are done.

        Where an item has several units, the smaller one starts again within each larger one.
        """

    def warning(self, item: str, text: str) -> None:
        """Something to know about an item before the work on it ends."""

    def hint(self, item: str, text: str) -> None:
        """Something that would suit an item better."""

    def finished(self, outcome: _Outcome) -> None:
        """An item ended, well or not."""
