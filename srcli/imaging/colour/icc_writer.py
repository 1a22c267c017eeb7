"""ICC profiles of spaces that three primaries and one curve describe (ICC.1:2022, section 8.3)."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Matrix: TypeAlias = npt.NDArray[Any]
Point: TypeAlias = tuple[float, float]
"""Chromaticity x and y (CIE 1931)."""

D50 = np.array([0.9642, 1.0, 0.8249])
"""XYZ of the white that profiles are relative to (section 7.2.16)."""

# How the eye's receptors answer to XYZ, after Bradford (annex E).
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


class Primaries(NamedTuple):
    """Where the red, green, blue and white of a colour space lie."""

    red: Point
    green: Point
    blue: Point
    white: Point

    @property
    def is_possible(self) -> bool:
        """Whether the three colours span a space that holds the white."""
        if min(point[1] for point in (self.red, self.green, self.white)) <= 0:
            return False
        return bool(abs(np.linalg.det(_columns(self))) > 1e-6)

    def is_near(self, other: Primaries, tolerance: float) -> bool:
        """Whether no number differs by more than the tolerance."""
        return bool(np.abs(np.subtract(self, other)).max() <= tolerance)


SRGB_PRIMARIES = Primaries((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), (0.3127, 0.3290))


def matrix_to_xyz(primaries: Primaries) -> Matrix:
    """The matrix (3, 3) from linear RGB to XYZ relative to D50, adapted after Bradford."""
    columns = _columns(primaries)
    white = _to_xyz(primaries.white)
    matrix: Matrix = _adaptation(white) @ (columns * np.linalg.solve(columns, white))
    return matrix


def build_profile(primaries: Primaries, curve: Matrix, *, grey: bool) -> bytes:
    """A profile of version 4 for a display.

    Args:
        primaries: of the space.
        curve: light, 0..1, at equal steps of the value.
        grey: for pictures of one channel.
    """
    entries = np.rint(np.clip(curve, 0, 1) * 65535).astype(">u2")
    shaped = b"curv\0\0\0\0" + struct.pack(">I", len(entries)) + entries.tobytes()
    tags = {
        b"desc": _text("colours as the file describes them"),
        b"cprt": _text("no copyright, use freely"),
        b"wtpt": _xyz(D50),
        b"chad": b"sf32\0\0\0\0" + _fixed(_adaptation(_to_xyz(primaries.white)).ravel()),
    }
    if grey:
        tags[b"kTRC"] = shaped
    else:
        columns = matrix_to_xyz(primaries).T
        tags |= {
            name: _xyz(column) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)
        }
        tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), shaped)
    return _assemble(tags, b"GRAY" if grey else b"RGB ")


def _columns(primaries: Primaries) -> Matrix:
    red, green, blue, _ = primaries
    columns: Matrix = np.array([[x, y, 1 - x - y] for x, y in (red, green, blue)]).T
    return columns


def _to_xyz(point: Point) -> Matrix:
    x, y = point
    white: Matrix = np.array([x / y, 1.0, (1 - x - y) / y])
    return white


def _adaptation(white: Matrix) -> Matrix:
    scale = (_BRADFORD @ D50) / (_BRADFORD @ white)
    adaptation: Matrix = np.linalg.inv(_BRADFORD) @ np.diag(scale) @ _BRADFORD
    return adaptation


def _assemble(tags: dict[bytes, bytes], space: bytes) -> bytes:
    start = 128 + 4 + 12 * len(tags)
    table, body, places = b"", b"", dict[bytes, int]()
    for name, data in tags.items():
        if data not in places:
            places[data] = start + len(body)
            body += data + bytes(-len(data) % 4)
        table += name + struct.pack(">II", places[data], len(data))
    header = struct.pack(">I4xI4s4s4s", start + len(body), 0x04400000, b"mntr", space, b"XYZ ")
    # A date, since some readers refuse none: that of the standard.
    header += struct.pack(">6H", 2022, 5, 1, 0, 0, 0) + b"acsp" + bytes(28) + _fixed(D50)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _xyz(values: Matrix) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(values)


def _fixed(values: Matrix) -> bytes:
    """Numbers of 16 bits before and 16 behind the point."""
    return bytes(np.rint(values * 65536).astype(">i4"))


def _text(words: str) -> bytes:
    encoded = words.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(encoded), 28) + encoded
