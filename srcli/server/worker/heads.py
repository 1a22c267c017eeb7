"""Files that may be videos, told from their first bytes."""

from __future__ import annotations

_STARTS = (b"\x1aE\xdf\xa3", b"OggS", b"FLV", b"\x00\x00\x01\xba", b"G@")
_BRANDS_OF_PICTURES = frozenset({b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1", b"crx "})


def looks_like_video(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a video."""
    if head[4:8] == b"ftyp":
        return head[8:12] not in _BRANDS_OF_PICTURES
    return (head[:4] == b"RIFF" and head[8:12] == b"AVI ") or head.startswith(_STARTS)
