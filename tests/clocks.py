"""Clocks that tests set."""

from __future__ import annotations

from types import SimpleNamespace


def replace_clock(monkeypatch, module):
    """A clock in the place of the module ``time`` of a module: it goes on by its ``step`` at each look."""
    clock = SimpleNamespace(now=0.0, step=0.0)

    def monotonic():
        clock.now += clock.step
        return clock.now

    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=monotonic))
    return clock
