"""Reads the binary half of an ncnn network: arrays one behind the other, in the order of the layers.

Each begins with a tag of four bytes, unless its layer always stores 32-bit floats, and is padded to four
bytes. Little-endian throughout.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from srcli.core.errors import DamagedModel

Array: TypeAlias = npt.NDArray[np.float32]

LARGEST_FILE = 256 * 2**20
"""Bytes; even where each becomes a float, the ONNX file stays below its limit of 2 GiB."""
HALF = 0x01306B47
INT8 = 0x000D4B38
FLOATS = (0, 0x0002C056)
TABLE = 256


@dataclass(frozen=True, slots=True)
class Stored:
    """An array as it was stored: float32, and whether its values were 8-bit integers, -128..127."""

    values: Array
    integers: bool = False


class Weights:
    """A position in the file, moving forwards. Nothing is allocated before the file is known to hold it.

    Args:
        data: the file.
        decoded: arrays decoded by an earlier walk through the same file, by their position.
    """

    def __init__(self, data: bytes, decoded: dict[int, Array] | None = None) -> None:
        self._data = data
        self._position = 0
        self._decoded = {} if decoded is None else decoded

    def tagged(self, count: int) -> Stored:
        """The next array, stored as its tag says: (count,).

        Raises:
            DamagedModel: the file ends before, or the numbers are not finite.
        """
        tag = int.from_bytes(self._bytes(4), "little")
        if tag in FLOATS:
            return Stored(self.floats(count))
        if tag == HALF:
            return Stored(self._decode(count, 2, "<f2"))
        if tag == INT8:
            return Stored(self._decode(count, 1, "i1"), integers=True)
        return Stored(self._from_table(count))

    def floats(self, count: int) -> Array:
        """The next array of a layer that always stores 32-bit floats: float32 (count,).

        Raises:
            DamagedModel: the file ends before, or the numbers are not finite.
        """
        return self._decode(count, 4, "<f4")

    def finish(self) -> None:
        """Refuse bytes that no layer asked for.

        Raises:
            DamagedModel: there are some, so that the two files are no pair.
        """
        left = len(self._data) - self._position
        if left:
            raise DamagedModel(f"{left} bytes of weights are left over: the two files are no pair")

    def _from_table(self, count: int) -> Array:
        """An array of bytes that point into a table of 256 numbers."""
        table = self._decode(TABLE, 4, "<f4")
        indices = np.frombuffer(self._bytes(count), np.uint8)
        return table[indices]

    def _decode(self, count: int, size: int, kind: str) -> Array:
        """The next ``count`` numbers of ``size`` bytes each."""
        start = self._position
        raw = self._bytes(count * size)
        if start not in self._decoded:
            values = np.frombuffer(raw, kind).astype(np.float32, copy=False)
            if not np.isfinite(values).all():
                raise DamagedModel(f"the weights at byte {start} are not all finite")
            self._decoded[start] = values
        return self._decoded[start]

    def _bytes(self, count: int) -> memoryview:
        """The next ``count`` bytes, and past the padding behind them."""
        start, end = self._position, self._position + count
        padded = end + -end % 4
        if padded > len(self._data):
            raise DamagedModel(
                f"the weights end at byte {len(self._data)}, where {padded} are needed: "
                "truncated, or no pair with the .param file"
            )
        self._position = padded
        return memoryview(self._data)[start:end]
