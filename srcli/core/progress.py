"""How long work tells that it goes on, without knowing who listens."""

from __future__ import annotations

from typing import Protocol

from srcli.core.errors import Cancelled


class Progress(Protocol):
    """Called with the number of steps done and the number of steps in all."""

    def __call__(self, done: int, total: int) -> None:
        """Take note of ``done`` out of ``total`` steps."""


def silent(done: int, total: int) -> None:
    """A listener that ignores what it hears."""


class Cancel(Protocol):
    """Tells whether work is to be given up; a ``threading.Event`` is one."""

    def is_set(self) -> bool:
        """Whether it is."""


def cancellable(progress: Progress, cancel: Cancel | None) -> Progress:
    """The same listener, which ends the work at its next step once that is asked for.

    Raises:
        Cancelled: it is asked for already.
    """
    if cancel is None:
        return progress

    def tell(done: int, total: int) -> None:
        if cancel.is_set():
            raise Cancelled("cancelled")
        progress(done, total)

    if cancel.is_set():
        raise Cancelled("cancelled")
    return tell
