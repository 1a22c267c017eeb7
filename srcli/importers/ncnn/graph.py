"""The graph that a translation builds: ONNX in plain objects, with the sizes that one input size leads to."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from srcli.core.errors import UnsuitableModel

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Constant: TypeAlias = "npt.NDArray[np.float32] | npt.NDArray[np.int64]"

Attribute: TypeAlias = "int | float | str | list[int] | list[float]"
Shape: TypeAlias = "tuple[int, ...]"

INPUT, OUTPUT = "input", "output"
LARGEST_SIDE = 2**20
LARGEST_BLOB = 2**31
"""Numbers in one blob for a picture of some hundred pixels a side; a hostile factor exceeds it."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A value in the graph.

    Attributes:
        name: its name in the ONNX graph.
        shape: (channels, height, width), (height, width) or (width,) for the picture that is followed;
            the ONNX value has the batch in front.
    """

    name: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Node:
    """One ONNX operation."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Attribute]


@dataclass(slots=True)
class Graph:
    """Nodes in the order in which they run, and constants by name; a picture goes from INPUT to OUTPUT."""

    nodes: list[Node] = field(default_factory=list)
    constants: dict[str, Constant] = field(default_factory=dict)
    _names: set[str] = field(default_factory=lambda: {INPUT, OUTPUT})

    def name(self, wish: str) -> str:
        """A name that nothing else in the graph has: the one wished for, with a number where it is taken."""
        name, number = wish, 1
        while name in self._names:
            number += 1
            name = f"{wish}.{number}"
        self._names.add(name)
        return name

    def constant(self, wish: str, value: Constant) -> str:
        """Add a constant, float32 or int64; its name."""
        name = self.name(wish)
        self.constants[name] = value
        return name

    def finish(self, name: str) -> None:
        """Make a value the graph's output."""
        self.nodes.append(Node("Identity", (name,), (OUTPUT,), {}))

    def add(self, kind: str, wish: str, inputs: tuple[str, ...], **attributes: Attribute) -> str:
        """Add an operation of one output; the output's name."""
        name = self.name(wish)
        self.nodes.append(Node(kind, inputs, (name,), attributes))
        return name


def checked(shape: Shape) -> Shape:
    """A shape that a network can have.

    Raises:
        UnsuitableModel: it is empty, or beyond any sensible size.
    """
    if not all(1 <= side <= LARGEST_SIDE for side in shape) or math.prod(shape) > LARGEST_BLOB:
        text = " x ".join(map(str, shape))
        raise UnsuitableModel(f"gives a blob of {text}")
    return shape
