"""Whether a graph looks at a picture as a whole, which operators that pool all rows and columns show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from srcli.engine.graphs.graph import Graph, Operator

GLOBAL = frozenset({"GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool", "InstanceNormalization"})
SPATIAL = (frozenset({2, 3}), frozenset({1, 2}))
"""Axes of rows and columns: channels first, channels last."""
AXES = 4


def pools_globally(graph: Graph) -> bool:
    """Whether an operator takes the mean, the sum or an extreme of all rows and columns.

    Squeeze-and-excitation (https://arxiv.org/abs/1709.01507) and instance normalisation do. Attention over
    all pixels is not told from that over windows, and has to be measured.
    """
    return any(
        operator.kind in GLOBAL or _reduces_rows_and_columns(operator, graph) for operator in graph.operators
    )


def _reduces_rows_and_columns(operator: Operator, graph: Graph) -> bool:
    if not operator.kind.startswith("Reduce"):
        return False
    named = operator.integers.get("axes") or graph.numbers(operator, 1)
    if named is None:
        # Axes that are computed, or none, which means all of them.
        return len(operator.inputs) < 2 or not operator.inputs[1]
    axes = {int(axis) % AXES for axis in named}
    return any(spatial <= axes for spatial in SPATIAL)
