"""Whether a disk has room for a video, known before the work on it begins.

Until an output is whole, its segments lie beside it: both take twice its size.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from srcli.core.errors import OutputError
from srcli.core.files import real_path
from srcli.pipeline.video.segments import folder_of
from srcli.upscaling.estimates import bytes_in_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.pipeline.video.inspection import VideoInspection

ESTIMATE_HOLDS = 0.4
"""The least share of an estimate that an output takes, as far as was measured."""
_RAW_BYTES = 8
"""More than any encoder makes of a pixel."""


def check_room(
    inspection: VideoInspection, output_bytes: Callable[[], int | None], *, resume: bool, planned: int = 0
) -> tuple[str, ...]:
    """See that the disk has room for the output and, until that is whole, its segments.

    Args:
        inspection: the video.
        output_bytes: estimates the size of the output; asked where raw pixels might not fit.
        resume: whether segments of an earlier run count.
        planned: bytes that other outputs will have taken by then.

    Returns:
        A warning where the room might not suffice.

    Raises:
        OutputError: it surely does not.
    """
    place = _place(inspection)
    folder = next(parent for parent in place.parents if parent.exists())
    free = max(0, shutil.disk_usage(folder).free - planned)
    if inspection.expected is None or free >= 2 * inspection.expected * inspection.size.pixels * _RAW_BYTES:
        return ()
    estimated = output_bytes()
    if estimated is None:
        return ()
    needed = peak_bytes(inspection, estimated) - (_finished_bytes(place) if resume else 0)
    if needed <= free:
        return ()
    words = f"about {bytes_in_words(needed)} until it is whole and {bytes_in_words(free)} are free there"
    if needed * ESTIMATE_HOLDS > free:
        raise OutputError(
            f"{inspection.job.target_name} needs {words}",
            hint="free some space, or choose another folder with -o",
        )
    return (f"it needs {words}: that may not suffice",)


def peak_bytes(inspection: VideoInspection, output_bytes: int) -> int:
    """What the output and its segments take together at the most.

    Pictures have no segments, and what goes into a pipe is on the disk as segments alone.
    """
    joined = inspection.plan is not None and inspection.job.target is not None
    return output_bytes * (2 if joined else 1)


def _place(inspection: VideoInspection) -> Path:
    target = inspection.job.target
    return Path(tempfile.gettempdir()) / "video" if target is None else real_path(target.absolute())


def _finished_bytes(place: Path) -> int:
    folder = folder_of(place)
    return sum(path.stat().st_size for path in folder.iterdir()) if folder.is_dir() else 0
