"""PReLU written out for CPUs."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from srcli.importers.blend import blend
from srcli.importers.prelu import spread_prelu

SLOPES = np.array([0.2, -0.5, 1.7, 0.0, 1.0], np.float32)


def _network(slopes, before="Conv", seed=0):
    """A convolution, or another node, to five channels, PReLU, and a convolution to three."""
    random = np.random.default_rng(seed)
    tensors = {
        "first": random.normal(size=(5, 3, 3, 3)),
        "second": random.normal(size=(3, 5, 3, 3)),
        "slope": slopes,
    }
    pads = {"pads": [1, 1, 1, 1]}
    middle = helper.make_node("Neg", ["made"], ["given"]) if before != "Conv" else None
    nodes = [
        helper.make_node("Conv", ["input", "first"], ["made" if middle else "given"], **pads),
        *([middle] if middle else []),
        helper.make_node("PRelu", ["given", "slope"], ["bent"]),
        helper.make_node("Conv", ["bent", "second"], ["output"], **pads),
    ]
    ends = [
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n", 3, "h", "w"])
        for name in ("input", "output")
    ]
    weights = [numpy_helper.from_array(np.asarray(a, np.float32), name) for name, a in tensors.items()]
    graph = helper.make_graph(nodes, "network", ends[:1], ends[1:], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return model.SerializeToString()


def _run(model):
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    picture = np.random.default_rng(1).normal(size=(2, 3, 7, 11)).astype(np.float32)
    return session.run(None, {"input": picture})[0]


def _kinds(model):
    return [node.op_type for node in onnx.load_model_from_string(model).graph.node]


def test_what_follows_a_convolution_is_spread_and_computes_the_same():
    model = _network(SLOPES.reshape(5, 1, 1))
    spread = spread_prelu(model)
    assert _kinds(spread) == ["Conv", "Relu", "Conv", "Conv", "Add", "Conv"]
    assert np.allclose(_run(spread), _run(model), atol=1e-5)
    onnx.checker.check_model(onnx.load_model_from_string(spread))
    assert "slope" not in {t.name for t in onnx.load_model_from_string(spread).graph.initializer}


@pytest.mark.parametrize(
    ("slopes", "before"), [(SLOPES[:1].reshape(1, 1, 1), "Conv"), (SLOPES.reshape(5, 1, 1), "Neg")]
)
def test_what_can_not_be_spread_stays(slopes, before):
    model = _network(slopes, before)
    assert spread_prelu(model) == model


def test_spread_generators_blend_as_they_would_have_before(tmp_path):
    models = [_network(SLOPES.reshape(5, 1, 1)), _network(SLOPES[::-1].reshape(5, 1, 1), seed=0)]
    for name, change in (("plain", bytes), ("spread", spread_prelu)):
        for number, model in enumerate(models):
            (tmp_path / f"{name}{number}.onnx").write_bytes(change(model))
    plain, spread = (
        blend(tmp_path / f"{name}0.onnx", tmp_path / f"{name}1.onnx", 0.3) for name in ("plain", "spread")
    )
    assert np.allclose(_run(spread), _run(plain), atol=1e-5)
