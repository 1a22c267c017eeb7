"""Pictures read from top to bottom: the same rows whatever the bands, from whichever row on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from srcli.core.geometry import Size
from srcli.core.rows import Rows, SlidingRows, Tape, abreast, rows_of, whole

PICTURE = np.arange(150 * 7 * 3).reshape(150, 7, 3)
HEIGHTS = st.lists(st.integers(1, 90), min_size=1, max_size=12)


def in_bands(heights):
    """The picture in bands of these heights, over and over."""

    def read(start):
        top = 0
        while start < len(PICTURE):
            height = heights[top % len(heights)]
            yield PICTURE[start : start + height]
            start, top = start + height, top + 1

    return Rows(Size(150, 7), read)


def joined(bands):
    return np.concatenate(list(bands))


@given(HEIGHTS, st.integers(0, 149))
def test_bands_join_to_the_picture_from_any_row_on(heights, start):
    rows = in_bands(heights)
    np.testing.assert_array_equal(whole(rows), PICTURE)
    np.testing.assert_array_equal(joined(rows.thin().read(start)), PICTURE[start:])
    np.testing.assert_array_equal(joined(rows.map(lambda band: band + 1).read(start)), PICTURE[start:] + 1)


def test_thin_bands_are_views_of_64_rows_at_most():
    bands = list(rows_of(PICTURE).thin().read(0))
    assert [len(band) for band in bands] == [64, 64, 22]
    assert all(np.shares_memory(band, PICTURE) for band in bands)


def test_a_picture_of_one_band_is_not_copied():
    assert whole(rows_of(PICTURE)) is not None
    assert np.shares_memory(whole(rows_of(PICTURE)), PICTURE)


@given(HEIGHTS, HEIGHTS, st.integers(0, 149))
def test_pictures_side_by_side_keep_the_pace_of_the_first(first, second, start):
    for one, other in abreast(in_bands(first), in_bands(second).map(np.negative))(start):
        np.testing.assert_array_equal(other, -one)


@given(HEIGHTS)
def test_a_tape_gives_each_row_twice_and_reads_it_once(heights):
    read = []
    tape = Tape(in_bands(heights).map(lambda band: read.append(len(band)) or band))
    now, later, again = tape.now(), tape.later(), []
    for band in now:
        again.append(next(later))
        assert again[-1] is band
    assert list(tape.passed()) == []
    np.testing.assert_array_equal(joined(again), PICTURE)
    assert sum(read) == 150


def test_rows_that_were_dropped_are_not_held():
    window = SlidingRows(in_bands([10]).read(20), 20)
    np.testing.assert_array_equal(window.rows(25, 45), PICTURE[25:45])
    window.drop(45)
    np.testing.assert_array_equal(window.rows(45, 52), PICTURE[45:52])
    with pytest.raises(StopIteration):
        window.rows(140, 151)
