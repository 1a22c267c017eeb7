"""Reads the text half of an ncnn network: its layers, their parameters, and the blobs between them.

Format: https://github.com/Tencent/ncnn/blob/master/docs/developer-guide/param-and-model-file-structure.md
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.errors import DamagedModel, UnsuitableModel
from srcli.importers.ncnn.parameters import Parameters

if TYPE_CHECKING:
    from srcli.importers.ncnn.parameters import Value

MAGIC = 7767517
LARGEST_FILE = 4 * 2**20
"""Bytes; the largest network in use, a thousand layers, has a thirtieth of that."""
MOST_LAYERS = 20_000
MOST_BLOBS = 1024
"""That one layer takes or gives."""
ARRAY = -23300
"""An array under key ``k`` is written with the key ``ARRAY - k``, and its length before its values."""
KEYS = range(32)
LARGEST_FLOAT = 3.4028235e38

_INTEGER = re.compile(r"[+-]?[0-9]{1,10}")
_REAL = re.compile(r"[+-]?([0-9]{1,40}\.?[0-9]{0,60}|\.[0-9]{1,60})([eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Layer:
    """One line of the file."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    parameters: Parameters


def parse_param(data: bytes) -> tuple[Layer, ...]:
    """The layers of a network, in the order in which they run and in which their weights are stored.

    Raises:
        DamagedModel: not the text of an ncnn network; the message names the line.
        UnsuitableModel: the binary form of it.
    """
    if data[:4] == MAGIC.to_bytes(4, "little"):
        raise UnsuitableModel("a binary .param file; srcli reads the text form")
    try:
        lines = data.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise DamagedModel(f"not a text file: byte {error.start} is no UTF-8") from error
    if not lines or lines[0].strip() != str(MAGIC):
        raise DamagedModel(f"no .param file of ncnn: the first line is not {MAGIC}")
    layers = tuple(
        _layer(words, number)
        for number, line in enumerate(lines[2:], start=3)
        if (words := line.split()) and not words[0].startswith("#")
    )
    declared = _declared_layers(lines)
    if declared != len(layers):
        raise DamagedModel(f"line 2 declares {declared} layers, the file has {len(layers)}")
    if declared > MOST_LAYERS:
        raise DamagedModel(f"has {declared} layers, {MOST_LAYERS} at most can be a network")
    _check_unique(layers)
    return layers


def _declared_layers(lines: list[str]) -> int:
    """The number of layers that the second line declares."""
    words = lines[1].split() if len(lines) > 1 else []
    if len(words) != 2 or not all(_INTEGER.fullmatch(word) for word in words):
        raise DamagedModel("line 2 does not give the numbers of layers and blobs")
    return int(words[0])


def _layer(words: list[str], number: int) -> Layer:
    """A layer from the words of its line."""
    where = f"line {number}"
    if len(words) < 4 or not all(_INTEGER.fullmatch(word) for word in words[2:4]):
        raise DamagedModel(f"{where} is no layer: it needs kind, name and the numbers of inputs and outputs")
    inputs, outputs = int(words[2]), int(words[3])
    if not (0 <= inputs <= MOST_BLOBS and 0 <= outputs <= MOST_BLOBS) or 4 + inputs + outputs > len(words):
        raise DamagedModel(f"{where} ({words[1]}) does not name its {inputs} inputs and {outputs} outputs")
    middle, end = 4 + inputs, 4 + inputs + outputs
    parameters = Parameters(_values(words[end:], where))
    return Layer(words[0], words[1], tuple(words[4:middle]), tuple(words[middle:end]), parameters)


def _values(words: list[str], where: str) -> dict[int, Value]:
    """The parameters ``key=value`` of a layer."""
    values: dict[int, Value] = {}
    for word in words:
        key_text, equals, text = word.partition("=")
        if not equals or not text or not _INTEGER.fullmatch(key_text):
            raise DamagedModel(f"{where}: {word[:40]!r} is no parameter")
        key = int(key_text)
        array = key <= ARRAY
        key = ARRAY - key if array else key
        if key not in KEYS or key in values:
            raise DamagedModel(f"{where}: parameter key {key_text} is out of range or there twice")
        values[key] = _array(text, where) if array else _value(text, where)
    return values


def _array(text: str, where: str) -> tuple[int | float, ...]:
    """An array with its length first."""
    length, *values = text.split(",")
    if not _INTEGER.fullmatch(length) or int(length) != len(values):
        raise DamagedModel(f"{where}: the array {text[:40]!r} has {len(values)} values, not {length[:10]}")
    return tuple(_number(value, where) for value in values)


def _value(text: str, where: str) -> Value:
    """A number, an array without its length, or a text such as an expression."""
    if text[0].isalpha() or text[0] == '"':
        return text
    if "," in text:
        return tuple(_number(value, where) for value in text.split(",") if value)
    return _number(text, where)


def _number(text: str, where: str) -> int | float:
    """A number; whole where it is written without point and exponent."""
    if _INTEGER.fullmatch(text):
        return int(text)
    if _REAL.fullmatch(text) and abs(value := float(text)) <= LARGEST_FLOAT:
        return value
    raise DamagedModel(f"{where}: {text[:40]!r} is no number")


def _check_unique(layers: tuple[Layer, ...]) -> None:
    """Refuse two layers or two outputs of one name."""
    for what, names in (
        ("layers", [layer.name for layer in layers]),
        ("blobs", [name for layer in layers for name in layer.outputs]),
    ):
        seen: set[str] = set()
        for name in names:
            if name in seen:
                raise DamagedModel(f"two {what} are named {name}")
            seen.add(name)
