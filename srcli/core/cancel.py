"""How a program asks work to end early, from any thread."""

from __future__ import annotations

import time
from abc import abstractmethod
from threading import Event
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

from srcli.core.errors import Cancelled, SrcliError

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


class TimedToken(CancelToken):
    """Begins when it is made, and asks work to end at its next check after its time as well.

    Args:
        limit_s: the longest that the work may take, in seconds; None for any time.
        others: requests that count as well.
    """

    def __init__(self, limit_s: float | None, *others: Cancel | None) -> None:
        super().__init__(*others)
        self._limit_s = limit_s
        self._started_s = time.monotonic()

    def check(self) -> None:
        """Go on, unless the work is to end.

        Raises:
            Cancelled: that was asked for.
            SrcliError: the time is over.
        """
        super().check()
        if self._limit_s is not None and time.monotonic() - self._started_s > self._limit_s:
            raise self._late(self._limit_s)

    @abstractmethod
    def _late(self, limit_s: float) -> SrcliError:
        """What to raise when the time is over."""
