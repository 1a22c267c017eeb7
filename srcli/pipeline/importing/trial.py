"""Trying an imported generator out: against its own runtime, in tiles, and at half precision."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.arrays import to_batch
from srcli.core.errors import ModelError, UnsuitableModel
from srcli.core.geometry import Size
from srcli.engine.inference import ort_session
from srcli.engine.inference.traits import FLOAT, OVERLAP_UNKNOWN
from srcli.engine.probing.probe import open_probed
from srcli.engine.probing.receptive_field import CHEAP, MULTIPLICATIONS, measure_influence, windows_agree
from srcli.engine.probing.trial_picture import draw_picture
from srcli.engine.sessions.session import Session
from srcli.importers.half import to_half
from srcli.upscaling.seams import LEVELS, Difference, difference_of, measure_seams, odd_multiple, run_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from srcli.engine.inference.traits import Traits
    from srcli.engine.probing.receptive_field import Influence
    from srcli.pipeline.importing.source import Reference

PARITY_SIZES = (Size(57, 43), Size(31, 66), Size(31, 46))
"""Odd, unequal sides, one of them shorter than most generators look; the last alone where they cost much."""
PARITY_SHARE = 0.999
"""How many values have to be within one level of the source's own runtime."""
HOPELESS_SHARE = 0.9
"""Below this, no other size makes up for what differs."""
EXACT_UP_TO = 64
"""The largest receptive field, in pixels, at which tiles are exact; in a window of 576 they keep 448."""
INVISIBLE_LEVELS = 1.0
"""A change at the rim of a tile's own part that need not be kept away by a longer overlap."""
VISIBLE_LEVELS = 8.0
"""A generator whose tiles are farther off than this from the whole picture has to see it in one window."""
SHORTEST_OVERLAP = 8
LEAST_OWN_SIDE = 16
"""How many pixels a tile of a generator of a fixed size has to keep along a side."""


@dataclass(frozen=True, slots=True)
class Parity:
    """How far a generator is from the runtime that it was made for."""

    runtime: str
    difference: Difference

    @property
    def holds(self) -> bool:
        """Whether both compute the same but for rounding."""
        return self.difference.share >= PARITY_SHARE


@dataclass(frozen=True, slots=True)
class Tiling:
    """How a generator takes to tiles; see ``ModelCard`` for the meaning of the first two.

    ``seams`` is None where there is no whole picture to compare with.
    """

    receptive_field: int | None
    overlap: int
    seams: Difference | None


def open_trial(model: Path, value_range: float | None, least_side: int | None = None) -> Session:
    """A generator on the CPU, ready for trials; how far it looks around is not known yet.

    Args:
        model: its ONNX file.
        value_range: white in its input and output, where that is known.
        least_side: the shortest side of a picture to try it on; found out by default.

    Raises:
        UnsuitableModel: it is none, with the reason.
        DamagedModel: its graph is broken.
    """
    session, traits = open_probed(model, value_range, least_side)
    return Session(session, device=ort_session.CPU, precision="fp32", traits=traits)


def compare(session: Session, reference: Reference) -> Parity:
    """Compare a generator with the runtime it was made for, on pictures with odd sides.

    Raises:
        UnsuitableModel: it does not take pictures that its own probe accepted.
    """
    differences = []
    for size in _parity_sizes(session.traits):
        picture = draw_picture(size)
        theirs = np.clip(reference.run(picture), 0, 1)
        ours = run_whole(session, picture)
        if ours.shape != theirs.shape:
            raise UnsuitableModel(f"{size} becomes {ours.shape}, but {theirs.shape} in {reference.runtime}")
        differences.append((ours - theirs).ravel())
        if difference_of(differences[-1]).share < HOPELESS_SHARE:
            break  # PyTorch takes its time for some
    return Parity(reference.runtime, difference_of(np.concatenate(differences)))


def measure_tiling(session: Session, tell: Callable[[str], None]) -> Tiling:
    """Find out how far a generator looks around, how much tiles have to overlap, and what is left of seams.

    The session's traits say so afterwards.

    Args:
        session: the generator.
        tell: told what is being done.
    """
    traits = session.traits
    influence = measure_influence(session.run, traits, MULTIPLICATIONS, tell)
    field = None if influence is None or traits.whole else influence.receptive_field
    exact = field is not None and field <= EXACT_UP_TO and windows_agree(session.run, traits, field)
    if field is not None and field <= EXACT_UP_TO and not exact:
        # Windows that disagree beyond the field found: the generator looks at the picture as a whole.
        field = None
    longest = _longest_overlap(influence, whole=traits.whole)
    overlap = field if exact and field is not None else longest
    if traits.fixed_size is not None:
        overlap = min(overlap, (min(traits.fixed_size) - LEAST_OWN_SIDE) // 2)
    session.traits = dataclasses.replace(traits, receptive_field=field, exact=exact)
    tell(f"comparing tiles that overlap by {overlap} with the whole picture")
    seams = measure_seams(session, overlap)
    if seams is not None and seams.levels > VISIBLE_LEVELS:
        session.traits = dataclasses.replace(session.traits, receptive_field=None, exact=False, whole=True)
    return Tiling(session.traits.receptive_field, overlap, seams)


def _longest_overlap(influence: Influence | None, *, whole: bool) -> int:
    """The overlap beyond which no change can be seen; what tiles can afford where it is felt farther."""
    within = None if influence is None else influence.overlap_within(INVISIBLE_LEVELS / LEVELS)
    if within is not None:
        return max(OVERLAP_UNKNOWN if whole else SHORTEST_OVERLAP, within)
    measured = 0 if influence is None or whole else len(influence.falloff)
    return max(OVERLAP_UNKNOWN, min(measured, EXACT_UP_TO))


def try_half(session: Session, model: bytes, target: Path) -> bool:
    """Write the generator at half precision, and keep the file if it is within 1/255 of the full one.

    Args:
        session: at full precision.
        model: its ONNX file.
        target: the file to write.

    Returns:
        Whether half precision holds; the file is there in that case only.
    """
    traits = session.traits
    if (traits.input_type, traits.output_type) != (FLOAT, FLOAT):
        return False
    try:
        target.write_bytes(to_half(model))
        reduced = Session(
            ort_session.create(target, ort_session.CPU),
            device=ort_session.CPU,
            precision="fp16",
            traits=traits,
        )
        batch = to_batch(draw_picture(_parity_sizes(traits)[0]))
        levels = float(np.abs(reduced.run(batch) - session.run(batch)).max()) * LEVELS
    except ModelError:
        levels = float("inf")
    if not levels <= 1.0:
        target.unlink(missing_ok=True)
        return False
    return True


def _parity_sizes(traits: Traits) -> tuple[Size, ...]:
    """Sizes that a generator takes without padding, their sides odd multiples of what it needs."""
    if traits.fixed_size is not None:
        return (traits.fixed_size,)
    sizes = tuple(Size(*(odd_multiple(side, traits) for side in size)) for size in PARITY_SIZES)
    costs_much = traits.parameters * sizes[0].pixels > CHEAP
    return sizes[-1:] if costs_much else sizes[:-1]
