"""The operators of a graph in the order that ONNX asks for.

Some tools leave them in another one, which onnxruntime takes.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from onnx import GraphProto, NodeProto


def put_in_order(graph: GraphProto) -> None:
    """Put each operator behind those whose results it takes, unless some wait for one another."""
    makers = {name: index for index, node in enumerate(graph.node) for name in node.output if name}
    sources = [{makers[name] for name in _taken(node) if name in makers} for node in graph.node]
    if all(source < index for index, before in enumerate(sources) for source in before):
        return
    try:
        order = list(TopologicalSorter(dict(enumerate(sources))).static_order())
    except CycleError:
        return
    nodes = [graph.node[index] for index in order]
    copies = [type(node).FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(copies)


def _taken(node: NodeProto) -> Iterator[str]:
    """The names that an operator takes, also those that graphs inside it take from outside."""
    yield from node.input
    for attribute in node.attribute:
        for inner in (*([attribute.g] if attribute.HasField("g") else ()), *attribute.graphs):
            for each in inner.node:
                yield from _taken(each)
            yield from (output.name for output in inner.output)
