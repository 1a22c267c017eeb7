"""Join segments and what surrounds the picture into the finished file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import BinaryIO

    from srcli.core.progress import Progress
    from srcli.video.plan import OutputPlan
    from srcli.video.segment import Segment


def join(
    segments: Sequence[Segment],
    plan: OutputPlan,
    output: Path | BinaryIO,
    source: Path | None,
    *,
    between: tuple[float, float | None] | None = None,
    progress: Progress | None = None,
) -> None:
    """Write the finished file: the segments' packets, and all other streams copied from the source.

    Packets of sound and subtitles, chapters, attachments, covers, languages, titles and dispositions come
    out as they went in.

    Args:
        segments: in order.
        plan: that they were made by.
        output: a path that ends in the container's extension or not, or a pipe (matroska only).
        source: the file to copy other streams from, or nothing for none.
        between: for a part of a video: from and to which second of the source (of its first frame's time 0)
            packets are copied.
        progress: told packets of video as they are written.

    Raises:
        OutputError: the disk or the container refuses, or what was written lacks frames.
        InputError: the source changed or can't be read any more.
    """
    raise NotImplementedError
