"""Probes files of which nothing is known in a process of its own, which they may kill or occupy."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from srcli.core.child import Child, ChildLost
from srcli.core.errors import UnsuitableModel
from srcli.engine.probing.probe import probe_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from srcli.engine.inference.traits import Traits

_Result = TypeVar("_Result")

PROBE_LIMIT_S = 180.0
"""The longest that probing may take; a generator that needs longer for some small pictures serves nobody."""
LEAST_SIDES = (None, 48, 96)
"""The shortest side of the pictures that a generator is tried on, when shorter ones have killed a process."""


def probe_apart(model: Path, limit_s: float = PROBE_LIMIT_S) -> Traits:
    """Measure how to drive a generator, as :func:`probe_model` does, and survive it.

    Args:
        model: an ONNX file.
        limit_s: the longest that it may take, in seconds of processor time.

    Raises:
        UnsuitableModel: the file is no picture-to-picture generator that srcli can drive, or it kills or
            occupies the process that tries it.
        DamagedModel: the file's graph is broken.
        UnknownModel: there is no such file.
    """
    with Child() as child:
        try:
            return call_surviving(child, _probe, model, tell=lambda _: None, limit_s=limit_s)
        except ChildLost as lost:
            raise UnsuitableModel(f"cannot run {model}: the process that tried it {lost.how}") from lost


def call_surviving(
    child: Child,
    function: Callable[..., _Result],
    *arguments: object,
    tell: Callable[[str], None],
    limit_s: float,
) -> _Result:
    """Call a function in another process, again with larger pictures where smaller ones kill that.

    Args:
        child: the process.
        function: is given, behind its arguments, the shortest side of a picture to try (None for its own
            choice) and what to tell its steps.
        arguments: its first arguments.
        tell: told what the function tells.
        limit_s: the longest that it may be silent, in seconds of its processor time.

    Raises:
        ChildLost: the process died at the largest pictures as well, or was ended.
        SrcliError: whatever the function raises.
    """
    for least_side in LEAST_SIDES[:-1]:
        try:
            return child.call(function, *arguments, least_side, tell=tell, limit_s=limit_s)
        except ChildLost as lost:
            if not lost.crashed:
                raise
    return child.call(function, *arguments, LEAST_SIDES[-1], tell=tell, limit_s=limit_s)


def _probe(model: Path, least_side: int | None, _tell: Callable[[str], None]) -> Traits:
    return probe_model(model, least_side=least_side)
