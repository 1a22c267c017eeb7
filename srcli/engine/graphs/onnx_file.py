"""Reads from an ONNX file what onnxruntime does not tell: its weights' shapes, its version, its output.

A reader of the protobuf wire format (https://protobuf.dev/programming-guides/encoding/) that knows the few
fields of ``onnx.proto3`` it needs, so that srcli does not depend on the onnx package at run time.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Value: TypeAlias = "int | memoryview"

MODEL_GRAPH, MODEL_OPSET = 7, 8
OPSET_DOMAIN, OPSET_VERSION = 1, 2
GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_OUTPUT = 1, 5, 11, 12
VALUE_NAME = 1
NODE_ATTRIBUTE, ATTRIBUTE_TENSOR = 5, 5
TENSOR_DIMS, TENSOR_TYPE = 1, 2
WEIGHT_TYPES = frozenset({1, 2, 3, 10, 11, 16})
"""TensorProto.DataType of float, uint8, int8, float16, double, bfloat16; integers of 64 bits are shapes."""


def count_weights(path: Path) -> int:
    """The number of weights in an ONNX file.

    Raises:
        ValueError: not an ONNX file.
        OSError: the file can't be read.
    """
    return sum(math.prod(shape) for shape in _weight_shapes(memoryview(path.read_bytes())))


def read_opset(model: bytes) -> int:
    """The version of the standard operators that an ONNX file is written for; 0 where it names none.

    Raises:
        ValueError: not an ONNX file.
    """
    for entry in messages(memoryview(model), MODEL_OPSET):
        known = dict(fields(entry))
        version = known.get(OPSET_VERSION)
        if bytes(known.get(OPSET_DOMAIN, b"")) in (b"", b"ai.onnx") and isinstance(version, int):
            return version
    return 0


def read_output(model: bytes) -> str:
    """The name of the first output of an ONNX file.

    Raises:
        ValueError: not an ONNX file, or it has no output.
    """
    for graph in messages(memoryview(model), MODEL_GRAPH):
        for value in messages(graph, GRAPH_OUTPUT):
            for name in messages(value, VALUE_NAME):
                return str(name, "utf-8")
    raise ValueError("a graph without an output")


def _weight_shapes(model: memoryview) -> Iterator[tuple[int, ...]]:
    """The shapes of all weights, whether they are initialisers or Constant nodes."""
    for graph in messages(model, MODEL_GRAPH):
        tensors = list(messages(graph, GRAPH_INITIALIZER))
        for node in messages(graph, GRAPH_NODE):
            for attribute in messages(node, NODE_ATTRIBUTE):
                tensors.extend(messages(attribute, ATTRIBUTE_TENSOR))
        for tensor in tensors:
            parts = list(fields(tensor))
            if any(number == TENSOR_TYPE and value in WEIGHT_TYPES for number, value in parts):
                yield tuple(dimensions(parts))


def dimensions(parts: list[tuple[int, Value]]) -> Iterator[int]:
    """A tensor's dimensions, packed or one by one."""
    for number, value in parts:
        if number != TENSOR_DIMS:
            continue
        if isinstance(value, int):
            yield value
            continue
        position = 0
        while position < len(value):
            dimension, position = varint(value, position)
            yield dimension


def messages(data: memoryview, wanted: int) -> Iterator[memoryview]:
    """The length-delimited fields with the number ``wanted``."""
    for number, value in fields(data):
        if number == wanted and isinstance(value, memoryview):
            yield value


def fields(data: memoryview) -> Iterator[tuple[int, Value]]:
    """All fields of a message: their numbers, and their integers or bytes."""
    position = 0
    while position < len(data):
        key, position = varint(data, position)
        value: Value
        match key & 7:
            case 0:
                value, position = varint(data, position)
            case 1:
                value, position = data[position : position + 8], position + 8
            case 2:
                length, position = varint(data, position)
                value, position = data[position : position + length], position + length
            case 5:
                value, position = data[position : position + 4], position + 4
            case kind:
                raise ValueError(f"wire type {kind} at byte {position}")
        if position > len(data):
            raise ValueError(f"truncated at byte {len(data)}")
        yield key >> 3, value


def varint(data: memoryview, position: int) -> tuple[int, int]:
    """An integer of seven bits a byte, lowest first, and the position behind it."""
    value = shift = 0
    while position < len(data) and shift < 70:
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position
    raise ValueError(f"broken integer at byte {position}")
