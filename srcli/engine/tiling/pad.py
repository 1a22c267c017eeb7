"""Mirrors pictures at the bottom and the right, until a generator takes their size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.core.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.core.geometry import Size
    from srcli.core.rows import Band


def pad_rows(rows: Rows, size: Size) -> Rows:
    """The picture followed by its own reflection, the outermost row and column not repeated.

    Args:
        rows: the picture.
        size: at least the picture's, in both directions.
    """
    below, beside = size.height - rows.size.height, size.width - rows.size.width
    if not (below or beside):
        return rows

    def read(start: int) -> Iterator[Band]:
        # What is reflected below the last row begins at most that many rows above it.
        needed = max(0, rows.size.height - 1 - below)
        first = min(start, needed)
        tail: list[Band] = []
        top = first
        for band in rows.read(first):
            tail.append(band[max(0, needed - top) :])
            wanted = band[max(0, start - top) :]
            top += len(band)
            if len(wanted):
                yield np.pad(wanted, ((0, 0), (0, beside), (0, 0)), mode="reflect")
        if below:
            held = np.concatenate(tail)
            mirrored = np.pad(held, ((0, below), (0, beside), (0, 0)), mode="reflect")[len(held) :]
            yield mirrored[max(0, start - rows.size.height) :]

    return Rows(size, read)
