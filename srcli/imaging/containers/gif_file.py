"""A GIF file taken apart into its blocks (GIF89a)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from srcli.core.geometry import Size
from srcli.imaging.limits import MAX_FILL_BYTES, Allowance, TooMuchError, check_frames

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMENT, APPLICATION = 0xFE, 0xFF
"""Kinds of extensions."""

_TEXT, _CONTROL = 0x01, 0xF9
_FRAME, _EXTENSION, _END = b",!;"
_HEADER_BYTES, _PLACE_BYTES = 13, 10
_CONTROL_BYTES = 4
_APPLICATION_BYTES = (b"\x0b", b"\x0a")
"""Old programs of Adobe write ten."""
_HAS_PALETTE, _PALETTE_BITS = 0x80, 7
_MOST_GROWTH, _SMALL_PIXELS = 4, 2**22


class GifFrame(NamedTuple):
    """One picture, on a part of the canvas.

    Attributes:
        colours: entries of its palette, or of that of the file; 0 where there is none.
        key: colour that stands for transparent, or None.
        start: where the number of bits of its codes stands, with the codes behind it.
    """

    left: int
    top: int
    size: Size
    colours: int
    key: int | None
    start: int
    end: int


@dataclass(slots=True)
class GifFile:
    """A file's blocks.

    Attributes:
        canvas: its size in pixels.
        aspect: what the header says of the shape of pixels; 0 where it says nothing.
        extensions: kind of each, and its sub-blocks with their lengths.
        end: behind the mark that ends the file; None where that is missing.
        notes: what is odd about it.
    """

    canvas: Size
    aspect: int
    frames: list[GifFrame] = field(default_factory=list)
    extensions: list[tuple[int, bytes]] = field(default_factory=list)
    end: int | None = None
    notes: list[str] = field(default_factory=list)


def read_gif_file(data: bytes) -> GifFile:
    """Take a file apart.

    Raises:
        EOFError: it ends within a block.
        ValueError: there is something else between its blocks, or one is of another size than its kind.
        TooMuchError: there are more extensions than in any honest file, or more frames, or larger ones.
    """
    if len(data) < _HEADER_BYTES:
        raise EOFError
    width, height, flags, _, aspect = struct.unpack_from("<HHBBB", data, 6)
    file = GifFile(Size(height, width), aspect)
    beside, key = Allowance(), None
    for mark, place in _blocks(data, _HEADER_BYTES + _palette_bytes(flags)):
        if mark == _END:
            file.end = place + 1
        elif mark == _FRAME:
            check_frames(Size(1, 1), len(file.frames) + 1)
            file.frames.append(_frame(data, place, flags, key))
            _check_reach(file)
            key = None
        else:
            kind, end = data[place + 1], _end_of_sub_blocks(data, place + 2)
            body = data[place + 2 : end - 1]
            # One stands before each frame, and says for how long that is shown.
            beside.spend(len(body) + 1, parts=kind != _CONTROL)
            if kind == _CONTROL:
                key = _key(body)
            elif kind == APPLICATION and body[:1] not in _APPLICATION_BYTES:
                raise ValueError(
                    f"the name of an application in {body[0] if body else 0} bytes, where all have 11"
                )
            file.extensions.append((kind, body))
    file.notes += _notes(file)
    return file


def _blocks(data: bytes, position: int) -> Iterator[tuple[int, int]]:
    """First byte of each block, and its place."""
    fill = Allowance(len(data), MAX_FILL_BYTES, "of fill bytes")
    while position < len(data):
        mark = data[position]
        if not mark:
            fill.spend(1)
            position += 1
            continue
        if mark not in (_FRAME, _EXTENSION, _END):
            raise ValueError(f"a block that begins with the byte {mark}, which no block does")
        yield mark, position
        if mark == _END:
            return
        position = _end_of_block(data, position)


def _end_of_block(data: bytes, place: int) -> int:
    if data[place] == _EXTENSION:
        return _end_of_sub_blocks(data, place + 2)
    if place + _PLACE_BYTES > len(data):
        raise EOFError
    return _end_of_sub_blocks(data, place + _PLACE_BYTES + _palette_bytes(data[place + 9]) + 1)


def _frame(data: bytes, place: int, flags: int, key: int | None) -> GifFrame:
    end = _end_of_block(data, place)
    left, top, width, height, own = struct.unpack_from("<4HB", data, place + 1)
    start = place + _PLACE_BYTES + _palette_bytes(own)
    colours = (_palette_bytes(own) or _palette_bytes(flags)) // 3
    return GifFrame(left, top, Size(height, width), colours, key, start, end)


def _key(body: bytes) -> int | None:
    if len(body) < 1 + _CONTROL_BYTES or body[0] != _CONTROL_BYTES:
        raise ValueError(
            f"a control block of {body[0] if body else 0} bytes, where all have {_CONTROL_BYTES}"
        )
    return body[4] if body[1] & 1 else None


def _reach(file: GifFile) -> Size:
    """How far from the upper left corner the frames reach."""
    return Size(
        max((frame.top + frame.size.height for frame in file.frames), default=0),
        max((frame.left + frame.size.width for frame in file.frames), default=0),
    )


def _check_reach(file: GifFile) -> None:
    """Refuse a frame for which Pillow would enlarge the canvas to many times its size.

    Raises:
        TooMuchError: it reaches that far.
    """
    frame, canvas = file.frames[-1], file.canvas
    reach = Size(
        max(canvas.height, frame.top + frame.size.height), max(canvas.width, frame.left + frame.size.width)
    )
    if reach.pixels > max(_MOST_GROWTH * canvas.pixels, _SMALL_PIXELS):
        raise TooMuchError(f"a frame reaches to {reach}, far beyond its canvas of {canvas}")


def _notes(file: GifFile) -> Iterator[str]:
    reach, canvas = _reach(file), file.canvas
    if file.end is None:
        yield "the mark at its end is missing: frames may be lost"
    if reach.width > canvas.width or reach.height > canvas.height:
        yield f"a frame reaches to {reach}, beyond its canvas of {canvas}"
    elif reach != canvas and file.frames:
        yield f"its canvas of {canvas} is filled up to {reach} by no frame"
    if not all(frame.colours for frame in file.frames):
        yield "it has no palette: the numbers of colours are taken for greys"
    kinds = {kind for kind, _ in file.extensions} - {_CONTROL, COMMENT, APPLICATION}
    if _TEXT in kinds:
        yield "a text that readers would have to draw is dropped"
    if kinds - {_TEXT}:
        unknown = ", ".join(f"0x{kind:02x}" for kind in sorted(kinds - {_TEXT}))
        yield f"unknown GIF extensions were dropped: {unknown}"


def _palette_bytes(flags: int) -> int:
    return 3 << (flags & _PALETTE_BITS) + 1 if flags & _HAS_PALETTE else 0


def _end_of_sub_blocks(data: bytes, position: int) -> int:
    while position < len(data) and data[position]:
        position += 1 + data[position]
    if position >= len(data):
        raise EOFError
    return position + 1
