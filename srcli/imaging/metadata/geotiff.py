"""Where on the globe the pixels of a picture are (OGC GeoTIFF Standard 1.1, section 7; RPC in GeoTIFF)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from srcli.imaging.containers.tiff_fields import Directory, build_block, doubles, parse_block

if TYPE_CHECKING:
    from srcli.imaging.metadata.change import Change

_SCALE, _TIE_POINTS, _TRANSFORMATION, _KEYS = 33550, 33922, 34264, 34735
_NUMBERS, _TEXTS, _GDAL_METADATA, _NO_DATA, _RPC = 34736, 34737, 42112, 42113, 50844
TAGS = frozenset(
    {_SCALE, _TIE_POINTS, _TRANSFORMATION, _KEYS, _NUMBERS, _TEXTS, _GDAL_METADATA, _NO_DATA, _RPC}
)
_RASTER_TYPE, _PIXEL_IS_POINT = 1025, 2
# Of RPC's numbers: line offset, sample offset, line scale, sample scale.
_RPC_NUMBERS = ((2, 7, "down"), (3, 8, "across"))

Matrix = npt.NDArray[np.float64]


def followed(block: bytes, change: Change) -> tuple[bytes, tuple[str, ...]]:
    """The fields as they are true of the new picture, and a warning that names what had to go.

    The corner of the picture stays where it is on the map; its pixels become smaller.
    """
    directory = parse_block(block)
    offset = 0.5 if _is_pixel_point(directory) else 0.0
    moved = _to_new(change, offset)
    lost: list[str] = []
    tie_points = _tie_points(directory)
    if change.turned and len(tie_points) and _SCALE in directory.fields:
        _state_transformation(directory, tie_points[0])
        tie_points = tie_points[:0]
    if len(tie_points):
        places = np.column_stack((tie_points[:, :2], np.ones(len(tie_points)))) @ moved.T
        tie_points[:, :2] = places[:, :2]
        directory.fields[_TIE_POINTS] = doubles(tie_points.reshape(-1))
    if len(scale := _doubles(directory, _SCALE)) == 3:
        directory.fields[_SCALE] = doubles((scale[0] / change.across, scale[1] / change.down, scale[2]))
    if len(numbers := _doubles(directory, _TRANSFORMATION)) == 16:
        directory.fields[_TRANSFORMATION] = doubles(_transformed(np.array(numbers), moved))
    if _RPC in directory.fields:
        lost += _follow_rpc(directory, change)
    return build_block(directory), tuple(lost)


def _to_new(change: Change, offset: float) -> Matrix:
    """The matrix that takes (column, row, 1) of the original to those of the new picture.

    Args:
        change: turned, then enlarged.
        offset: of the point that a whole number means, from the upper left corner of its pixel.
    """
    corners = [(0, 0), (1, 0), (0, 1)]
    origin, right, below = (np.array(change.pixel(x + offset, y + offset)) - offset for x, y in corners)
    return np.column_stack((np.append(right - origin, 0), np.append(below - origin, 0), np.append(origin, 1)))


def _state_transformation(directory: Directory, tie_point: Matrix) -> None:
    """Say by a matrix what a tie point and a scale said: a turned picture's axes aren't those of the map."""
    column, row, _, x, y, z = tie_point
    across, down, up = _doubles(directory, _SCALE)
    matrix = [across, 0, 0, x - column * across, 0, -down, 0, y + row * down, 0, 0, up, z, 0, 0, 0, 1]
    directory.fields[_TRANSFORMATION] = doubles(matrix)
    del directory.fields[_SCALE], directory.fields[_TIE_POINTS]


def _transformed(numbers: Matrix, moved: Matrix) -> Matrix:
    """A matrix from (column, row, height, 1) to the map, for columns and rows of the new picture."""
    back = np.eye(4)
    back[np.ix_((0, 1, 3), (0, 1, 3))] = np.linalg.inv(moved)
    result: Matrix = (numbers.reshape(4, 4) @ back).reshape(-1)
    return result


def _follow_rpc(directory: Directory, change: Change) -> list[str]:
    """Rational polynomials from places to pixels; lines and samples count from the middle of the first."""
    numbers = list(_doubles(directory, _RPC))
    if change.turned or len(numbers) < 10:
        del directory.fields[_RPC]
        return ["its rational polynomials (RPC) are dropped, as it is turned"]
    for offset, scale, axis in _RPC_NUMBERS:
        factor = getattr(change, axis)
        numbers[offset] = (numbers[offset] + 0.5) * factor - 0.5
        numbers[scale] *= factor
    directory.fields[_RPC] = doubles(numbers)
    return []


def _is_pixel_point(directory: Directory) -> bool:
    keys = np.frombuffer(directory.fields[_KEYS].data, "<u2") if _KEYS in directory.fields else np.array([])
    entries = keys[: len(keys) // 4 * 4].reshape(-1, 4)
    return any(key == _RASTER_TYPE and value == _PIXEL_IS_POINT for key, _, _, value in entries)


def _tie_points(directory: Directory) -> Matrix:
    """Column, row, depth and x, y, z of each."""
    numbers = _doubles(directory, _TIE_POINTS)
    return np.array(numbers[: len(numbers) // 6 * 6]).reshape(-1, 6)


def _doubles(directory: Directory, tag: int) -> tuple[float, ...]:
    return directory.fields[tag].doubles if tag in directory.fields else ()
