"""A network in its frame: the picture is surrounded, enlarged, cut, and added where a residual came out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcli.importers.ncnn.graph import INPUT, Blob, Graph
from srcli.importers.ncnn.network import COLOURS

if TYPE_CHECKING:
    from srcli.importers.ncnn.framing import Frame
    from srcli.importers.ncnn.network import Network

SIDES = (9, 11)
"""Rows and columns of the picture that is followed through the graph, in units of ``LEAST`` multiples."""
LEAST = 12


def framed(network: Network, frame: Frame) -> Graph:
    """The graph of a generator: pictures (batch, 3, height, width) to (batch, 3, scale height, scale width).

    Raises:
        UnsuitableModel: a layer can't be translated.
        DamagedModel: the network's files are broken.
    """
    graph = Graph()
    rows, columns = (side * LEAST * frame.multiple + 2 * frame.margin for side in SIDES)
    made = network.add_to(graph, Blob(_surrounded(graph, frame), (COLOURS, rows, columns)))
    result = _cut(graph, frame, made.name)
    if frame.residual:
        result = graph.add("Add", "whole", (result, _repeated(graph, frame.scale)))
    graph.finish(result)
    return graph


def _surrounded(graph: Graph, frame: Frame) -> str:
    """The picture with its margin, and with what rounds its sides up below and right."""
    mode = "reflect" if frame.mirrored else "edge"
    near = [0, 0, frame.margin, frame.margin, 0, 0]
    if frame.multiple == 1:
        pads = graph.constant("margin", np.array([*near, frame.margin, frame.margin], np.int64))
        return graph.add("Pad", "surrounded", (INPUT, pads), mode=mode)
    size = graph.add("Shape", "size", (INPUT,), start=2)
    multiple = graph.constant("multiple", np.array([frame.multiple] * 2, np.int64))
    missing = graph.add("Mod", "missing", (graph.add("Neg", "negative", (size,)), multiple))
    margin = graph.constant("margin", np.array([frame.margin] * 2, np.int64))
    far = graph.add("Add", "far", (missing, margin))
    pads = graph.add("Concat", "pads", (graph.constant("near", np.array(near, np.int64)), far), axis=0)
    return graph.add("Pad", "surrounded", (INPUT, pads), mode=mode)


def _cut(graph: Graph, frame: Frame, name: str) -> str:
    """The network's output without what the margin became."""
    if frame.multiple == 1 and not frame.offset:
        return name
    axes = graph.constant("axes", np.array([2, 3], np.int64))
    starts = graph.constant("starts", np.array([frame.offset] * 2, np.int64))
    if frame.multiple == 1:
        ends = graph.constant("ends", np.array([-frame.offset] * 2, np.int64))
    else:
        scale = graph.constant("scale", np.array([frame.scale] * 2, np.int64))
        size = graph.add("Shape", "size", (INPUT,), start=2)
        ends = graph.add("Add", "ends", (graph.add("Mul", "larger", (size, scale)), starts))
    return graph.add("Slice", "cut", (name, starts, ends, axes))


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
