"""JSON that a person may have edited to dataclasses: every value is of the kind that its field declares."""

from __future__ import annotations

import dataclasses
import math
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

_Made = TypeVar("_Made")

_NOUNS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
_hints = cache(get_type_hints)


def from_json(kind: type[_Made], value: object, name: str) -> _Made:
    """Make a value of a kind out of what JSON gave.

    Args:
        kind: a dataclass whose fields are of these kinds, or ``str``, ``int``, ``float``, ``bool``, one of
            them or ``None``, a tuple of any length, or a dictionary by text.
        value: from ``json.loads``.
        name: of the value, for messages.

    Raises:
        ValueError: it is something else, lacks a field or has one too many.
    """
    made: _Made = _make(kind, value, name)
    return made


def _make(kind: Any, value: Any, name: str) -> Any:  # noqa: ANN401  declared kinds are values here
    if dataclasses.is_dataclass(kind):
        return _make_fields(kind, value, name)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return None if value is None else _make(_without_none(arguments), value, name)
    if origin is tuple and isinstance(value, list):
        return tuple(_make(arguments[0], each, name) for each in value)
    if origin is dict and isinstance(value, dict):
        return {key: _make(arguments[1], each, f"{name} {key}") for key, each in value.items()}
    if origin is None and _is_plain(kind, value):
        return value
    raise ValueError(f"{name} is {value!r:.60}, not {_NOUNS.get(kind, 'of its kind')}")


def _make_fields(kind: Any, value: Any, name: str) -> Any:  # noqa: ANN401
    if not isinstance(value, dict):
        raise ValueError(f"{name} is {value!r:.60}, not an object")
    hints = _hints(kind)
    if unknown := value.keys() - hints.keys():
        raise ValueError(f"{name} has no field {min(unknown)!r:.60}")
    try:
        return kind(**{field: _make(hints[field], each, field) for field, each in value.items()})
    except TypeError as error:
        # Of the dataclass itself, which names the fields that are missing.
        raise ValueError(str(error).replace(f"{kind.__name__}.__init__()", name)) from error


def _without_none(kinds: tuple[Any, ...]) -> Any:  # noqa: ANN401
    return next(kind for kind in kinds if kind is not NoneType)


def _is_plain(kind: Any, value: object) -> bool:  # noqa: ANN401
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return type(value) is kind
