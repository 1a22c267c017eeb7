"""Counting what a generator costs."""

from __future__ import annotations

from itertools import pairwise

import pytest

from srcli.importers.cost import count_multiplications
from tests import tiny_models


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
