"""Frames of two moments: which of their fields comes first, and frames of one by FFmpeg's filter bwdif."""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from srcli.video.info import Interlace
from srcli.video.library import load_av
from srcli.video.pixel_formats import as_planar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.video.decode import Shown
    from srcli.video.library import RawFrame


def order_of(frame: RawFrame) -> Interlace:
    """Which field of a frame is shown first, as it is marked itself; PyAV tells only that it has two."""
    if not frame.interlaced_frame:
        return Interlace.PROGRESSIVE
    errors = load_av().error
    graph = _graph(frame, ("select", "expr=eq(interlace_type,TOPFIRST)"))
    graph.push(frame)
    graph.push(None)
    try:
        graph.pull()
    except errors.EOFError:
        return Interlace.BOTTOM_FIRST
    return Interlace.TOP_FIRST


def deinterlaced(
    frames: Iterator[Shown], *, flagged: bool, order: Interlace | None = None
) -> Iterator[Shown]:
    """As many frames with the same times.

    Args:
        frames: in the order in which they are shown, of one size.
        flagged: whether only those marked as interlaced are changed.
        order: of the fields of all frames, where they are not marked themselves; by default as they are
            marked, and top first where they aren't.
    """
    mark = [("setfield", "bff")] if order is Interlace.BOTTOM_FIRST else []
    filters = (*mark, ("bwdif", f"mode=send_frame:deint={'interlaced' if flagged else 'all'}"))
    waiting: deque[Shown] = deque()
    graph: Any = None
    like = None
    for shown in frames:
        frame = as_planar(shown.frame)
        # Filters take frames of another kind for those that they know.
        if like != (like := (frame.format.name, frame.width, frame.height)):
            yield from _rest(graph, waiting)
            graph = _graph(frame, *filters)
        waiting.append(shown)
        graph.push(frame)
        yield from _pulled(graph, waiting)
    yield from _rest(graph, waiting)


def _rest(graph: Any, waiting: deque[Shown]) -> Iterator[Shown]:  # noqa: ANN401  PyAV's objects
    if graph is not None:
        graph.push(None)
        yield from _pulled(graph, waiting)


def _pulled(graph: Any, waiting: deque[Shown]) -> Iterator[Shown]:  # noqa: ANN401  PyAV's objects
    """What a graph has ready, at the times of what it was given."""
    errors = load_av().error
    while True:
        try:
            frame = graph.pull()
        except (errors.BlockingIOError, errors.EOFError):
            return
        yield waiting.popleft()._replace(frame=frame)


def _graph(frame: RawFrame, *filters: tuple[str, str]) -> Any:  # noqa: ANN401  PyAV's objects
    """Filters one behind the other, each with its options, for frames like one."""
    graph = load_av().filter.Graph()
    last = graph.add_buffer(
        width=frame.width,
        height=frame.height,
        format=frame.format,
        time_base=frame.time_base or Fraction(1, 1000),
    )
    for name, options in (*filters, ("buffersink", None)):
        added = graph.add(name, options)
        last.link_to(added)
        last = added
    graph.configure()
    return graph
