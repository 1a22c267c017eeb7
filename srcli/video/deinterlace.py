"""Frames of two moments to frames of one, by FFmpeg's filter bwdif."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from srcli.video.library import load_av
from srcli.video.pixel_formats import as_planar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.video.decode import Shown


def deinterlaced(frames: Iterator[Shown], *, flagged: bool) -> Iterator[Shown]:
    """As many frames with the same times.

    Args:
        frames: in the order in which they are shown, of one size.
        flagged: whether only those marked as interlaced are changed.
    """
    errors = load_av().error
    waiting: deque[Shown] = deque()
    graph: Any = None

    def pull() -> Iterator[Shown]:
        while True:
            try:
                frame = graph.pull()
            except (errors.BlockingIOError, errors.EOFError):
                return
            yield waiting.popleft()._replace(frame=frame)

    for shown in frames:
        frame = as_planar(shown.frame)
        if graph is None:
            graph = _graph(frame, "interlaced" if flagged else "all")
        waiting.append(shown)
        graph.push(frame)
        yield from pull()
    if graph is not None:
        graph.push(None)
        yield from pull()


def _graph(frame: Any, which: str) -> Any:  # noqa: ANN401  PyAV's objects
    graph = load_av().filter.Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
    )
    change, sink = graph.add("bwdif", f"mode=send_frame:deint={which}"), graph.add("buffersink")
    source.link_to(change)
    change.link_to(sink)
    graph.configure()
    return graph
