"""Whether a graph can leave an empty map of a small picture.

onnxruntime (1.31 at least) divides by zero in convolutions of an empty map, which kills the process. Enhanced
spatial attention (https://arxiv.org/abs/2009.11551) leaves one of small pictures: a convolution of stride 2,
pooling of 7 with stride 3, and a convolution with padding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.engine.graphs.windows import window_of

if TYPE_CHECKING:
    from srcli.engine.graphs.graph import Graph, Operator

_ARITHMETIC = """Abs Add Ceil Clip Cos CumSum Div Elu Equal Erf Exp Floor Gelu Greater HardSigmoid HardSwish
LeakyRelu Less Log Max Mean Min Mish Mod Mul Neg Not PRelu Pow Reciprocal Relu Round Selu Sigmoid Sin Softmax
Softplus Sqrt Sub Sum Tanh Where"""
_STATISTICS = """BatchNormalization GlobalAveragePool GlobalMaxPool InstanceNormalization LayerNormalization
ReduceL2 ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum"""
_ARRANGEMENT = """Cast Concat Constant ConstantOfShape DepthToSpace DequantizeLinear Expand Gather Gemm
Identity MatMul QuantizeLinear Range Reshape Shape Size SpaceToDepth Split Squeeze Tile Transpose Unsqueeze"""
KEEPING = frozenset(f"{_ARITHMETIC} {_STATISTICS} {_ARRANGEMENT}".split())
"""Operators that never make fewer rows or columns than one of what they are given, or refuse it in words."""
WINDOWED = frozenset({"Conv", "QLinearConv", "MaxPool", "AveragePool", "ConvTranspose"})
DIVIDING = WINDOWED | {"GlobalAveragePool", "GlobalMaxPool", "Resize", "Upsample"}
"""What may not be given an empty map."""


def never_empties(graph: Graph) -> bool:
    """Whether nothing that may be an empty map, of a picture that is not empty, goes on into a window.

    A graph of which that can't be told isn't run on pictures below the usual size.
    """
    doubtful = False
    for operator in graph.operators:
        if operator.inner or (doubtful and operator.kind in DIVIDING):
            return False
        doubtful = doubtful or not _keeps_a_pixel(operator, graph)
    return True


def window_too_large(graph: Graph) -> str | None:
    """The operator whose window is larger than the single pixel that it is always given; None for none.

    Such a graph never runs, and onnxruntime (1.31 at least) may end the process as it deduces its sizes.
    """
    single: set[str] = set()
    for operator in graph.operators:
        given = [name for name in operator.inputs if name not in graph.constants]
        alone = bool(given) and single.issuperset(given)
        if operator.kind in ("GlobalAveragePool", "GlobalMaxPool"):
            single.update(operator.outputs)
        elif alone and operator.kind in WINDOWED and operator.kind != "ConvTranspose":
            if min(_spare(operator, graph) or [0]) < 0:
                return f"{operator.kind} {operator.outputs[0]}"
            # One pixel with a margin may have become several.
        elif alone and operator.kind in _ARITHMETIC.split():
            single.update(operator.outputs)
    return None


def _keeps_a_pixel(operator: Operator, graph: Graph) -> bool:
    """Whether an operator makes at least one pixel of one."""
    if operator.kind in WINDOWED:
        return _window_keeps(operator, graph)
    if operator.kind in ("Resize", "Upsample"):
        factors = graph.numbers(operator, 2 if operator.kind == "Resize" else 1)
        return factors is not None and all(factor >= 1 for factor in factors)
    if operator.kind == "Pad":
        pads = graph.numbers(operator, 1) or operator.integers.get("pads", ())
        return all(pad >= 0 for pad in pads)
    return operator.kind in KEEPING


def _window_keeps(operator: Operator, graph: Graph) -> bool:
    """Whether a convolution or pooling makes at least one pixel of one."""
    spare = _spare(operator, graph)
    if spare is None:
        return False
    # A transposed convolution loses by padding what an ordinary one gains.
    return max(spare) <= 0 if operator.kind == "ConvTranspose" else min(spare) >= 0


def _spare(operator: Operator, graph: Graph) -> list[int] | None:
    """How many pixels padding adds to one, less those that a window needs; None where that isn't told."""
    if operator.texts.get("auto_pad", "NOTSET").startswith("SAME"):
        return [0]
    window = window_of(operator, graph)
    if window is None:
        return None
    return [more - (reach - 1) for more, reach in zip(window.padding, window.reach, strict=True)]
