"""Whether a generator whose file declares one size serves others as well, and which size is hidden in one."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import UnsuitableModel
from srcli.core.geometry import Size, round_up
from srcli.engine.graphs.graph import parse_graph
from srcli.engine.inference import ort_session
from srcli.engine.probing.objections import input_shape, objection
from srcli.engine.probing.signature import read_signature
from srcli.engine.probing.trial_picture import draw_picture
from srcli.engine.sessions.session import Session
from srcli.upscaling.seams import LEVELS, run_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.core.arrays import Planes
    from srcli.engine.inference.traits import Traits

PART = 96
"""Side of the smaller pictures, in input pixels, where the declared size and the generator allow it."""
FARTHER = 32
"""How many pixels the longer pictures are longer than the declared size."""
SAME_LEVELS, SIMILAR_LEVELS = 2.0, 12.0
"""The mean difference, in levels of 1/255, that sizes may make in the middle of a picture: little, but for
generators that look at the picture as a whole. What is arranged for another size is farther off by far."""
HIDDEN_SIDES = (64, 128, 256, 48, 96, 32, 192, 512, 224, 100, 120, 160, 80, 40, 24)
"""Sides of the examples that exporters are given, commonest first."""


def check_freedom(session: Session, declared: bytes) -> None:
    """Compare a generator that was freed of its declared size with what it was, on parts of one picture.

    Args:
        session: the freed generator.
        declared: the ONNX file of the one for one size only.

    Raises:
        UnsuitableModel: the freed one does not take other sizes, or gives something else there, or the
            declared size can't run.
    """
    traits = session.traits
    name = "the declared size"
    runtime = ort_session.create_from_bytes(declared, ort_session.CPU, name=name)
    shape = runtime.get_inputs()[0].shape
    sides = [side for side in (shape[2:] if traits.layout == "NCHW" else shape[1:3]) if isinstance(side, int)]
    if len(sides) < 2:
        return  # one side alone, at which nothing can be compared
    size = Size(*sides)
    against = objection(parse_graph(declared), traits, size)
    if against is not None:
        raise UnsuitableModel(f"it does not run at the size that its file declares: {against}")
    fixed = Session(
        runtime, device=ort_session.CPU, precision="fp32", traits=dataclasses.replace(traits, fixed_size=size)
    )
    parts = list(_parts(size, traits))
    whole = draw_picture(Size(*(max(sides) for sides in zip(size, *parts, strict=True))))
    expected = run_whole(fixed, np.ascontiguousarray(whole[: size.height, : size.width]))
    limit = SIMILAR_LEVELS if traits.whole else SAME_LEVELS
    for part in parts:
        found = run_whole(session, np.ascontiguousarray(whole[: part.height, : part.width]))
        off = _mean_levels(found, expected, Size(*map(min, part, size)), traits.scale)
        if not off <= limit:
            raise UnsuitableModel(
                f"at {part} it is {off:.0f}/255 off what it gives at {size}, the size that its file declares"
            )


def _parts(size: Size, traits: Traits) -> Iterator[Size]:
    """Sizes to try: a smaller one, and strips that are higher and wider than the declared size."""
    short = Size(*(_taken(min(PART, side // 2), traits) for side in size))
    yield short
    yield Size(_taken(size.height + FARTHER, traits), short.width)
    yield Size(short.height, _taken(size.width + FARTHER, traits))


def _taken(side: int, traits: Traits) -> int:
    return round_up(max(side, traits.minimum), traits.multiple)


def _mean_levels(found: Planes, expected: Planes, shared: Size, scale: int) -> float:
    """The mean difference in the middle half of what two pictures share, in levels of 1/255."""
    rows, columns = (slice(side // 4 * scale, (side - side // 4) * scale) for side in shared)
    difference = np.abs(found[rows, columns] - expected[rows, columns])
    return float(difference.mean(dtype=np.float64)) * LEVELS


def hidden_side(model: bytes) -> int | None:
    """The side of the only squares that a generator takes whose graph declares no size; None for none found.

    Args:
        model: a serialised ONNX generator.
    """
    runtime = ort_session.create_from_bytes(model, ort_session.CPU, name="the generator")
    candidates, graph = read_signature(runtime, 0), parse_graph(model)
    for side in HIDDEN_SIDES:
        for traits in candidates:
            size = Size(side, side)
            if objection(graph, traits, size) is not None:
                continue
            try:
                ort_session.run(runtime, np.zeros(input_shape(traits, size), np.float32))
            except UnsuitableModel:
                continue
            return side
    return None
