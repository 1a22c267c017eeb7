"""Counting what a generator costs."""

from __future__ import annotations

from itertools import pairwise

import pytest

from srcli.importers.cost import count_multiplications, count_parameters
from srcli.importers.half import to_half
from srcli.importers.ncnn.reader import read_ncnn
from tests import tiny_models
from tests.importers.ncnn_files import NcnnFiles


def body(reach, width, scale, channels=3):
    """Multiply-adds per pixel of the convolutions in ``deep``."""
    sides = [channels, *[width] * (reach - 1), channels * scale**2]
    return sum(9 * given * made for given, made in pairwise(sides))


@pytest.mark.parametrize(("reach", "width", "scale"), [(6, 8, 2), (2, 5, 3)])
def test_convolutions(reach, width, scale, tmp_path):
    path = tiny_models.deep(tmp_path / "deep.onnx", scale, reach, width)
    assert count_multiplications(path.read_bytes()) == body(reach, width, scale)


def test_a_generator_of_a_fixed_size(tmp_path):
    path = tiny_models.fixed_size(tmp_path / "fixed.onnx", 2, 40, 48)
    assert count_multiplications(path.read_bytes()) == body(6, 8, 2)


def test_channels_last(tmp_path):
    path = tiny_models.channels_last(tmp_path / "last.onnx")
    assert count_multiplications(path.read_bytes()) == body(6, 8, 2)


def test_no_convolutions(tmp_path):
    assert count_multiplications(tiny_models.nearest(tmp_path / "nearest.onnx").read_bytes()) == 0


def test_half_precision_costs_the_same(tmp_path):
    full = tiny_models.deep(tmp_path / "deep.onnx").read_bytes()
    assert count_multiplications(to_half(full)) == body(6, 8, 2)


@pytest.fixture
def framed(tmp_path):
    """An ncnn network, around which the import puts a margin of a computed size."""
    files = NcnnFiles().convolve("a", "data", 3, 8, "4=1 9=1").convolve("b", "a", 8, 12)
    files.add("PixelShuffle up 1 1 b out 0=2")
    return read_ncnn(files.write(tmp_path)).model


def test_a_computed_margin_counts_with_its_picture(framed):
    with_margin = (960 + 2 * 10) ** 2 / 960**2
    assert count_multiplications(framed) == round((9 * 3 * 8 + 9 * 8 * 12) * with_margin)


def test_parameters_are_those_of_convolutions_and_their_like(framed, tmp_path):
    assert count_parameters(framed) == 9 * 3 * 8 + 8 + 9 * 8 * 12 + 12
    assert count_parameters(tiny_models.nearest(tmp_path / "nearest.onnx").read_bytes()) == 0
    assert count_parameters(tiny_models.wide_range(tmp_path / "wide.onnx").read_bytes()) == count_parameters(
        tiny_models.deep(tmp_path / "deep.onnx").read_bytes()
    )
