from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest

from srcli.core.from_json import from_json


@dataclass(frozen=True)
class Part:
    name: str
    share: float | None = None


@dataclass(frozen=True)
class Whole:
    count: int
    ready: bool = False
    first: Part | None = None
    parts: tuple[Part, ...] = ()
    named: dict[str, Part] = field(default_factory=dict)


def test_nested_values():
    value = {
        "count": 3,
        "ready": True,
        "first": {"name": "a", "share": 1},
        "parts": [{"name": "b"}],
        "named": {"c": {"name": "c", "share": 0.5}},
    }
    assert from_json(Whole, value, "it") == Whole(3, True, Part("a", 1), (Part("b"),), {"c": Part("c", 0.5)})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "it is [], not an object"),
        ({}, "it missing 1 required positional argument: 'count'"),
        ({"count": "3"}, "count is '3', not a whole number"),
        ({"count": True}, "count is True, not a whole number"),
        ({"count": 3.0}, "count is 3.0, not a whole number"),
        ({"count": 3, "ready": 1}, "ready is 1, not true or false"),
        ({"count": 3, "first": "a"}, "first is 'a', not an object"),
        ({"count": 3, "first": {"name": None}}, "name is None, not text"),
        ({"count": 3, "first": {"name": "a", "share": float("nan")}}, "share is nan, not a number"),
        ({"count": 3, "parts": {}}, "parts is {}, not of its kind"),
        ({"count": 3, "named": []}, "named is [], not of its kind"),
        ({"count": 3, "others": 1}, "it has no field 'others'"),
    ],
)
def test_values_of_other_kinds(value, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        from_json(Whole, value, "it")
