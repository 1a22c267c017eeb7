"""Which architecture the weights of an unknown network come nearest to."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spandrel import Architecture

ALIKE = 2 / 3
"""The share of an architecture's marks that weights have to have for it to be worth naming."""


class _Asked(dict[str, object]):
    """Weights that pretend to have every name, and remember which ones they were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}

    def __contains__(self, name: object) -> bool:
        self.names[str(name)] = None
        return True


def nearest(weights: Iterable[str]) -> str | None:
    """The architecture that weights lack least of, and what that is; None where all are far.

    Args:
        weights: their names.

    Returns:
        Words such as ``SAFMN, but for feats.0.norm1.weight``.
    """
    from spandrel import MAIN_REGISTRY

    given = set(weights)
    best, found = ALIKE, None
    for support in MAIN_REGISTRY:
        marks = _marks(support.architecture)
        missing = [mark for mark in marks if mark not in given]
        share = 1 - len(missing) / max(len(marks), 1)
        if marks and missing and share >= best:
            best, found = share, f"{support.architecture.name}, but for {missing[0]}"
    return found


def _marks(architecture: Architecture[object]) -> tuple[str, ...]:
    """The names of weights that an architecture is known by."""
    asked = _Asked()
    with suppress(Exception):  # some look at shapes as well, of which there are none
        architecture.detect(asked)
    return tuple(asked.names)
