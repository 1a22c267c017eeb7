"""Probing files that kill or occupy the process that tries them."""

from __future__ import annotations

import pytest

from srcli.core.errors import DamagedModel, UnsuitableModel
from srcli.engine.probing.apart import probe_apart
from srcli.engine.probing.probe import probe_model
from tests import tiny_models


def test_it_finds_what_probing_finds(tmp_path):
    path = tiny_models.deep(tmp_path / "deep.onnx")
    assert probe_apart(path) == probe_model(path)


def test_the_least_side_where_smaller_pictures_kill(tmp_path):
    assert probe_apart(tiny_models.attention(tmp_path / "attention.onnx")).minimum == 16


def test_a_graph_that_always_kills(tmp_path):
    path = tiny_models.attention(tmp_path / "attention.onnx", poolings=5, hidden=True)
    with pytest.raises((UnsuitableModel, DamagedModel), match=r"attention\.onnx"):
        probe_apart(path)


def test_a_graph_without_end(tmp_path):
    path = tiny_models.endless(tmp_path / "endless.onnx")
    with pytest.raises(
        UnsuitableModel, match=r"endless\.onnx: the process that tried it gave no sign of life"
    ):
        probe_apart(path, limit_s=3)
