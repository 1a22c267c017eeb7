"""JPEG XL files through pillow-jxl-plugin (extra `jxl`), which binds libjxl.

The package gives 8 bits of colour and the last frame of animations: by what the header says, more bits are
told and animations refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.core.errors import InputError
from srcli.imaging.containers.isobmff import iterate_boxes
from srcli.imaging.containers.jxl_header import codestream_of, read_header
from srcli.imaging.limits import MAX_UNFOLDED_BYTES, check_size
from srcli.imaging.metadata.collect import Collected
from srcli.imaging.picture import Frame, Metadata, Mode, PictureInfo
from srcli.imaging.readers.source import Source
from srcli.imaging.unsupported import missing_jxl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.imaging.readers.source import Origin

_MODES = {
    "L": (Mode.GREY, False),
    "I;16": (Mode.GREY, False),
    "LA": (Mode.GREY, True),
    "RGB": (Mode.RGB, False),
    "RGBA": (Mode.RGB, True),
}
_EXIF, _XMP, _PACKED = b"Exif", b"xml ", b"brob"
_NAME_BYTES = 4


@dataclass(frozen=True, slots=True)
class JxlFile:
    """A decoded file: a JPEG file, where it is one that was packed without loss, or else a picture."""

    jpeg: bytes | None = None
    source: Source | None = None


def open_jxl(origin: Origin) -> JxlFile:
    """Decode a JPEG XL file.

    Raises:
        InputError: the extra is missing, or the file is of a kind that it doesn't read.
        ValueError: it is damaged.
    """
    origin.stream.seek(0)
    data = origin.stream.read()
    header = read_header(codestream_of(data))
    check_size(header.size, origin.max_pixels, origin.name)
    if header.is_animated:
        raise InputError(
            f"cannot read {origin.name}: animated JPEG XL is not supported",
            hint="convert it to APNG first: djxl FILE.jxl FILE.apng",
        )
    is_jpeg, stored, samples, icc, _ = _decode(data, origin.name)
    if is_jpeg:
        return JxlFile(jpeg=samples)
    if stored.mode not in _MODES:
        raise InputError(
            f"cannot read {origin.name}: samples of {header.bits} bits, floating point, are not supported",
            hint="convert it to PNG first: djxl FILE.jxl FILE.png",
        )
    mode, has_alpha = _MODES[stored.mode]
    kind = np.dtype("<u2") if stored.mode == "I;16" else np.dtype(np.uint8)
    shape = (stored.height, stored.width, mode.channels + has_alpha)
    planes = np.frombuffer(samples, kind).reshape(shape)
    found = _collect(data, icc)
    if header.bits > 8 and kind.itemsize == 1:
        found.notes.append(f"its samples have {header.bits} bits: narrowed to 8")
    info = PictureInfo(
        format="JXL",
        size=type(header.size)(stored.height, stored.width),
        mode=mode,
        depth=8 * kind.itemsize,
        has_alpha=has_alpha,
        frames=1,
        loop=None,
        lossless=False,
        metadata=found.metadata,
        notes=tuple(found.notes),
        orientation=1,
    )
    return JxlFile(source=Source(info, partial(_frames, planes, has_alpha)))


def _decode(data: bytes, name: str) -> Any:  # noqa: ANN401  the package carries no types
    try:
        import brotli  # noqa: F401  packs metadata
        from pillow_jxl import Decoder
    except ImportError as error:
        missing = missing_jxl()
        raise InputError(f"cannot read {name}: {missing.message}", hint=missing.hint) from error
    try:
        return Decoder(num_threads=-1)(data)
    except RuntimeError as error:
        # It says no more than how to build it.
        raise ValueError("libjxl can't decode it") from error


def _collect(data: bytes, icc: bytes) -> Collected:
    blocks: dict[bytes, bytes] = {}
    notes: list[str] = []
    for name, content in iterate_boxes(data) if data[:2] != b"\xff\x0a" else ():
        is_packed = name == _PACKED
        name, content = (content[:_NAME_BYTES], content[_NAME_BYTES:]) if is_packed else (name, content)
        if name not in (_EXIF, _XMP):
            continue
        unpacked = _unpack(content) if is_packed else content
        if unpacked is None:
            notes.append(f"its {'EXIF' if name == _EXIF else 'XMP'} data is damaged and was dropped")
            continue
        blocks.setdefault(name, unpacked)
    exif = _without_offset(blocks.get(_EXIF, b"")) or None
    found = Collected(Metadata(icc=icc or None, exif=exif, xmp=blocks.get(_XMP)), notes=notes)
    # libjxl has turned the picture by what its codestream says, which alone counts.
    found.settle(1)
    found.orientation = 1
    return found


def _without_offset(exif: bytes) -> bytes:
    """A block from where it begins, which stands before it, unless a program left that out."""
    if exif[:2] in (b"II", b"MM"):
        return exif
    return exif[4 + int.from_bytes(exif[:4], "big") :]


def _unpack(content: bytes) -> bytes | None:
    """What Brotli packed, up to 64 mebibytes; None where it is more, or damaged."""
    import brotli

    unpacker = brotli.Decompressor()
    try:
        data: bytes = unpacker.process(content, output_buffer_limit=MAX_UNFOLDED_BYTES)
    except brotli.error:
        return None
    return data if unpacker.is_finished() else None


def _frames(planes: Any, has_alpha: bool) -> Iterator[Frame]:  # noqa: ANN401
    values = planes.astype(np.float32) / np.float32(np.iinfo(planes.dtype).max)
    colour = np.ascontiguousarray(values[:, :, :-1] if has_alpha else values)
    yield Frame(colour, np.ascontiguousarray(values[:, :, -1]) if has_alpha else None)
