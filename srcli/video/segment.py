"""Segments: whole files with some frames each, from which a video is joined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    import numpy.typing as npt

    from srcli.video.plan import EncodePlan


@dataclass(frozen=True, slots=True)
class Segment:
    """A finished segment.

    Attributes:
        path: of its file.
        first_pts: when its first frame is shown, in ticks of the plan's time base.
        end_pts: when its last frame ends.
        frames: how many there are.
    """

    path: Path
    first_pts: int
    end_pts: int
    frames: int


class SegmentWriter:
    """Encode frames into a file that is whole when the writer is left without an error.

    The bytes depend on the plan, the frames and the versions of the libraries alone. ``suffix`` gives the
    extension that the path should have. The file is synced to disk; naming it only then is the caller's part.

    Args:
        path: of the file to write.
        plan: how.
    """

    def __init__(self, path: Path, plan: EncodePlan) -> None:
        raise NotImplementedError

    def write(self, pixels: npt.NDArray[Any], pts: int, duration: int) -> None:
        """Encode a frame.

        Args:
            pixels: (height, width, 3 or 4) of the plan's size, RGB, opacity last: float32 in 0..1, or
                uint8. Values outside are clipped; float values are rounded once, to the depth that is
                stored. Where the plan stores opacity and there are three channels, they count as opaque;
                where it doesn't, opacity is left out.
            pts: when it is shown, in ticks; greater than the one before.
            duration: how long, in ticks.

        Raises:
            OutputError: the encoder or the disk refuses.
        """
        raise NotImplementedError

    @property
    def segment(self) -> Segment:
        """What was written, once the writer was left."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        """Open the encoder."""
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file, or remove it after an error."""


def segment_suffix(plan: EncodePlan) -> str:
    """The extension of segments of a plan, with its dot."""
    raise NotImplementedError
