"""What a generator's graph declares about its input and output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.errors import UnsuitableModel
from srcli.core.geometry import Size
from srcli.engine.inference.traits import BYTE, FLOAT, HALF, Traits

if TYPE_CHECKING:
    from srcli.engine.runtimes.runtime import NativeSession, Node

TYPES = (FLOAT, HALF, BYTE)
CHANNELS = (3, 1)


def read_signature(session: NativeSession, parameters: int) -> tuple[Traits, ...]:
    """The traits that a graph's declaration allows, likeliest first; the rest remains to be measured.

    Raises:
        UnsuitableModel: the declaration is not that of a picture-to-picture generator.
    """
    given, made = _only(session.get_inputs(), "input"), _only(session.get_outputs(), "output")
    for role, value in (("takes", given), ("gives", made)):
        if value.type not in TYPES:
            raise UnsuitableModel(f"the model {role} {value.type}, not float, float16 or uint8 pictures")
        if len(value.shape) != 4:
            raise UnsuitableModel(
                f"the model {role} arrays of {len(value.shape)} axes, not 4 (batches of pictures)"
            )
    if isinstance(given.shape[0], int) and given.shape[0] > 1:
        raise UnsuitableModel(f"the model takes {given.shape[0]} pictures at a time, not one")
    return tuple(
        Traits(
            scale=1,
            channels=channels,
            layout=layout,
            value_range=255.0 if given.type == BYTE else 1.0,
            output_range=255.0 if made.type == BYTE else 1.0,
            input_type=given.type,
            output_type=made.type,
            fixed_size=_fixed_size(given.shape, layout),
            fixed_batch=given.shape[0] == 1,
            multiple=1,
            minimum=1,
            receptive_field=None,
            parameters=parameters,
            live_values=0.0,
            exact=False,
        )
        for layout, channels in _layouts(given.shape)
    )


def _only(values: list[Node], role: str) -> Node:
    """The one input or output."""
    if len(values) != 1:
        names = ", ".join(value.name for value in values)
        raise UnsuitableModel(
            f"the model has {len(values)} {role}s, not one: {names}",
            hint="one that is told a level of noise: srcli models import FILE.onnx --level 0.06",
        )
    return values[0]


def _layouts(shape: list[int | str | None]) -> list[tuple[str, int]]:
    """The layouts and numbers of channels that an input's shape allows, likeliest first."""
    axes = {"NCHW": shape[1], "NHWC": shape[3]}
    known = [(layout, axis) for layout, axis in axes.items() if axis in CHANNELS]
    if known:
        return known
    unknown = [layout for layout, axis in axes.items() if not isinstance(axis, int)]
    if not unknown:
        raise UnsuitableModel(f"the model takes arrays of shape {shape}: no axis of 1 or 3 channels")
    if isinstance(shape[1], int) and isinstance(shape[2], str | None) and isinstance(shape[3], str | None):
        raise UnsuitableModel(f"the model takes {shape[1]} channels, not 1 or 3")
    return [(layout, channels) for channels in CHANNELS for layout in unknown]


def _fixed_size(shape: list[int | str | None], layout: str) -> Size | None:
    """Height and width where the graph fixes them."""
    sides = shape[2:] if layout == "NCHW" else shape[1:3]
    fixed = [side for side in sides if isinstance(side, int)]
    if not fixed:
        return None
    if len(fixed) == 1:
        raise UnsuitableModel(
            f"the model fixes one side of its input at {fixed[0]} and leaves the other open"
        )
    return Size(*fixed)
