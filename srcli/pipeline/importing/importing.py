"""Importing: read a generator, examine it, and put it into the user's folder with a card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.child import Child, ChildLost
from srcli.core.errors import UnsuitableModel, UsageError
from srcli.core.names import printable
from srcli.core.outcome import Failure
from srcli.engine.probing.apart import call_surviving
from srcli.importers.claims import NO_CLAIMS, Claims
from srcli.models.installation import check_free, install, open_workshop
from srcli.models.verify import sha256_of
from srcli.pipeline.importing.attempt import convert
from srcli.pipeline.importing.description import add_half, choose_name, describe, keep_claims
from srcli.pipeline.importing.source import OnnxSource, find_sources, with_claims
from srcli.pipeline.importing.trial import INVISIBLE_LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from srcli.core.card import ModelCard
    from srcli.importers.converted import Converted
    from srcli.models.store import InstalledModel
    from srcli.pipeline.importing.attempt import Attempt
    from srcli.pipeline.importing.source import Source

    Listener = Callable[[str], None]


STEP_LIMIT_S = 120.0
"""The processor time that one step may take where nobody says otherwise; the longest step of RRDB, the
largest network in common use, takes 20 s."""


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import.

    Attributes:
        wanted: a file, a folder, or the name of an installed package.
        name: of the generator; by default its source's.
        licence: of the weights; by default what the source says.
        claims: what a person says of an ONNX file's input and output.
        limit_s: the processor time that one step may take, in seconds.
        apart: whether the work is done in a process of its own, which a graph may kill or occupy.
    """

    wanted: str
    name: str | None = None
    licence: str | None = None
    claims: Claims = NO_CLAIMS
    limit_s: float = STEP_LIMIT_S
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """A generator that was imported, or why it was not.

    Attributes:
        source: the name of its file.
        model: the installed generator; None where it failed.
        warnings: what a person should know, in sentences.
        error: why it failed.
    """

    source: str
    model: InstalledModel | None = None
    warnings: tuple[str, ...] = ()
    error: Exception | None = None

    @property
    def failure(self) -> Failure | None:
        """Why it failed, as other reports have it."""
        return Failure.of(self.error, self.source) if self.error else None


def import_models(request: ImportRequest, tell: Listener) -> Iterator[Imported]:
    """Import all generators that a request names, one after the other; one that fails does not end the run.

    Args:
        request: what to import.
        tell: told what is being done, in a few words.

    Raises:
        UnknownModel: there is no such file, folder or package, or nothing in it.
        UsageError: it is of another kind, or there is one name for several generators.
        MissingExtra: the package is not installed.
    """
    sources = with_claims(find_sources(request.wanted), request.claims)
    if request.name is not None and len(sources) > 1:
        raise UsageError(
            f"{printable(request.wanted)} holds {len(sources)} generators, and not all can be {request.name}",
            hint="import its files one by one",
        )
    with Child() as child:
        for source in sources:
            try:
                with open_workshop() as workshop:
                    yield _import_in(workshop, source, request, child if request.apart else None, tell)
            except Exception as error:
                yield Imported(printable(source.path.name), error=error)


def _import_in(
    workshop: Path, source: Source, request: ImportRequest, child: Child | None, tell: Listener
) -> Imported:
    """Import a generator, in another process where there is one.

    Raises:
        UnsuitableModel: that process died of it, or did not come back.
        SrcliError: whatever else is wrong with it.
    """
    if child is None:
        return import_one(workshop, source, request, None, tell)
    source.require()
    steps = ["starting"]

    def note(step: str) -> None:
        steps.append(step)
        tell(step)

    try:
        return call_surviving(
            child, import_one, workshop, source, request, tell=note, limit_s=request.limit_s
        )
    except ChildLost as lost:
        raise UnsuitableModel(
            f"cannot import {printable(source.path.name)}: the process that was {steps[-1]} {lost.how}",
            hint=None if lost.crashed else f"--time-limit {2 * request.limit_s:g} gives each step longer",
        ) from lost


def import_one(
    workshop: Path, source: Source, request: ImportRequest, least_side: int | None, tell: Listener
) -> Imported:
    """Convert, examine, install; nothing leaves the workshop unless all of it goes well.

    Args:
        workshop: a folder to work in.
        source: the generator.
        request: what is wanted of it.
        least_side: the shortest side of a picture to try it on; found out by default.
        tell: told what is being done.
    """

    def accept(converted: Converted, scale: int) -> None:
        check_free(choose_name(request.name, converted.name, scale), scale)

    label = printable(source.path.name)
    tell(f"reading {label}")
    attempt = convert(source, workshop, accept, tell, least_side)
    name = choose_name(request.name, attempt.converted.name, attempt.session.traits.scale)
    tell(f"measuring {name} x{attempt.session.traits.scale}")
    card = describe(
        attempt,
        name,
        form=source.form,
        licence=request.licence,
        source_sha256=sha256_of(source.path),
        tell=tell,
    )
    tell(f"trying {name} x{card.scale} at half precision")
    card = add_half(keep_claims(card, source.card(), request.licence), attempt)
    model = install(card, attempt.path)
    return Imported(label, model, (*source.warnings(), *_warnings(attempt, card, source)))


def _warnings(attempt: Attempt, card: ModelCard, source: Source) -> Iterator[str]:
    traits = attempt.session.traits
    if traits.value_range != traits.output_range:
        yield f"white is {traits.value_range:g} in its input, and {traits.output_range:g} in its output"
    if traits.fixed_size is not None:
        yield f"it takes pictures of {traits.fixed_size} only, and runs in tiles of that size"
        yield from _why_fixed(attempt, source)
    yield from _seam_warnings(card)
    if card.licence == "unknown":
        yield "the licence of its weights is not known; --licence puts it on the card"


def _why_fixed(attempt: Attempt, source: Source) -> Iterator[str]:
    """Why a generator is bound to one size, and what a person can do about a file of theirs."""
    reason = attempt.bound_by
    if reason is not None:
        way_out = f"; {reason.hint}" if reason.hint and source.form == OnnxSource.form else ""
        yield f"it does not serve other sizes: {reason.message}{way_out}"


def _seam_warnings(card: ModelCard) -> Iterator[str]:
    origin = card.provenance
    if origin is None or origin.seam_levels is None or origin.seam_share is None:
        return
    off = (
        f"{1 - origin.seam_share:.1%} of the values of a picture in tiles are more than 1/255 off the whole "
        f"picture, at most {origin.seam_levels:.1f}/255"
    )
    if card.whole:
        yield f"it looks at a picture as a whole, and gets it in one window where memory allows: {off}"
    elif origin.seam_levels > INVISIBLE_LEVELS:
        yield f"it looks farther than tiles overlap: {off}"
