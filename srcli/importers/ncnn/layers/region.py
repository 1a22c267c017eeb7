"""Layers that cut pictures or surround them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.errors import DamagedModel, UnsuitableModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.importers.ncnn.graph import Blob
    from srcli.importers.ncnn.step import Step

ABSENT = -233
END = 2**31 - 1
MODES = {0: "constant", 1: "edge", 2: "reflect"}
LARGEST_PAD = 4096


def crop(step: Step) -> Blob:
    """``Crop``: by starts and ends, by offsets and sizes, or to the size of a second blob."""
    parameters = step.parameters
    for key in (13, 14, 15):  # the depth of a volume
        parameters.expect(key, 0)
    for key in (19, 20, 21):  # expressions
        parameters.expect(key, "")
    starts, ends, axes = parameters.integers(9), parameters.integers(10), parameters.integers(11)
    offsets = [parameters.integer(key, 0, 0) for key in (2, 1, 0)]
    sizes = [parameters.integer(key, 0, ABSENT) for key in (5, 4, 3)]
    rests = [parameters.integer(key, 0, 0) for key in (8, 7, 6)]
    if starts or ends:
        return _by_ends(step, starts, ends, axes)
    if len(step.inputs) == 2:
        return _like(step, offsets)
    return _by_sizes(step, offsets, sizes, rests)


def padding(step: Step) -> Blob:
    """``Padding`` with a constant, the outermost pixels or the mirrored picture."""
    parameters = step.parameters
    top, bottom, left, right = (parameters.integer(key, 0, 0, LARGEST_PAD) for key in range(4))
    mode, value = parameters.choice(4, 0, MODES), parameters.real(5)
    for key in (6, 7, 8):  # a constant for each channel, and more channels
        parameters.expect(key, 0)
    channels, height, width = step.picture().shape
    if mode == "reflect" and (max(top, bottom) >= height or max(left, right) >= width):
        raise UnsuitableModel(f"mirrors more than the {height} x {width} pixels that there are")
    pads = step.integers("pads", 0, 0, top, left, 0, 0, bottom, right)
    names = (step.only(), pads, step.scalar(value)) if mode == "constant" else (step.only(), pads)
    return step.emit("Pad", names, (channels, height + top + bottom, width + left + right), mode=mode)


def _by_ends(step: Step, starts: Sequence[int], ends: Sequence[int], axes: Sequence[int]) -> Blob:
    """What lies between starts and ends; negative ones count from the far end."""
    blob = step.only()
    count = len(blob.shape)
    axes = axes or range(count)
    if not len(starts) == len(ends) == len(axes) or not all(-count <= axis < count for axis in axes):
        raise DamagedModel(f"starts {starts}, ends {ends} and axes {tuple(axes)} don't fit")
    begins = [0 if start == ABSENT else start for start in starts]
    stops = [END if end in (ABSENT, 0) else end for end in ends]
    shape = list(blob.shape)
    for axis, begin, stop in zip(axes, begins, stops, strict=True):
        shape[axis] = len(range(*slice(begin, stop).indices(blob.shape[axis])))
    return _slice(step, blob, begins, stops, [axis % count for axis in axes], shape)


def _by_sizes(step: Step, offsets: Sequence[int], sizes: Sequence[int], rests: Sequence[int]) -> Blob:
    """A region at an offset, as large as given, or up to a rest that is left away at the far side."""
    shape = step.picture().shape
    stops = [END if rest == 0 else -rest for rest in rests]
    made = [side - offset - rest for side, offset, rest in zip(shape, offsets, rests, strict=True)]
    for axis, size in enumerate(sizes):
        if size != ABSENT and size <= made[axis]:
            made[axis], stops[axis] = size, offsets[axis] + size
    return _slice(step, step.only(), offsets, stops, range(3), made)


def _like(step: Step, offsets: Sequence[int]) -> Blob:
    """A region at an offset, as large as the second blob."""
    blob, reference = step.exactly(2)
    if len(blob.shape) != 3 or len(reference.shape) != 3:
        raise UnsuitableModel(f"cuts a blob of {len(blob.shape)} axes like one of {len(reference.shape)}")
    made = reference.shape
    if any(o + m > side for o, m, side in zip(offsets, made, blob.shape, strict=True)):
        raise UnsuitableModel(f"cuts {made} at {tuple(offsets)} out of {blob.shape}")
    starts = step.integers("starts", *offsets)
    size = step.emit("Shape", (reference,), (3,), start=1)
    ends = step.emit("Add", (size, starts), (3,))
    return step.emit("Slice", (blob, starts, ends, step.integers("axes", 1, 2, 3)), made)


def _slice(
    step: Step,
    blob: Blob,
    starts: Sequence[int],
    ends: Sequence[int],
    axes: Sequence[int],
    shape: Sequence[int],
) -> Blob:
    """ONNX's slice, whose axes count the batch."""
    limits = (
        step.integers(role, *values)
        for role, values in (("starts", starts), ("ends", ends), ("axes", [axis + 1 for axis in axes]))
    )
    return step.emit("Slice", (blob, *limits), tuple(shape))
