"""How long work tells that it goes on, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with the number of steps done and the number of steps in all."""

    def __call__(self, done: int, total: int) -> None:
        """Take note of ``done`` out of ``total`` steps."""


def silent(done: int, total: int) -> None:
    """A listener that ignores what it hears."""
