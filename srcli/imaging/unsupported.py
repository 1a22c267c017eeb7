"""Files that lie beside pictures and are none that srcli reads, told by their extensions."""

from __future__ import annotations

from srcli.core.errors import MissingExtra

HEIC = "HEIC file"
"""Read with the extra `heic`."""
VIDEO = "video"

JXL = "JPEG XL file"
"""Read with the extra `jxl`."""

_KINDS = {
    HEIC: (".heic", ".heif", ".hif"),
    JXL: (".jxl",),
    "JPEG 2000 file": (".jp2", ".j2k", ".jpx", ".jpf"),
    "raw photograph": (
        *(".dng", ".nef", ".nrw", ".cr2", ".cr3", ".crw", ".arw", ".sr2", ".srf", ".raf", ".orf", ".rw2"),
        *(".pef", ".srw", ".x3f", ".raw", ".rwl", ".3fr", ".iiq", ".kdc", ".dcr", ".mrw", ".erf", ".gpr"),
    ),
    VIDEO: (
        ".mp4",
        ".mov",
        ".m4v",
        ".mkv",
        ".avi",
        ".webm",
        ".mts",
        ".m2ts",
        ".mpg",
        ".mpeg",
        ".3gp",
        ".wmv",
        ".flv",
        ".ogv",
        ".vob",
        ".mxf",
        ".asf",
        ".y4m",
    ),
    "PDF file": (".pdf",),
    "SVG file": (".svg", ".svgz"),
    "Photoshop file": (".psd", ".psb"),
    "EXR or HDR file": (".exr", ".hdr"),
}
_KIND_OF = {extension: kind for kind, extensions in _KINDS.items() for extension in extensions}
CONVERTIBLE = frozenset(_KINDS) - {VIDEO}
"""Kinds that other programs turn into pictures that srcli reads."""


def missing_heic() -> MissingExtra:
    """What HEIC files want where they can't be read."""
    return MissingExtra("reading HEIC files", "heic")


def missing_jxl() -> MissingExtra:
    """What JPEG XL files want where they can't be read."""
    return MissingExtra("reading JPEG XL files", "jxl")


def kind_of_unsupported(extension: str) -> str:
    """What a file with such an extension is, in the singular: ``raw photograph``, ``other file``."""
    if not extension:
        return "file without an extension"
    return _KIND_OF.get(extension.lower(), "other file")
