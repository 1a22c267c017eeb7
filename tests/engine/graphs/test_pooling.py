"""Telling global pooling in a graph."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import helper

from srcli.engine.graphs.pooling import pools_globally
from srcli.engine.probing.probe import probe_basics
from tests import tiny_models
from tests.engine.graphs.test_emptiness import graph_of


@pytest.mark.parametrize(
    ("kind", "inputs", "words", "expected"),
    [
        ("GlobalAveragePool", [], {}, True),
        ("InstanceNormalization", ["one", "one"], {}, True),
        ("AveragePool", [], {"kernel_shape": [3, 3]}, False),
        ("ReduceMean", [], {}, True),
        ("ReduceMean", [], {"axes": [2, 3]}, True),
        ("ReduceMean", [], {"axes": [-1, -2]}, True),
        ("ReduceMean", [], {"axes": [1]}, False),
        ("ReduceMean", [], {"axes": [-1]}, False),
        ("ReduceMax", ["spatial"], {}, True),
        ("ReduceMax", ["channels"], {}, False),
        ("ReduceSum", ["unknown"], {}, False),
    ],
)
def test_operators(kind, inputs, words, expected, tmp_path):
    constants = {"one": np.ones(3, np.float32), "spatial": np.array([3, 2]), "channels": np.array([1])}
    node = helper.make_node(kind, ["input", *inputs], ["last"], **words)
    assert pools_globally(graph_of(tmp_path, node, **constants)) == expected


@pytest.mark.parametrize(("build", "expected"), [("pooled", True), ("deep", False), ("attention", False)])
def test_networks(build, expected, tmp_path):
    assert probe_basics(getattr(tiny_models, build)(tmp_path / "model.onnx")).whole == expected
