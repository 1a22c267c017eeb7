"""Writes small ONNX graphs: the few pieces of the protobuf wire format that ``onnx.proto3`` needs.

By hand (https://protobuf.dev/programming-guides/encoding/), so that srcli does not depend on the onnx package
at run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.engine.graphs.onnx_file import (
    GRAPH_INITIALIZER,
    GRAPH_NODE,
    NODE_ATTRIBUTE,
    TENSOR_DIMS,
    TENSOR_TYPE,
    VALUE_NAME,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

FLOAT, BYTE, SIGNED_BYTE, INTEGER, LONG, HALF = 1, 2, 3, 6, 7, 10
"""TensorProto.DataType."""

_INTEGER_ATTRIBUTE, _INTEGERS_ATTRIBUTE = 2, 7
"""AttributeProto.AttributeType."""


def node(operator: str, given: list[str], made: str, **attributes: int | list[int]) -> bytes:
    """A node, as a field of a graph."""
    names = [*(field(1, name.encode()) for name in given), field(2, made.encode())]
    settings = [field(NODE_ATTRIBUTE, _attribute(name, value)) for name, value in attributes.items()]
    return field(GRAPH_NODE, b"".join([*names, field(4, operator.encode()), *settings]))


def constant(name: str, kind: int, content: bytes, shape: tuple[int, ...] = ()) -> bytes:
    """A constant with its values as they lie in memory, as a field of a graph."""
    dimensions = b"".join(number(TENSOR_DIMS, side) for side in shape)
    return field(
        GRAPH_INITIALIZER,
        dimensions + number(TENSOR_TYPE, kind) + field(8, name.encode()) + field(9, content),
    )


def value(role: int, name: str, kind: int, shape: Sequence[int | None]) -> bytes:
    """A declared input or output, as a field of a graph; None stands for sides of any length.

    Args:
        role: ``GRAPH_INPUT`` or ``GRAPH_OUTPUT``.
        name: of the value.
        kind: of its elements.
        shape: of its axes.
    """
    sides = b"".join(field(1, b"" if side is None else number(1, side)) for side in shape)
    tensor = number(1, kind) + field(2, sides)
    return field(role, field(VALUE_NAME, name.encode()) + field(2, field(1, tensor)))


def field(tag: int, content: bytes) -> bytes:
    """A length-delimited field."""
    return _varint(tag << 3 | 2) + _varint(len(content)) + content


def number(tag: int, value: int) -> bytes:
    """An integer field."""
    return _varint(tag << 3) + _varint(value)


def _attribute(name: str, value: int | list[int]) -> bytes:
    if isinstance(value, int):
        return field(1, name.encode()) + number(3, value) + number(20, _INTEGER_ATTRIBUTE)
    values = b"".join(number(8, one) for one in value)
    return field(1, name.encode()) + values + number(20, _INTEGERS_ATTRIBUTE)


def _varint(value: int) -> bytes:
    """Seven bits a byte, lowest first."""
    result = bytearray()
    while value > 0x7F:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*result, value))
