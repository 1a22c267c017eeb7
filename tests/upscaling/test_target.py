from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srcli.core.errors import UsageError
from srcli.core.geometry import Size
from srcli.upscaling.target import Target, chain_scales, share_scales


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (Target(factor=4), Size(268, 404)),
        (Target(factor=2.5), Size(168, 253)),
        (Target(width=202), Size(134, 202)),
        (Target(height=134), Size(134, 202)),
        (Target(width=202, height=1000), Size(134, 202)),
        (Target(longest=303), Size(201, 303)),
        (Target(shortest=201), Size(201, 303)),
    ],
)
def test_size_follows_the_wish(target, expected):
    assert target.size_for(Size(67, 101)) == expected


def test_half_a_pixel_is_rounded_up():
    assert Target(factor=1.5).size_for(Size(3, 5)) == Size(5, 8)


def test_no_side_vanishes():
    assert Target(width=10).size_for(Size(1, 1000)) == Size(1, 10)


@pytest.mark.parametrize("factor", [0.5, 0.0, -2.0, 16.5, math.nan, math.inf])
def test_factor_out_of_range_is_refused(factor):
    with pytest.raises(UsageError, match="out of range"):
        Target(factor=factor)


@pytest.mark.parametrize("wish", [{"factor": 2, "width": 5}, {"longest": 5, "shortest": 5}, {}])
def test_two_wishes_or_none_are_refused(wish):
    with pytest.raises(UsageError, match="ask for one size"):
        Target(**wish)


def test_a_side_of_no_pixels_is_refused():
    with pytest.raises(UsageError, match="can't be 0 pixels"):
        Target(width=0)


@pytest.mark.parametrize(
    ("target", "label"),
    [
        (Target(factor=4), "x4"),
        (Target(factor=2.5), "x2.5"),
        (Target(longest=2000), "longest2000"),
        (Target(width=20, height=30), "width20_height30"),
    ],
)
def test_label_names_the_wish(target, label):
    assert target.label == label


@pytest.mark.parametrize(
    ("factor", "scales"),
    [
        (2, (2,)),
        (2.1, (3,)),
        (3, (3,)),
        (3.5, (4,)),
        (4, (4,)),
        (5, (4, 2)),
        (8, (4, 2)),
        (16, (4, 4)),
        (1, ()),
    ],
)
def test_chain_takes_the_nearest_generator_above(factor, scales):
    assert chain_scales(factor, (2, 3, 4)) == scales


@pytest.mark.parametrize(("factor", "scale"), [(1.1, 2), (2, 2), (2.01, 4), (3, 4), (4, 4), (7.5, 4)])
def test_chain_begins_with_the_nearest_above_else_the_largest(factor, scale):
    assert chain_scales(factor, (2, 4))[0] == scale


@given(st.floats(1.001, 16.0), st.sets(st.sampled_from([2, 3, 4]), min_size=1))
def test_chain_reaches_the_factor_and_no_more_than_needed(factor, available):
    scales = chain_scales(factor, sorted(available))
    assert math.prod(scales) >= factor * (1 - 1e-5)
    assert math.prod(scales[:-1]) < factor


def test_the_size_can_be_kept():
    kept = Target(keep=True)
    assert (kept.size_for(Size(67, 101)), kept.factor_for(Size(67, 101))) == (Size(67, 101), 1.0)
    with pytest.raises(UsageError, match="ask for one size"):
        Target(factor=2, keep=True)
    with pytest.raises(UsageError, match="scale 1 keeps the size"):
        Target(factor=1.0)


@pytest.mark.parametrize(
    ("factor", "available", "scales"),
    [
        (1, (1,), (1,)),
        (2, (1,), (1,)),
        (0.5, (1,), (1,)),
        (1, (1, 2), (1,)),
        (0.5, (1, 2), ()),
        (2, (1, 2), (2,)),
    ],
)
def test_one_that_keeps_the_size_runs_where_nothing_is_to_be_enlarged(factor, available, scales):
    assert chain_scales(factor, available) == scales


@pytest.mark.parametrize(
    ("factor", "stages", "scales"),
    [
        (4, [(1,), (2, 3, 4)], [(1,), (4,)]),
        (8, [(2, 3, 4), (1,)], [(4, 2), (1,)]),
        (8, [(2, 3, 4), (4,)], [(2,), (4,)]),
        (16, [(2, 4), (1,), (2,)], [(2,), (1,), (2, 2, 2)]),
        (2, [(2,), (4,)], [(2,), (4,)]),
        (6, [(2, 4), (3,)], [(2,), (3,)]),
        (0.5, [(1,), (2,), (4,)], [(1,), (), ()]),
    ],
)
def test_generators_in_a_row_share_the_factor(factor, stages, scales):
    assert share_scales(factor, stages) == scales


@given(
    st.floats(1.001, 16.0),
    st.lists(st.sets(st.sampled_from([1, 2, 3, 4]), min_size=1), min_size=1, max_size=3),
)
def test_generators_in_a_row_reach_the_factor_and_each_runs(factor, stages):
    stages = [sorted(stage) for stage in stages]
    shared = share_scales(factor, stages)
    assert all(shared)
    if max(map(max, stages)) > 1:
        assert math.prod(map(math.prod, shared)) >= factor * (1 - 1e-5)
