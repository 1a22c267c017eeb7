"""An ONNX file's operators as they run, as far as sizes and receptive fields can be told from them.

Read from the wire format, like :mod:`srcli.engine.graphs.onnx_file`, so that the onnx package isn't needed.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from srcli.engine.graphs.onnx_file import (
    ATTRIBUTE_TENSOR,
    GRAPH_INITIALIZER,
    GRAPH_INPUT,
    GRAPH_NODE,
    GRAPH_OUTPUT,
    MODEL_GRAPH,
    NODE_ATTRIBUTE,
    TENSOR_TYPE,
    VALUE_NAME,
    dimensions,
    fields,
    messages,
    varint,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from srcli.engine.graphs.onnx_file import Value

NODE_INPUT, NODE_OUTPUT, NODE_KIND = 1, 2, 4
ATTRIBUTE_NAME, ATTRIBUTE_INTEGER, ATTRIBUTE_TEXT = 1, 3, 4
ATTRIBUTE_GRAPH, ATTRIBUTE_INTEGERS, ATTRIBUTE_GRAPHS = 6, 8, 11
TENSOR_NAME, TENSOR_RAW, TENSOR_FLOATS, TENSOR_INTEGERS = 8, 9, 4, 7
FLOAT, INT64 = 1, 7
MOST_NUMBERS = 16
"""Constants with more numbers than this are weights, and their numbers aren't kept."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A weight or constant: its shape, and its numbers where they are few, of float32 or int64."""

    shape: tuple[int, ...]
    numbers: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """One node.

    Attributes:
        kind: the operator's name, such as ``Conv``.
        inputs: names; empty where an optional input is left out.
        outputs: names.
        integers: attributes that are whole numbers or lists of them, as tuples.
        texts: attributes that are texts.
        inner: whether it holds graphs of its own, such as the body of a loop.
    """

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    integers: dict[str, tuple[int, ...]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    inner: bool = False

    def name_at(self, position: int) -> str:
        """The name of an input; empty where it is left out."""
        return self.inputs[position] if position < len(self.inputs) else ""


@dataclass(frozen=True, slots=True)
class Graph:
    """The operators of a file, its constants by name, and the names of its first input and output."""

    operators: tuple[Operator, ...]
    constants: dict[str, Constant]
    input: str
    output: str

    def numbers(self, operator: Operator, position: int) -> tuple[float, ...] | None:
        """The numbers of an operator's input where that is a small constant; None for anything else."""
        constant = self.constants.get(operator.name_at(position))
        return None if constant is None else constant.numbers

    def shape(self, operator: Operator, position: int) -> tuple[int, ...] | None:
        """The shape of an operator's input where that is a constant."""
        constant = self.constants.get(operator.name_at(position))
        return None if constant is None else constant.shape


def read_graph(path: Path) -> Graph:
    """Read the operators of an ONNX file.

    Raises:
        ValueError: not an ONNX file, or a name in it is no text.
        OSError: the file can't be read.
    """
    return parse_graph(path.read_bytes())


def parse_graph(model: bytes) -> Graph:
    """The operators of a serialised ONNX model.

    Raises:
        ValueError: it is none, or a name in it is no text.
    """
    for graph in messages(memoryview(model), MODEL_GRAPH):
        constants = dict(map(_constant, messages(graph, GRAPH_INITIALIZER)))
        operators = []
        for node in messages(graph, GRAPH_NODE):
            operator, value = _operator(node)
            operators.append(operator)
            if value is not None and operator.outputs:
                constants[operator.outputs[0]] = value
        inputs = [name for name in _names(graph, GRAPH_INPUT) if name not in constants]
        outputs = list(_names(graph, GRAPH_OUTPUT))
        if inputs and outputs:
            return Graph(tuple(_in_order(operators)), constants, inputs[0], outputs[0])
    raise ValueError("a graph without an input or an output")


def _in_order(operators: list[Operator]) -> list[Operator]:
    """The operators so that each comes behind what it takes; tools leave them in other orders as well.

    Raises:
        ValueError: some wait for one another.
    """
    makers = {name: index for index, operator in enumerate(operators) for name in operator.outputs}
    before = [{makers[name] for name in operator.inputs if name and name in makers} for operator in operators]
    if all(made < index for index, sources in enumerate(before) for made in sources):
        return operators
    order = TopologicalSorter(dict(enumerate(before)))
    try:
        return [operators[index] for index in order.static_order()]
    except CycleError as error:
        raise ValueError("operators that wait for one another") from error


def _names(graph: memoryview, kind: int) -> Iterator[str]:
    for value in messages(graph, kind):
        yield from (_text(name) for name in messages(value, VALUE_NAME))


def _operator(node: memoryview) -> tuple[Operator, Constant | None]:
    """A node, and its value where it is a constant tensor."""
    inputs = tuple(map(_text, messages(node, NODE_INPUT)))
    outputs = tuple(map(_text, messages(node, NODE_OUTPUT)))
    kind = "".join(map(_text, messages(node, NODE_KIND)))
    attributes = [list(fields(attribute)) for attribute in messages(node, NODE_ATTRIBUTE)]
    integers: dict[str, tuple[int, ...]] = {}
    texts: dict[str, str] = {}
    for parts in attributes:
        integers |= _integers(parts)
        texts |= {_name(parts): _text(part) for key, part in parts if key == ATTRIBUTE_TEXT}
    held = {key for parts in attributes for key, _ in parts}
    operator = Operator(
        kind, inputs, outputs, integers, texts, bool(held & {ATTRIBUTE_GRAPH, ATTRIBUTE_GRAPHS})
    )
    values = [part for parts in attributes for key, part in parts if key == ATTRIBUTE_TENSOR]
    if kind == "Constant" and values and isinstance(values[0], memoryview):
        return operator, _constant(values[0])[1]
    return operator, None


def _name(parts: list[tuple[int, Value]]) -> str:
    """The name of an attribute."""
    return next((_text(part) for key, part in parts if key == ATTRIBUTE_NAME), "")


def _integers(parts: list[tuple[int, Value]]) -> dict[str, tuple[int, ...]]:
    """An attribute of whole numbers, by its name; nothing for one of another kind."""
    found: list[int] = []
    for key, value in parts:
        if key not in (ATTRIBUTE_INTEGER, ATTRIBUTE_INTEGERS):
            continue
        found += [value] if isinstance(value, int) else _packed(value)
    return {_name(parts): tuple(map(_signed, found))} if found else {}


def _constant(tensor: memoryview) -> tuple[str, Constant]:
    """A tensor's name, shape and, where they are few, its numbers."""
    parts = list(fields(tensor))
    shape = tuple(dimensions(parts))
    name = next((_text(value) for key, value in parts if key == TENSOR_NAME), "")
    kind = next((value for key, value in parts if key == TENSOR_TYPE), 0)
    count = 1
    for side in shape:
        count *= side
    return name, Constant(shape, _numbers(parts, kind) if count <= MOST_NUMBERS else None)


def _numbers(parts: list[tuple[int, Value]], kind: Value) -> tuple[float, ...] | None:
    """The numbers of a small tensor of float32 or int64."""
    if kind not in (FLOAT, INT64):
        return None
    form, size = ("f", 4) if kind == FLOAT else ("q", 8)
    found: list[float] = []
    for key, value in parts:
        if key == TENSOR_INTEGERS and kind == INT64:
            found += [_signed(value)] if isinstance(value, int) else map(_signed, _packed(value))
        elif isinstance(value, memoryview) and (
            key == TENSOR_RAW or (key == TENSOR_FLOATS and kind == FLOAT)
        ):
            found += struct.unpack(f"<{len(value) // size}{form}", value[: len(value) // size * size])
    return tuple(found)


def _packed(data: memoryview) -> list[int]:
    found, position = [], 0
    while position < len(data):
        value, position = varint(data, position)
        found.append(value)
    return found


def _signed(value: int) -> int:
    """A 64-bit integer as two's complement has it."""
    return value - 2**64 if value >= 2**63 else value


def _text(value: Value) -> str:
    if not isinstance(value, memoryview):
        raise ValueError("a name that is no text")
    return str(value, "utf-8")
