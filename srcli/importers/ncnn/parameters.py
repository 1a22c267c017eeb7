"""The numbered parameters of a layer. Whatever a translator does not ask for is refused, not ignored."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

from srcli.core.errors import DamagedModel, UnsuitableModel

if TYPE_CHECKING:
    from collections.abc import Mapping

Value: TypeAlias = "int | float | str | tuple[int | float, ...]"

LARGEST = 2**31 - 1
HINTS = frozenset({30, 31})
"""Keys that ncnn's own tools leave behind: shapes seen while optimising, and switches of the runtime."""


class Parameters:
    """The parameters of one layer, by key.

    Reading methods raise DamagedModel where the value is of another kind or out of range.
    """

    def __init__(self, values: Mapping[int, Value]) -> None:
        self._values = dict(values)
        self._read: set[int] = set()

    def integer(self, key: int, default: int = 0, low: int = 0, high: int = LARGEST) -> int:
        """A whole number within ``low..high``."""
        value = self._take(key, default)
        if not isinstance(value, int):
            raise DamagedModel(f"parameter {key} is {value!r}, not a whole number")
        if not low <= value <= high:
            raise DamagedModel(f"parameter {key} is {value}, not within {low} to {high}")
        return value

    def choice(self, key: int, default: int, known: Mapping[int, str]) -> str:
        """What a whole number stands for.

        Raises:
            UnsuitableModel: the number stands for nothing that srcli can translate.
        """
        value = self.integer(key, default, low=-LARGEST)
        if value not in known:
            meanings = ", ".join(f"{number} ({meaning})" for number, meaning in known.items())
            raise UnsuitableModel(f"parameter {key} is {value}; srcli translates {meanings}")
        return known[value]

    def real(self, key: int, default: float = 0.0) -> float:
        """A finite number."""
        value = self._take(key, default)
        if isinstance(value, str | tuple):
            raise DamagedModel(f"parameter {key} is {value!r}, not a number")
        return float(value)

    def integers(self, key: int) -> tuple[int, ...]:
        """Whole numbers; none where the layer has no such parameter."""
        values = self._take(key, ())
        if not isinstance(values, tuple) or not all(isinstance(value, int) for value in values):
            raise DamagedModel(f"parameter {key} is {values!r}, not a list of whole numbers")
        return tuple(int(value) for value in values)

    def reals(self, key: int, count: int | None = None) -> tuple[float, ...]:
        """Numbers, ``count`` of them where that is given; none where the layer has no such parameter."""
        values = self._take(key, ())
        if not isinstance(values, tuple) or not all(math.isfinite(value) for value in values):
            raise DamagedModel(f"parameter {key} is {values!r}, not a list of numbers")
        if count is not None and len(values) != count:
            raise DamagedModel(f"parameter {key} has {len(values)} numbers, not {count}")
        return tuple(float(value) for value in values)

    def expect(self, key: int, default: float | str) -> None:
        """Refuse a parameter that srcli does not translate, unless it has its default value.

        Raises:
            UnsuitableModel: it has another value.
        """
        value = self._take(key, default)
        if value != default:
            raise UnsuitableModel(f"parameter {key} is {value!r}; srcli translates {default!r} only")

    def finish(self) -> None:
        """Refuse what nobody asked for.

        Raises:
            UnsuitableModel: the layer has a parameter that its translator does not know.
        """
        for key in sorted(self._values.keys() - self._read - HINTS):
            raise UnsuitableModel(f"parameter {key} (here {self._values[key]!r}) is not known to srcli")

    def _take(self, key: int, default: Value) -> Value:
        """The value of a key, which is known from now on."""
        self._read.add(key)
        return self._values.get(key, default)
