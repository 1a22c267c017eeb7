"""Which windows the planner chooses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srcli.core.errors import UsageError
from srcli.core.geometry import Size
from srcli.engine.inference import ort_session
from srcli.engine.tiling.planner import CANVAS_BYTES, available_memory, plan_window, window_for
from srcli.engine.tiling.tiles import plan_grid

AMPLE = 2**40


def plan(size, *, tile=None, overlap=16, memory_bytes=AMPLE, multiple=1, **more):
    return plan_window(
        size,
        scale=4,
        overlap=overlap,
        multiple=multiple,
        memory_bytes=memory_bytes,
        bytes_per_pixel=1000,
        tile=tile,
        **more,
    )


def test_patches_are_fused_where_memory_allows():
    window = plan(Size(2000, 3000))
    assert min(window) > 288
    assert max(window) <= 576


@pytest.mark.parametrize(("patches", "side"), [(1, 96), (2, 192), (3, 288), (4, 384)])
def test_little_memory_fuses_fewer_patches(patches, side):
    size = Size(2016, 2016)
    canvas_bytes = min(size.scaled(4).pixels * 12, CANVAS_BYTES)
    memory_bytes = 2 * (canvas_bytes + side**2 * 1000)
    window = plan(size, memory_bytes=memory_bytes)
    assert side - 40 < window.height <= side
    assert patches * 96 == side


def test_no_memory_at_all_leaves_one_patch():
    assert max(plan(Size(2000, 2000), memory_bytes=0)) <= 96


def test_a_small_picture_is_one_window():
    assert plan(Size(37, 211)) == Size(37, 211)


def test_windows_fit_the_picture_evenly():
    assert plan(Size(800, 800)) == Size(416, 416)


def test_generators_that_look_far_get_larger_windows():
    assert 576 < max(plan(Size(3000, 3000), overlap=90)) <= 768
    assert max(plan(Size(2000, 2000), overlap=51, memory_bytes=0)) <= 288


def test_an_explicit_tile_is_taken_as_it_is():
    assert plan(Size(2000, 2000), tile=96, memory_bytes=0) == Size(96, 96)
    assert plan(Size(2000, 2000), tile=1000, memory_bytes=0) == Size(1000, 1000)


def test_an_explicit_tile_has_to_suit_the_generator():
    with pytest.raises(UsageError, match="--tile 97 does not suit the generator, which needs multiples of 2"):
        plan(Size(2000, 2000), tile=97, multiple=2)


@given(
    st.integers(1, 3000),
    st.integers(1, 3000),
    st.integers(0, 60),
    st.sampled_from([1, 2, 4, 8]),
    st.sampled_from([0, 10**9, AMPLE]),
)
def test_every_planned_window_can_be_laid_out(height, width, overlap, multiple, memory_bytes):
    window = plan(Size(height, width), overlap=overlap, multiple=multiple, memory_bytes=memory_bytes)
    padded = Size(*(-(-side // multiple) * multiple for side in (height, width)))
    grid = plan_grid(padded, window=window, overlap=overlap, scale=4, multiple=multiple)
    assert grid.window == window


@given(st.integers(385, 3000), st.integers(0, 40))
def test_shrinking_the_window_adds_no_windows(side, overlap):
    size = Size(side, side)
    window = plan(size, overlap=overlap)
    largest = plan_grid(size, window=Size(384, 384), overlap=overlap, scale=4)
    assert len(plan_grid(size, window=window, overlap=overlap, scale=4)) <= len(largest)


def test_a_generator_of_one_size_gets_that_size(open_tiny):
    traits = open_tiny("fixed_size").traits
    assert window_for(Size(500, 500), traits, ort_session.CPU, overlap=6, tile=None) == Size(40, 48)
    with pytest.raises(UsageError, match="takes 48x40 only"):
        window_for(Size(500, 500), traits, ort_session.CPU, overlap=6, tile=96)


def test_the_cpu_has_memory():
    assert available_memory(ort_session.CPU) > 2**20


def test_a_generator_that_looks_at_the_whole_gets_it_where_memory_allows(open_tiny, monkeypatch):
    traits = open_tiny("pooled").traits
    size = Size(1001, 1500)

    def window(memory_bytes, tile=None):
        monkeypatch.setattr("srcli.engine.tiling.planner.available_memory", lambda _: memory_bytes)
        return window_for(size, traits, ort_session.CPU, overlap=32, tile=tile)

    assert window(2**34) == size
    assert window(2**34, tile=96) == Size(96, 96)
    assert max(window(2**27)) < 1000
