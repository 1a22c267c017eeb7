"""Where chroma samples lie."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

from srcli.video.library import load_av

if TYPE_CHECKING:
    from srcli.video.library import RawFrame, Stream

_PLACE = re.compile(r"\bcl:(\w+)")
_CENTRED = frozenset({"mjpeg", "mpeg1video", "vp8", "theora"})
"""Codecs whose chroma lies in the middle of four samples of luma unless they say otherwise."""
_LOGGING = threading.Lock()


def chroma_place(frame: RawFrame, stream: Stream) -> str:
    """``left``, ``center``, ``topleft`` and so on; what the stream doesn't tell comes from its codec."""
    told = _told(frame, stream)
    if told != "unspecified":
        return told
    return "center" if stream.codec.canonical_name in _CENTRED else "left"


def _told(frame: RawFrame, stream: Stream) -> str:
    # PyAV 18 has no attribute for it; FFmpeg's filter `showinfo` prints it.
    av = load_av()
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=stream.time_base
    )
    shown, sink = graph.add("showinfo"), graph.add("buffersink")
    source.link_to(shown)
    shown.link_to(sink)
    graph.configure()
    with _LOGGING:
        level = av.logging.get_level()
        av.logging.set_level(av.logging.INFO)
        try:
            with av.logging.Capture() as lines:
                graph.push(frame)
                graph.pull()
        finally:
            av.logging.set_level(level)
    found = (_PLACE.search(line[2]) for line in lines)
    return next((match[1] for match in found if match), "unspecified")
