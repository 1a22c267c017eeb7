"""A network in its frame: the picture is surrounded, enlarged, cut, and added where a residual came out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.importers.ncnn.graph import INPUT, Blob, Graph

if TYPE_CHECKING:
    from srcli.importers.ncnn.framing import Frame
    from srcli.importers.ncnn.network import Network

SIDES = (9, 11)
"""Rows and columns of the picture that is followed through the graph, in units of ``LEAST`` multiples."""
LEAST = 12


def framed(network: Network, frame: Frame) -> Graph:
    """The graph of a generator: pictures (batch, channels, height, width) to scale times their sides.

    Sides have to be multiples of ``frame.multiple``. Rounding them up is left to the engine, which has to
    know of it: tiles that begin between two multiples would not be those of the whole picture.

    Raises:
        UnsuitableModel: a layer can't be translated.
        DamagedModel: the network's files are broken.
    """
    graph = Graph()
    rows, columns = (side * LEAST * frame.multiple + 2 * frame.margin for side in SIDES)
    made = network.add_to(graph, Blob(_surrounded(graph, frame), (network.channels, rows, columns)))
    result = _cut(graph, frame.offset, made.name)
    if frame.residual:
        result = graph.add("Add", "whole", (result, _repeated(graph, frame.scale)))
    graph.finish(result)
    return graph


def _surrounded(graph: Graph, frame: Frame) -> str:
    """The picture with its margin."""
    margin = _pair(graph, "margin", frame.margin)
    if not frame.mirrored:
        return _padded(graph, INPUT, margin, "edge")
    # ONNX mirrors no more than there is.
    size = graph.add("Shape", "size", (INPUT,), start=2)
    room = graph.add("Sub", "room", (size, _pair(graph, "one", 1)))
    some = graph.add("Min", "mirrored", (margin, room))
    rest = graph.add("Sub", "rest", (margin, some))
    return _padded(graph, _padded(graph, INPUT, some, "reflect"), rest, "edge")


def _padded(graph: Graph, name: str, margin: str, mode: str) -> str:
    """Pictures with more (rows, columns) on all sides."""
    none = _pair(graph, "none", 0)
    pads = graph.add("Concat", "pads", (none, margin, none, margin), axis=0)
    return graph.add("Pad", "surrounded", (name, pads), mode=mode)


def _cut(graph: Graph, offset: int, name: str) -> str:
    """The network's output without what the margin became."""
    if not offset:
        return name
    limits = (_pair(graph, "starts", offset), _pair(graph, "ends", -offset))
    axes = graph.constant("axes", np.array([2, 3], np.int64))
    return graph.add("Slice", "cut", (name, *limits, axes))


def _pair(graph: Graph, name: str, value: int) -> str:
    """A constant with one number for rows and columns."""
    return graph.constant(name, np.array([value] * 2, np.int64))


def _repeated(graph: Graph, scale: int) -> str:
    """The picture with every pixel repeated ``scale`` times each way."""
    factors = graph.constant("factors", np.array([1, 1, scale, scale], np.float32))
    return graph.add(
        "Resize",
        "repeated",
        (INPUT, "", factors),
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )
