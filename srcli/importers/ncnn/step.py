"""What the translator of a layer works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import DamagedModel, UnsuitableModel
from srcli.importers.ncnn.graph import Blob, checked

if TYPE_CHECKING:
    from srcli.importers.ncnn.graph import Attribute, Graph, Shape
    from srcli.importers.ncnn.parameters import Parameters
    from srcli.importers.ncnn.weights import Array, Weights

PICTURE = 3
"""Axes of a blob of channels, rows and columns."""


@dataclass(frozen=True, slots=True)
class Step:
    """One layer, the blobs that it takes, the graph to add to and the weights to read from.

    Attributes:
        name: the layer's name.
        outputs: how many blobs the layer gives.
    """

    name: str
    outputs: int
    parameters: Parameters
    inputs: tuple[Blob, ...]
    graph: Graph
    weights: Weights

    def only(self) -> Blob:
        """The one input.

        Raises:
            DamagedModel: there is another number of inputs.
        """
        return self.exactly(1)[0]

    def exactly(self, count: int) -> tuple[Blob, ...]:
        """The inputs, ``count`` of them.

        Raises:
            DamagedModel: there is another number of inputs.
        """
        if len(self.inputs) != count:
            raise DamagedModel(f"takes {len(self.inputs)} inputs, not {count}")
        return self.inputs

    def picture(self) -> Blob:
        """The one input, of channels, rows and columns.

        Raises:
            DamagedModel: there is another number of inputs.
            UnsuitableModel: the input has another number of axes.
        """
        blob = self.only()
        if len(blob.shape) != PICTURE:
            raise UnsuitableModel(f"takes a blob of {len(blob.shape)} axes, not {PICTURE}")
        return blob

    def emit(self, kind: str, inputs: tuple[Blob | str, ...], shape: Shape, **attributes: Attribute) -> Blob:
        """Add an ONNX operation that gives a blob of a shape.

        Raises:
            UnsuitableModel: the shape is empty or absurd.
        """
        names = tuple(value.name if isinstance(value, Blob) else value for value in inputs)
        return Blob(self.graph.add(kind, self.name, names, **attributes), checked(shape))

    def same(self, kind: str, *inputs: Blob | str, **attributes: Attribute) -> Blob:
        """Add an ONNX operation that gives a blob of its first input's shape."""
        first = inputs[0]
        assert isinstance(first, Blob)
        return self.emit(kind, inputs, first.shape, **attributes)

    def constant(self, role: str, value: Array) -> str:
        """Add weights; the name of the constant.

        Raises:
            DamagedModel: they are not all finite.
        """
        if not np.isfinite(value).all():
            raise DamagedModel(f"its {role} is not finite everywhere")
        return self.graph.constant(f"{self.name}.{role}", value)

    def scalar(self, value: float) -> str:
        """Add a number; the name of the constant."""
        return self.constant("scalar", np.array(value, np.float32))

    def integers(self, role: str, *values: int) -> str:
        """Add a list of whole numbers; the name of the constant."""
        return self.graph.constant(f"{self.name}.{role}", np.array(values, np.int64))
