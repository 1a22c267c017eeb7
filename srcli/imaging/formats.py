"""The picture formats that srcli reads and writes, and what each can hold."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from srcli.core.errors import UsageError
from srcli.imaging.picture import Mode

_COMMON_METADATA = frozenset({"icc", "exif", "xmp"})
_RICH_METADATA = _COMMON_METADATA | {"iptc", "photoshop", "dpi", "aspect"}


@dataclass(frozen=True, slots=True)
class Format:
    """One format as srcli writes it.

    Attributes:
        name: such as ``PNG``.
        extensions: lower case with the dot; the first is what srcli gives to a new file.
        longest_side: limit of height and of width, in pixels.
        modes: colour models it holds.
        depths: bits per sample it holds.
        alpha: whether it holds transparency.
        animated: whether it holds more than one frame in time.
        metadata: the kinds of metadata it holds, by the names of ``Metadata``; and ``comment`` for texts
            without a keyword.
        quality: default quality 1..100 of lossy compression; None where the format is always lossless.
        grey_as_rgb: whether a grey picture is stored as RGB.
    """

    name: str
    extensions: tuple[str, ...]
    longest_side: int
    modes: frozenset[Mode]
    depths: frozenset[int]
    alpha: bool
    animated: bool
    metadata: frozenset[str]
    quality: int | None = None
    grey_as_rgb: bool = False


_LIGHT = frozenset({Mode.GREY, Mode.RGB})
_ANY = frozenset(Mode)
_8 = frozenset({8})
_16 = frozenset({8, 16})

FORMATS: dict[str, Format] = {
    entry.name: entry
    for entry in (
        Format(
            "PNG",
            (".png", ".apng"),
            2**31 - 1,
            _LIGHT,
            _16,
            True,
            True,
            _RICH_METADATA | {"text", "comment", "chunks"},
        ),
        # libjpeg stops 35 pixels before the 65535 that the file format allows.
        Format(
            "JPEG",
            (".jpg", ".jpeg", ".jpe", ".jfif"),
            65500,
            _ANY,
            _8,
            False,
            False,
            _RICH_METADATA | {"comment", "segments"},
            95,
        ),
        Format("WEBP", (".webp",), 16383, _LIGHT, _8, True, True, _COMMON_METADATA, 95, grey_as_rgb=True),
        Format("TIFF", (".tif", ".tiff"), 2**31 - 1, _ANY, _16, True, False, _RICH_METADATA | {"geotiff"}),
        Format("BMP", (".bmp", ".dib"), 2**31 - 1, _LIGHT, _8, False, False, frozenset({"dpi"})),
        Format("AVIF", (".avif",), 65536, _LIGHT, _8, True, False, _COMMON_METADATA, 95),
        Format("GIF", (".gif",), 65535, _LIGHT, _8, True, True, frozenset({"comment", "xmp", "aspect"})),
        Format(
            "PPM",
            (".ppm", ".pgm", ".pnm", ".pbm"),
            2**31 - 1,
            _LIGHT,
            _16,
            False,
            False,
            frozenset({"comment"}),
        ),
    )
}

WRITTEN_AS = {"HEIC": "JPEG", "JXL": "PNG"}
"""Formats that are read and not written, and what is written in their place."""

_READ_ONLY = {".heic": "HEIC", ".heif": "HEIC", ".hif": "HEIC", ".jxl": "JXL"}
_PACKAGES = {"HEIC": "pillow_heif", "JXL": "pillow_jxl"}
_BY_EXTENSION = {extension: entry.name for entry in FORMATS.values() for extension in entry.extensions}
READABLE_EXTENSIONS: frozenset[str] = frozenset(_BY_EXTENSION) | {
    extension for extension, name in _READ_ONLY.items() if find_spec(_PACKAGES[name])
}
"""Extensions, lower case with the dot, that a walk through a folder takes for pictures."""


def format_from_extension(extension: str) -> str | None:
    """The format that an extension (``.jpg``, in any case) stands for; None where srcli knows none."""
    return _BY_EXTENSION.get(extension.lower())


def format_read_only(extension: str) -> str | None:
    """The format, read and not written, that an extension stands for; None where it is none of those."""
    return _READ_ONLY.get(extension.lower())


def known_extensions() -> str:
    """The usual extensions of the formats that are written, in words: ``.png, .jpg, ... or .ppm``."""
    *others, last = (entry.extensions[0] for entry in FORMATS.values())
    return f"{', '.join(others)} or {last}"


def written_extension(extension: str) -> str:
    """The extension of an output by default, for the input's: the same, where its format is written."""
    name = _READ_ONLY.get(extension.lower())
    return FORMATS[WRITTEN_AS[name]].extensions[0] if name else extension


def format_from_name(name: str) -> str:
    """The format that a person names ``png``, ``jpg``, ``tif`` and so on, in any case.

    Raises:
        UsageError: srcli writes no such format.
    """
    found = format_from_extension("." + name.removeprefix("."))
    if found is None:
        known = ", ".join(entry.lower() for entry in FORMATS)
        read_only = format_read_only("." + name.removeprefix("."))
        fault = f"{read_only} is read, never written" if read_only else f"unknown picture format: {name}"
        raise UsageError(fault, hint=f"one of {known}")
    return found
