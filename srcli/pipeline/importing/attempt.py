"""A generator of another tool as an ONNX file that runs, and computes what it did before."""

from __future__ import annotations

import dataclasses
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from srcli.core.errors import DamagedModel, ModelError, UnsuitableModel
from srcli.core.names import printable
from srcli.importers.prelu import spread_prelu
from srcli.pipeline.importing.freedom import check_freedom
from srcli.pipeline.importing.trial import Parity, compare, open_trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from srcli.engine.sessions.session import Session
    from srcli.importers.converted import Converted
    from srcli.pipeline.importing.source import Reference, Source

    Accept = Callable[[Converted, int], None]
    Listener = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A generator in the workshop.

    Attributes:
        converted: what is known about it.
        path: its ONNX file.
        session: ready for trials.
        parity: how it compares with its own runtime; None where that is not there.
        value_range: white in its input and output, where its source tells.
        bound_by: why it does not serve all sizes; None where it does, or where nobody knows.
    """

    converted: Converted
    path: Path
    session: Session
    parity: Parity | None
    value_range: float | None
    bound_by: ModelError | None = None


def convert(
    source: Source, workshop: Path, accept: Accept, tell: Listener, least_side: int | None = None
) -> Attempt:
    """Translate a generator, and compare it with its own runtime.

    Some networks can't be exported for all sizes, or their trace serves only pictures of the size of its
    example: attention over windows is such a case. They are exported once more, for one size, and run in
    tiles of that size. So does a file that declares one size, unless it gives the same without that.

    Args:
        source: the generator.
        workshop: the folder to work in.
        accept: raises an error where a generator with that scale is not wanted; asked before the slow part.
        tell: told what is being done.
        least_side: the shortest side of a picture to try it on; found out by default.

    Raises:
        ModelError: it is damaged, unsuitable, or computes something else than its own runtime does.
        MissingExtra: a library that is needed is not installed.
    """
    examine = partial(
        _try, source=source, reference=source.reference(), accept=accept, least_side=least_side, tell=tell
    )
    try:
        return examine(source.convert(), workshop / "free.onnx")
    except (DamagedModel, UnsuitableModel) as error:
        fixed = source.convert_fixed(error)
        if fixed is None:
            raise
        tell(f"{printable(source.path.name)} does not serve all sizes ({error.message}): fixing one")
        reason = error
    return dataclasses.replace(examine(fixed, workshop / "fixed.onnx"), bound_by=reason)


def _try(
    converted: Converted,
    path: Path,
    *,
    source: Source,
    reference: Reference | None,
    accept: Accept,
    least_side: int | None,
    tell: Listener,
) -> Attempt:
    """The generator in the workshop, tried and compared."""
    with _named(path, printable(source.path.name)):
        # What runs on CPUs takes the form that suits them; a variant at half precision, for GPUs, keeps
        # PReLU.
        path.write_bytes(spread_prelu(converted.model))
        session = open_trial(path, source.value_range, least_side)
        accept(converted, session.traits.scale)
        if converted.declared is not None:
            tell(f"comparing {converted.name} with what it gives at the size that its file declares")
            check_freedom(session, converted.declared)
        if reference is not None:
            tell(f"comparing {converted.name} x{session.traits.scale} with {reference.runtime}")
        parity = None if reference is None else compare(session, reference)
        if parity is not None and not parity.holds:
            found = parity.difference
            raise UnsuitableModel(
                f"{converted.name} as ONNX differs from {parity.runtime}: only {found.share:.1%} of values "
                f"are within 1/255, the largest difference is {found.levels:.1f}/255"
            )
        return Attempt(converted, path, session, parity, source.value_range)


@contextmanager
def _named(path: Path, name: str) -> Iterator[None]:
    """Name a person's file in errors, not the one in the workshop that was made of it."""
    try:
        yield
    except ModelError as error:
        message = error.message.replace(str(path), name).replace(path.name, name)
        raise type(error)(message, error.hint) from error
