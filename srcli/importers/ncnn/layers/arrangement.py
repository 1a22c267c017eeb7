"""Layers that compute nothing: they join, part, reorder and rename."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from srcli.core.errors import DamagedModel, UnsuitableModel
from srcli.importers.ncnn.graph import Blob

if TYPE_CHECKING:
    from srcli.importers.ncnn.graph import Shape
    from srcli.importers.ncnn.step import Step

ABSENT = -233
ORDERS = {
    0: "chw",
    1: "cwh",
    2: "hcw",
    3: "hwc",
    4: "wch",
    5: "whc",
}
"""Axes from the outermost to the innermost; ncnn's list has them the other way."""


def passed_on(step: Step) -> tuple[Blob, ...]:
    """``Split``, ``Noop`` and ``Dropout``: every output is the input."""
    if len(step.inputs) == step.outputs:
        return step.inputs
    return (step.only(),) * step.outputs


def dropout(step: Step) -> tuple[Blob, ...]:
    """``Dropout``, which does nothing outside training."""
    step.parameters.expect(0, 1)  # a factor
    return passed_on(step)


def concat(step: Step) -> Blob:
    """``Concat`` along an axis."""
    axis = step.parameters.integer(0, 0, -3, 2)
    shapes = [list(blob.shape) for blob in step.inputs]
    if not shapes or not -len(shapes[0]) <= axis < len(shapes[0]):
        raise DamagedModel(f"joins {len(shapes)} blobs along axis {axis}")
    axis %= len(shapes[0])
    sides = [shape[axis] if axis < len(shape) else 0 for shape in shapes]
    rests = [shape[:axis] + shape[axis + 1 :] for shape in shapes]
    if any(rest != rests[0] for rest in rests):
        raise UnsuitableModel(f"joins blobs of shapes {shapes} along axis {axis}")
    shape = (*rests[0][:axis], sum(sides), *rests[0][axis:])
    return step.emit("Concat", step.inputs, shape, axis=axis + 1)


def parted(step: Step) -> tuple[Blob, ...]:
    """``Slice``: the channels in parts, each of so many, or of an equal share of the rest."""
    parameters, blob = step.parameters, step.only()
    if parameters.integer(1, 0, -3, 2) % len(blob.shape) or parameters.integers(2):
        raise UnsuitableModel("parts along rows or columns; srcli translates parts of channels")
    wanted, left = parameters.integers(0), blob.shape[0]
    if len(wanted) != step.outputs or not wanted:
        raise DamagedModel(f"parts {wanted} into {step.outputs} blobs")
    sizes: list[int] = []
    for index, size in enumerate(wanted):
        part = left // (len(wanted) - index) if size == ABSENT else size
        if not 1 <= part <= left:
            raise DamagedModel(f"parts {blob.shape[0]} channels by {wanted}")
        sizes.append(part)
        left -= part
    return tuple(_channels(step, blob, sum(sizes[:index]), size) for index, size in enumerate(sizes))


def permute(step: Step) -> Blob:
    """``Permute``: the axes in another order."""
    blob = step.only()
    if len(blob.shape) == 2:
        if step.parameters.integer(0, 0, 0, 1) == 0:
            return blob
        return step.emit("Transpose", (blob,), blob.shape[::-1], perm=[0, 2, 1])
    order = step.parameters.choice(0, 0, ORDERS)
    places = ["chw".index(axis) for axis in order]
    shape = step.picture().shape
    made = tuple(shape[place] for place in places)
    return step.emit("Transpose", (blob,), made, perm=[0, *(place + 1 for place in places)])


def reshape(step: Step) -> Blob:
    """``Reshape``: the same numbers with other axes. 0 keeps an axis, -1 takes what is left."""
    parameters, blob = step.parameters, step.only()
    parameters.expect(6, "")  # an expression
    parameters.expect(11, ABSENT)  # the depth of a volume
    wanted = [parameters.integer(key, ABSENT, ABSENT) for key in (2, 1, 0)]
    while wanted and wanted[0] == ABSENT:
        wanted.pop(0)
    if not wanted or min(wanted) < -1 or wanted.count(-1) > 1:
        raise DamagedModel(f"wants the shape {wanted}")
    return _reshaped(step, blob, wanted)


def flatten(step: Step) -> Blob:
    """``Flatten``: a list of all numbers."""
    return step.emit("Flatten", (step.only(),), (math.prod(step.only().shape),), axis=1)


def shuffle_channel(step: Step) -> Blob:
    """``ShuffleChannel``: channels dealt in turn to groups, or collected again."""
    channels, height, width = step.picture().shape
    group = step.parameters.integer(0, 1, 1)
    if channels % group:
        raise DamagedModel(f"shuffles {channels} channels in {group} groups")
    outer = channels // group if step.parameters.integer(1, 0, 0, 1) else group
    shape = outer, channels // outer, height * width
    groups = step.integers("groups", 0, outer, channels // outer, -1)
    grouped = step.emit("Reshape", (step.only(), groups), shape)
    dealt = step.emit("Transpose", (grouped,), (shape[1], shape[0], shape[2]), perm=[0, 2, 1, 3])
    # The rows and columns are the input's, whatever its size.
    size = step.emit("Shape", (step.only(),), (4,))
    return step.emit("Reshape", (dealt, size), (channels, height, width))


def memory_data(step: Step) -> Blob:
    """``MemoryData``: weights as a blob."""
    parameters = step.parameters
    parameters.expect(11, 0)  # the depth of a volume
    parameters.expect(21, 1)  # stored with a tag
    shape = tuple(side for side in (parameters.integer(key) for key in (2, 1, 0)) if side)
    if not shape:
        raise DamagedModel("has no size")
    values = step.weights.floats(math.prod(shape)).reshape(1, *shape)
    return Blob(step.constant("data", values), shape)


def _channels(step: Step, blob: Blob, start: int, count: int) -> Blob:
    """Some of a blob's channels."""
    limits = (
        step.integers(role, value)
        for role, value in (("starts", start), ("ends", start + count), ("axes", 1))
    )
    return step.emit("Slice", (blob, *limits), (count, *blob.shape[1:]))


def _reshaped(step: Step, blob: Blob, wanted: list[int]) -> Blob:
    """A blob in another shape, given from the outermost axis."""
    if 0 in wanted and len(wanted) != len(blob.shape):
        raise UnsuitableModel(f"keeps axes while it makes {len(wanted)} of {len(blob.shape)}")
    shape = [blob.shape[place] if side == 0 else side for place, side in enumerate(wanted)]
    total = math.prod(blob.shape)
    if -1 in shape:
        known = -math.prod(shape)
        shape[shape.index(-1)] = total // known
    if math.prod(shape) != total:
        raise UnsuitableModel(f"makes a shape {wanted} of {blob.shape}: for pictures of one size only")
    return step.emit("Reshape", (blob, step.integers("shape", 0, *wanted)), _tuple(shape))


def _tuple(shape: list[int]) -> Shape:
    """A shape as it is kept."""
    return tuple(shape)
