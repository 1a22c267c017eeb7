"""Laws of the tile geometry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from srcli.core.errors import UsageError
from srcli.core.geometry import Size
from srcli.engine.tiling.blend import axis_weights
from srcli.engine.tiling.tiles import Area, plan_grid


@st.composite
def grids(draw, *, blend=None):
    multiple = draw(st.sampled_from([1, 1, 2, 4]))
    size = Size(*(multiple * draw(st.integers(1, 90)) for _ in range(2)))
    window = Size(*(multiple * draw(st.integers(1, 40)) for _ in range(2)))
    overlap = draw(st.integers(0, 12))
    usable = -(-overlap // multiple) * multiple
    assume(min(window) > 2 * usable)
    blended = draw(st.booleans()) if blend is None else blend
    grid = plan_grid(size, window=window, overlap=overlap, scale=2, multiple=multiple, blend=blended)
    return size, overlap, multiple, grid


def owned_part(window):
    return (
        slice(window.row.own_start, window.row.own_stop),
        slice(window.column.own_start, window.column.own_stop),
    )


@given(grids())
def test_owned_pixels_partition_the_picture(case):
    size, _, _, grid = case
    owned = np.zeros(size, int)
    for window in grid.windows():
        owned[
            window.row.own_start : window.row.own_stop, window.column.own_start : window.column.own_stop
        ] += 1
    assert (owned == 1).all()


@given(grids())
def test_windows_have_one_shape_and_stay_inside(case):
    size, _, multiple, grid = case
    for window in grid.windows():
        assert window.size == grid.window
        assert window.row.start >= 0
        assert window.column.start >= 0
        assert window.row.stop <= size.height
        assert window.column.stop <= size.width
        assert window.row.start % multiple == window.column.start % multiple == 0


@given(grids())
def test_owned_pixels_keep_the_overlap_from_every_cut_edge(case):
    size, overlap, _, grid = case
    for spans, length in ((grid.rows, size.height), (grid.columns, size.width)):
        for span in spans:
            assert span.start == 0 or span.own_start - span.start >= overlap
            assert span.stop == length or span.stop - span.own_stop >= overlap


@given(grids(blend=True))
def test_weights_are_positive_and_add_up_to_one(case):
    size, _, _, grid = case
    for spans, length in ((grid.rows, size.height), (grid.columns, size.width)):
        total = np.zeros(length * grid.scale)
        for span in spans:
            weights = axis_weights(span, grid.scale)
            assert (weights > 0).all()
            total[span.area_start * grid.scale : span.area_stop * grid.scale] += weights
        np.testing.assert_allclose(total, 1, atol=1e-12)


@given(grids(blend=True))
def test_cross_fades_keep_most_of_the_overlap_from_every_cut_edge(case):
    size, overlap, _, grid = case
    for spans, length in ((grid.rows, size.height), (grid.columns, size.width)):
        for span in spans:
            assert span.start == 0 or span.area_start - span.start >= overlap - overlap // 4
            assert span.stop == length or span.stop - span.area_stop >= overlap - overlap // 4


@given(st.data())
def test_windows_over_an_area_own_exactly_the_area(data):
    size = Size(data.draw(st.integers(20, 90)), data.draw(st.integers(20, 90)))
    top, left = data.draw(st.integers(0, size.height - 2)), data.draw(st.integers(0, size.width - 2))
    area = Area(
        top,
        data.draw(st.integers(top + 1, size.height)),
        left,
        data.draw(st.integers(left + 1, size.width)),
    )
    overlap = data.draw(st.integers(0, 6))
    grid = plan_grid(size, window=Size(16, 18), overlap=overlap, scale=2, area=area)
    owned = np.zeros(size, int)
    for window in grid.windows():
        owned[owned_part(window)] += 1
        for span, length in ((window.row, size.height), (window.column, size.width)):
            assert 0 <= span.start < span.stop <= length
            assert span.start == 0 or span.own_start - span.start >= overlap
            assert span.stop == length or span.stop - span.own_stop >= overlap
    assert (owned[area.top : area.bottom, area.left : area.right] == 1).all()
    assert owned.sum() == area.size.pixels


def test_a_picture_within_the_window_takes_one_window_of_its_own_size():
    grid = plan_grid(Size(20, 31), window=Size(96, 96), overlap=16, scale=4)
    assert len(grid) == 1
    assert grid.window == Size(20, 31)


def test_windows_spread_evenly_without_a_thin_rest():
    grid = plan_grid(Size(96, 200), window=Size(96, 96), overlap=16, scale=2)
    assert [span.start for span in grid.columns] == [0, 52, 104]


def test_a_window_within_its_overlaps_is_refused():
    with pytest.raises(UsageError) as caught:
        plan_grid(Size(200, 200), window=Size(96, 96), overlap=51, scale=2)
    assert caught.value.message == "a tile of 96 is too small for an overlap of 51 on each side"
    assert caught.value.hint == "--tile 103 or larger, or a smaller --overlap"


def test_a_window_that_is_no_multiple_is_refused():
    with pytest.raises(UsageError, match="a window of 95 is no multiple of 2"):
        plan_grid(Size(200, 200), window=Size(95, 96), overlap=8, scale=2, multiple=2)
