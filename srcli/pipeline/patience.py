"""How long a person waits for one picture."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from srcli.core.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class TookTooLong(OutputError):
    """Enlarging a picture took longer than allowed."""


class Patience:
    """Begins when it is made, and ends a picture at the next tile or row after its time.

    Args:
        name: the picture's.
        limit_s: the longest that enlarging it may take, in seconds; None for any time.
    """

    def __init__(self, name: str, limit_s: float | None) -> None:
        self._name = name
        self._limit_s = limit_s
        self._started_s = time.monotonic()

    def check(self) -> None:
        """Raise TookTooLong where the time is over."""
        if self._limit_s is not None and time.monotonic() - self._started_s > self._limit_s:
            raise TookTooLong(
                f"gave {self._name} up: enlarging it takes longer than {self._limit_s:g} seconds",
                hint="allow more with --timeout SECONDS, or choose --model fast",
            )

    def around(self, call: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
        """The same function, which looks at the time first."""

        def checked(*arguments: _Arguments.args, **named: _Arguments.kwargs) -> _Result:
            self.check()
            return call(*arguments, **named)

        return checked
