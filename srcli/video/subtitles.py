"""Text subtitles from one container's kind to another's: what differs is the frame, not the text."""

from __future__ import annotations

import re
import struct

_TAGS = re.compile(r"</?[a-zA-Z][^<>]*>|\{\\[^{}]*\}")
"""Markup of SubRip and what players borrow from ASS."""


def reframed(data: bytes, codec: str, into: str) -> bytes:
    """A subtitle's packet as another codec has it.

    Args:
        data: of the packet.
        codec: that it comes from: ``subrip``, ``text``, ``webvtt`` or ``mov_text``.
        into: ``mov_text`` (3GPP TS 26.245, 5.17: a length and UTF-8), ``subrip`` or ``webvtt``.
    """
    text = _without_frame(data) if codec == "mov_text" else data
    if into != "mov_text":
        return text
    plain = _TAGS.sub("", text.decode("utf-8", "replace")).encode()[:0xFFFF]
    return struct.pack(">H", len(plain)) + plain


def _without_frame(data: bytes) -> bytes:
    if len(data) < 2:
        return b""
    (length,) = struct.unpack(">H", data[:2])
    return data[2 : 2 + length]
