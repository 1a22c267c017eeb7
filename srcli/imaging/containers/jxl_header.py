"""What the first bits of a JPEG XL codestream say (ISO/IEC 18181-1, annex D), and the boxes around it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from srcli.core.geometry import Size
from srcli.imaging.containers.isobmff import iterate_boxes

SIGNATURE = b"\xff\x0a"
# Width over height, by number.
_RATIOS = (
    *(Fraction(0), Fraction(1), Fraction(12, 10), Fraction(4, 3)),
    *(Fraction(3, 2), Fraction(16, 9), Fraction(5, 4), Fraction(2)),
)
_PART_BYTES = 4
_Choices = tuple[tuple[int, int], ...]
"""Four ways to write a number: what is added, and how many bits follow."""
_SIDES: _Choices = ((1, 9), (1, 13), (1, 18), (1, 30))
_PREVIEW_SIDES: _Choices = ((1, 6), (65, 8), (321, 10), (1345, 12))
_PREVIEW_EIGHTHS: _Choices = ((16, 0), (32, 0), (1, 5), (33, 9))
_BITS: _Choices = ((8, 0), (10, 0), (12, 0), (1, 6))
_FLOAT_BITS: _Choices = ((32, 0), (16, 0), (24, 0), (1, 6))


@dataclass(frozen=True, slots=True)
class Header:
    """The first header of a codestream.

    Attributes:
        size: as it is stored, before it is turned.
        bits: of each sample.
        is_float: whether samples are floating-point numbers.
        is_animated: whether frames follow one another in time.
    """

    size: Size
    bits: int = 8
    is_float: bool = False
    is_animated: bool = False


def codestream_of(data: bytes) -> bytes:
    """The codestream of a file, or its first part.

    Raises:
        ValueError: there is none.
    """
    if data.startswith(SIGNATURE):
        return data
    for name, content in iterate_boxes(data):
        if name in (b"jxlc", b"jxlp"):
            return content if name == b"jxlc" else content[_PART_BYTES:]
    raise ValueError("it holds no picture")


def read_header(codestream: bytes) -> Header:
    """What a codestream begins with.

    Raises:
        ValueError: it is none.
        EOFError: it ends within its header.
    """
    if not codestream.startswith(SIGNATURE):
        raise ValueError("it is no codestream of JPEG XL")
    bits = _Bits(codestream[2:64])
    size = _size(bits, _SIDES, ((8, 5),), 8 if bits.take() else 0)
    if bits.take():
        return Header(size)
    is_animated = _extra_fields(bits) if bits.take() else False
    is_float = bool(bits.take())
    return Header(size, bits.number(_FLOAT_BITS if is_float else _BITS), is_float, is_animated)


class _Bits:
    """Reads numbers from the lowest bit of each byte on."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")
        self._left = 8 * len(data)

    def take(self, count: int = 1) -> int:
        self._left -= count
        if self._left < 0:
            raise EOFError
        value = self._value & ((1 << count) - 1)
        self._value >>= count
        return value

    def number(self, choices: _Choices) -> int:
        """A number that is written in one of four ways."""
        added, count = choices[self.take(2)]
        return added + self.take(count)


def _size(bits: _Bits, sides: _Choices, eighths: _Choices, factor: int) -> Size:
    def side() -> int:
        if not factor:
            return bits.number(sides)
        return 8 * (1 + bits.take(5)) if len(eighths) == 1 else 8 * bits.number(eighths)

    height = side()
    ratio = _RATIOS[bits.take(3)]
    return Size(height, int(height * ratio) if ratio else side())


def _extra_fields(bits: _Bits) -> bool:
    """Pass over orientation, the size that is meant and a preview; whether the file is animated."""
    bits.take(3)
    if bits.take():
        _size(bits, _SIDES, ((8, 5),), 8 if bits.take() else 0)
    if bits.take():
        _size(bits, _PREVIEW_SIDES, _PREVIEW_EIGHTHS, 8 if bits.take() else 0)
    if not bits.take():
        return False
    bits.number(((100, 0), (1000, 0), (1, 10), (1, 30)))
    bits.number(((1, 0), (1001, 0), (1, 8), (1, 10)))
    bits.number(((0, 0), (0, 3), (0, 16), (0, 32)))
    bits.take()
    return True
