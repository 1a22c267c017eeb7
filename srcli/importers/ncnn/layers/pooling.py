"""Pooling over windows and over whole pictures, and reductions along axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.errors import UnsuitableModel
from srcli.importers.ncnn.layers.window import LARGEST_SIDE, SAME_LOWER, SAME_UPPER, Window, read_pads

if TYPE_CHECKING:
    from srcli.importers.ncnn.graph import Blob, Shape
    from srcli.importers.ncnn.step import Step

METHODS = {0: "Max", 1: "Average"}
BORDERS = {0: "full", 1: "valid", 2: "same, more below", 3: "same, more above"}
REDUCTIONS = {0: "ReduceSum", 3: "ReduceMean", 4: "ReduceMax", 5: "ReduceMin"}


def pooling(step: Step) -> Blob:
    """``Pooling``: the largest or the mean of each window, or of a whole channel."""
    parameters = step.parameters
    method = parameters.choice(0, 0, METHODS)
    channels = step.picture().shape[0]
    window, border = _window(step), parameters.choice(5, 0, BORDERS)
    counted = parameters.integer(6, 0, 0, 1)
    adaptive, made = parameters.integer(7, 0, 0, 1), (parameters.integer(18, 1), parameters.integer(8, 1))
    if parameters.integer(4, 0, 0, 1):
        whole = step.emit(f"Global{method}Pool", (step.only(),), (channels, 1, 1))
        return step.emit("Flatten", (whole,), (channels,), axis=1)
    if adaptive:
        if made != (1, 1):
            raise UnsuitableModel(f"pools into {made[0]} x {made[1]} parts; srcli translates 1 x 1")
        return step.emit(f"Global{method}Pool", (step.only(),), (channels, 1, 1))
    return _windows(step, method, window, border, counted=counted)


def reduction(step: Step) -> Blob:
    """``Reduction``: sum, mean, largest or smallest along axes."""
    parameters, blob = step.parameters, step.only()
    kind, count = parameters.choice(0, 0, REDUCTIONS), len(blob.shape)
    parameters.expect(2, 1)  # a factor
    axes = parameters.integers(3)
    if axes:
        parameters.expect(5, 1)  # files from before ncnn counted axes without the batch
    keep = parameters.integer(4, 0, 0, 1)
    if parameters.integer(1, 1, 0, 1) or not axes:
        axes = tuple(range(count))
    if not all(-count <= axis < count for axis in axes):
        raise UnsuitableModel(f"reduces along axes {axes} of {count}")
    along = sorted({axis % count for axis in axes})
    shape = _reduced(blob.shape, along, keep=bool(keep))
    places = [axis + 1 for axis in along]
    result = step.emit(kind, (blob, step.integers("axes", *places)), shape or (1,), keepdims=keep)
    return result if shape else step.emit("Unsqueeze", (result, step.integers("axis", 1)), (1,))


def _window(step: Step) -> Window:
    """The window, which is no matter where a whole channel is pooled."""
    parameters = step.parameters
    columns = parameters.integer(1, 1, 0, LARGEST_SIDE)
    stride = parameters.integer(2, 1, 1, LARGEST_SIDE)
    return Window(
        kernel=(parameters.integer(11, columns, 0, LARGEST_SIDE), columns),
        dilation=(1, 1),
        stride=(parameters.integer(12, stride, 1, LARGEST_SIDE), stride),
        pads=read_pads(parameters, left=3, top=13, right=14, bottom=15),
    )


def _windows(step: Step, method: str, window: Window, border: str, *, counted: int) -> Blob:
    """Pooled over windows."""
    channels, height, width = step.picture().shape
    ceil = border == "full"
    if border.startswith("same"):
        pad = SAME_UPPER if border == "same, more below" else SAME_LOWER
        window = Window(window.kernel, window.dilation, window.stride, (pad,) * 4)
    leaves_gaps = any(s > k for s, k in zip(window.stride, window.kernel, strict=True))
    weighed = method == "Average" and (window.automatic or (ceil and counted))
    if leaves_gaps or weighed or max(window.pads) >= min(window.kernel):
        raise UnsuitableModel(f"pools {window.kernel} pixels ({method.lower()}) with a {border} border")
    words = {**window.attributes(), "ceil_mode": int(ceil)}
    if method == "Average":
        words["count_include_pad"] = counted
    shape = (channels, *window.slid_over(height, width, ceil=ceil))
    return step.emit(f"{method}Pool", (step.only(),), shape, **words)


def _reduced(shape: Shape, along: list[int], *, keep: bool) -> Shape:
    """A shape without some axes, or with single places in them."""
    if keep:
        return tuple(1 if axis in along else side for axis, side in enumerate(shape))
    return tuple(side for axis, side in enumerate(shape) if axis not in along)
