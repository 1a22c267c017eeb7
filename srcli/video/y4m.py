"""YUV4MPEG2: bare frames at an even rate, for other programs to read from a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.names import printable
from srcli.video.library import writing
from srcli.video.segment import FULL, LIMITED
from srcli.video.video import open_container

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.core.events import Progress
    from srcli.video.info import PixelFormat
    from srcli.video.library import Container
    from srcli.video.plan import EncodePlan
    from srcli.video.segment import Segment

_DEPTHS = {"4:2:0": (8, 10, 12), "4:2:2": (8, 10, 12), "4:4:4": (8, 10, 12), "grey": (8, 10, 12, 16)}


def fits(layout: PixelFormat) -> bool:
    """Whether the format has a name for samples."""
    return not layout.has_alpha and layout.depth in _DEPTHS.get(layout.chroma, ())


def write_frames(
    segments: Sequence[Segment], plan: EncodePlan, container: Container, progress: Progress | None
) -> None:
    """Decode lossless segments into a container that was opened for the format.

    Raises:
        OutputError: the reader of a pipe went away, or the disk is full.
    """
    total, done = sum(segment.frames for segment in segments), 0
    with writing(printable(container.name)):
        stream = container.add_stream("wrapped_avframe", rate=plan.frame_rate)
        stream.width, stream.height = plan.size.width, plan.size.height
        stream.pix_fmt = plan.pixel_format.name
        context = stream.codec_context
        context.time_base = stream.time_base = 1 / plan.frame_rate
        context.color_range = FULL if plan.colour.full_range else LIMITED
        if plan.sample_aspect_ratio != 1:
            context.sample_aspect_ratio = plan.sample_aspect_ratio
        for segment in segments:
            with open_container(segment.path, segment.path.name) as source:
                for frame in source.decode(video=0):
                    frame.pts, frame.time_base = done, 1 / plan.frame_rate
                    container.mux(stream.encode(frame))
                    done += 1
                    if progress is not None:
                        progress(done, total)
        container.mux(stream.encode())
