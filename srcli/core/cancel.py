"""How a program asks work to end early, from any thread."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

from srcli.core.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class Cancel(Protocol):
    """Tells whether work is to end; a ``threading.Event`` is one."""

    def is_set(self) -> bool:
        """Whether it is."""


class CancelToken:
    """Asks work to end at its next check: a tile, a band of rows, a picture, a training step.

    Work that is cancelled raises ``Cancelled`` and leaves no file half-written. Any thread may cancel, and
    any may check.

    Args:
        others: requests that count as well, such as that of a whole run for one of its pictures.
    """

    def __init__(self, *others: Cancel | None) -> None:
        self._event = Event()
        self._others = tuple(other for other in others if other is not None)

    def cancel(self) -> None:
        """Ask the work to end."""
        self._event.set()

    def is_set(self) -> bool:
        """Whether the work is to end."""
        return self._event.is_set() or any(other.is_set() for other in self._others)

    def check(self) -> None:
        """Go on, unless the work is to end.

        Raises:
            Cancelled: it is.
        """
        if self.is_set():
            raise Cancelled("cancelled")

    def checking(self, call: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
        """The same function with a check before each call."""

        def checked(*arguments: _Arguments.args, **named: _Arguments.kwargs) -> _Result:
            self.check()
            return call(*arguments, **named)

        return checked
