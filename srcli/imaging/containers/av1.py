"""What the first header of an AV1 bitstream says of colours (AV1 bitstream specification, section 5.5)."""

from __future__ import annotations

_SEQUENCE_HEADER = 1
_MOST_UNITS = 16
_UNSPECIFIED = 2
_CHOOSE = 2


def colour_of_bitstream(data: bytes) -> tuple[int, int] | None:
    """Primaries and transfer of H.273; None where the bitstream says nothing of them, or is damaged."""
    try:
        header = _find_header(data)
        return _colour_of_header(_Bits(header)) if header else None
    except IndexError:
        return None


def _find_header(data: bytes) -> bytes | None:
    """The payload of the first sequence header among the units of a bitstream (section 5.3)."""
    position = 0
    for _ in range(_MOST_UNITS):
        head = data[position]
        position += 2 if head & 0x04 else 1
        size = len(data) - position
        if head & 0x02:
            size, position = _leb128(data, position)
        if head >> 3 & 0x0F == _SEQUENCE_HEADER:
            return data[position : position + size]
        position += size
    return None


def _leb128(data: bytes, position: int) -> tuple[int, int]:
    """A number of seven bits a byte (section 4.10.5), and where it ends."""
    value = 0
    for index in range(8):
        byte = data[position + index]
        value |= (byte & 0x7F) << 7 * index
        if not byte & 0x80:
            break
    return value, position + index + 1


class _Bits:
    """Reads numbers of some bits each."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def take(self, count: int = 1) -> int:
        value = 0
        for _ in range(count):
            byte = self._data[self._position >> 3]
            value = value << 1 | (byte >> 7 - (self._position & 7) & 1)
            self._position += 1
        return value

    def skip(self, count: int) -> None:
        self._position += count

    def skip_uvlc(self) -> None:
        """A number that begins with as many zeros as it has bits behind the first one (section 4.10.3)."""
        zeros = 0
        while not self.take():
            zeros += 1
        self.skip(zeros)


def _colour_of_header(bits: _Bits) -> tuple[int, int] | None:
    profile, _, is_reduced = bits.take(3), bits.take(), bits.take()
    if is_reduced:
        bits.skip(5)
    else:
        _skip_operating_points(bits)
    width_bits, height_bits = bits.take(4) + 1, bits.take(4) + 1
    bits.skip(width_bits + height_bits)
    if not is_reduced and bits.take():
        bits.skip(4 + 3)
    # Block sizes and intra tools; superresolution and filters below.
    bits.skip(3)
    if not is_reduced:
        _skip_motion_tools(bits)
    bits.skip(3)
    return _colour_config(bits, profile)


def _skip_operating_points(bits: _Bits) -> None:
    delay_bits = 0
    if bits.take():
        bits.skip(32 + 32)
        if bits.take():
            bits.skip_uvlc()
        if bits.take():
            delay_bits = bits.take(5) + 1
            bits.skip(32 + 5 + 5)
    has_display_delay = bits.take()
    for _ in range(bits.take(5) + 1):
        bits.skip(12)
        if bits.take(5) > 7:
            bits.skip(1)
        if delay_bits and bits.take():
            bits.skip(2 * delay_bits + 1)
        if has_display_delay and bits.take():
            bits.skip(4)


def _skip_motion_tools(bits: _Bits) -> None:
    bits.skip(4)
    has_order_hint = bits.take()
    if has_order_hint:
        bits.skip(2)
    screen_content = _CHOOSE if bits.take() else bits.take()
    if screen_content and not bits.take():
        bits.skip(1)
    if has_order_hint:
        bits.skip(3)


def _colour_config(bits: _Bits, profile: int) -> tuple[int, int] | None:
    is_deep = bits.take()
    if profile == 2 and is_deep:
        bits.skip(1)
    if profile != 1:
        bits.skip(1)
    if not bits.take():
        return None
    primaries, transfer = bits.take(8), bits.take(8)
    return None if (primaries, transfer) == (_UNSPECIFIED, _UNSPECIFIED) else (primaries, transfer)
