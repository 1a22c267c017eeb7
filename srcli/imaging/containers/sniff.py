"""Which format a file is, told from its first bytes and never from its name."""

from __future__ import annotations

HEAD_BYTES = 64
"""How many bytes from the start of a file ``sniff_format`` wants to see."""

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JXL"),
    (b"\xff\x0a", "JXL"),
)
_STRANGERS = (
    (b"%PDF", "PDF"),
    (b"8BPS", "Photoshop"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\0\0\x01\0", "ICO"),
    (b"v/1\x01", "OpenEXR"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"<svg", "SVG"),
    (b"<?xml", "SVG"),
    (b"Pf", "PFM"),
    (b"PF", "PFM"),
    (b"P7", "PAM"),
    (b"qoif", "QOI"),
    (b"II*\0\x10\0\0\0CR", "a raw photograph (Canon CR2)"),
    (b"II\x1a\0\0\0HEAPCCDR", "a raw photograph (Canon CRW)"),
    (b"FUJIFILMCCD-RAW", "a raw photograph (Fujifilm RAF)"),
    (b"IIRO", "a raw photograph (Olympus ORF)"),
    (b"IIRS", "a raw photograph (Olympus ORF)"),
    (b"MMOR", "a raw photograph (Olympus ORF)"),
    (b"IIU\0", "a raw photograph (Panasonic RW2)"),
    (b"FOVb", "a raw photograph (Sigma X3F)"),
    (b"\0MRM", "a raw photograph (Minolta MRW)"),
)
_VIDEOS = (b"\x1aE\xdf\xa3", b"FLV\x01", b"\0\0\x01\xba", b"\0\0\x01\xb3", b"OggS", b"YUV4MPEG2")
_PICTURE_BRANDS = frozenset({b"mif1", b"msf1", b"crx "})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"hevm"})


def sniff_format(head: bytes) -> str | None:
    """The format that the first bytes of a file announce, or None where srcli reads no such thing."""
    if sniff_unsupported(head):
        return None
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    brands = _brands(head)
    if brands & (_AVIF_BRANDS | _HEIC_BRANDS):
        return "AVIF" if brands & _AVIF_BRANDS else "HEIC"
    if head[:1] == b"P" and head[1:2] in b"123456" and head[2:3].isspace():
        return "PPM"
    return next((name for start, name in _SIGNATURES if head.startswith(start)), None)


def sniff_unsupported(head: bytes) -> str | None:
    """The name of a picture format that srcli knows of but doesn't read."""
    brands = _brands(head)
    if b"crx " in brands:
        return "a raw photograph (Canon CR3)"
    return next((name for start, name in _STRANGERS if head.startswith(start)), None)


def is_video(head: bytes) -> bool:
    """Whether the first bytes of a file announce a video: Matroska, MP4, AVI, MPEG, FLV, Ogg and the like."""
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return True
    brands = _brands(head)
    if brands:
        return not brands & (_AVIF_BRANDS | _HEIC_BRANDS | _PICTURE_BRANDS)
    return head.startswith(_VIDEOS)


def _brands(head: bytes) -> set[bytes]:
    """Major and compatible brands of an ISO media file; empty for anything else."""
    if head[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return {head[8:12], *(head[start : start + 4] for start in range(16, end, 4))}
