"""Tiny ONNX generators for the tests, built on the spot: small enough that a run takes no time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from srcli.core.card import ModelCard, write_card
from srcli.models.verify import sha256_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FLOAT, HALF, BYTE = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.UINT8
OPSET = 17
DEEP_REACH = 6
"""Receptive field of ``deep``, in input pixels on each side."""

Axes: TypeAlias = "Sequence[int | str | None]"


def nearest(path: Path, scale: int = 2) -> Path:
    """Every pixel repeated ``scale`` times each way."""
    nodes = [_resize("input", "output", scale)]
    return _save(path, nodes, [_scales(scale)])


def deep(path: Path, scale: int = 2, reach: int = DEEP_REACH, width: int = 8, seed: int = 0) -> Path:
    """Nearest neighbour plus what ``reach`` 3x3 convolutions and ReLUs with random weights add.

    An output pixel depends on ``reach`` input pixels beyond its own on each side, and on no more.
    """
    nodes, weights = _body(scale, reach, width, seed)
    return _save(path, nodes, weights)


def channels_last(path: Path, scale: int = 2) -> Path:
    """``deep`` with pictures as (batch, height, width, channels)."""
    nodes, weights = _body(scale, source="planes", target="enlarged")
    nodes = [
        helper.make_node("Transpose", ["input"], ["planes"], perm=[0, 3, 1, 2]),
        *nodes,
        helper.make_node("Transpose", ["enlarged"], ["output"], perm=[0, 2, 3, 1]),
    ]
    axes = ("n", "h", "w", 3)
    return _save(path, nodes, weights, axes, axes)


def wide_range(path: Path, scale: int = 2) -> Path:
    """``deep`` with white at 255."""
    nodes, weights = _body(scale, source="unit", target="enlarged")
    weights.append(_constant("white", np.float32(255)))
    nodes = [
        helper.make_node("Div", ["input", "white"], ["unit"]),
        *nodes,
        helper.make_node("Mul", ["enlarged", "white"], ["output"]),
    ]
    return _save(path, nodes, weights)


def brighter(path: Path, scale: int = 2) -> Path:
    """Nearest neighbour plus 0.0087, which is much of 1 and nothing of 255: a generator made for 255."""
    nodes = [helper.make_node("Add", ["input", "little"], ["sum"]), _resize("sum", "output", scale)]
    return _save(path, nodes, [_scales(scale), _constant("little", np.float32(0.0087))])


def dark_rim(path: Path, scale: int = 2, rim: int = 4) -> Path:
    """Nearest neighbour with a black rim of ``rim`` pixels, which is nearly all of a small picture."""
    ends = {"starts": [rim, rim], "ends": [-rim, -rim], "axes": [2, 3], "pads": [0, 0, rim, rim] * 2}
    constants = [numpy_helper.from_array(np.array(value, np.int64), name) for name, value in ends.items()]
    nodes = [
        helper.make_node("Slice", ["input", "starts", "ends", "axes"], ["inner"]),
        helper.make_node("Pad", ["inner", "pads"], ["framed"]),
        _resize("framed", "output", scale),
    ]
    return _save(path, nodes, [_scales(scale), *constants])


def without_colours(path: Path, scale: int = 2) -> Path:
    """Nearest neighbour that shows luma in all three channels."""
    luma = np.broadcast_to(np.array([0.299, 0.587, 0.114], np.float32).reshape(1, 3, 1, 1), (3, 3, 1, 1))
    nodes = [helper.make_node("Conv", ["input", "luma"], ["grey"]), _resize("grey", "output", scale)]
    return _save(path, nodes, [_scales(scale), numpy_helper.from_array(np.ascontiguousarray(luma), "luma")])


def blue_first(path: Path, scale: int = 2) -> Path:
    """Nearest neighbour for pictures in BGR that darkens its third channel, which is red."""
    dark = numpy_helper.from_array(np.array([1, 1, 0.8], np.float32).reshape(1, 3, 1, 1), "dark")
    nodes = [helper.make_node("Mul", ["input", "dark"], ["darker"]), _resize("darker", "output", scale)]
    return _save(path, nodes, [_scales(scale), dark])


def bytes_in_and_out(path: Path, scale: int = 2) -> Path:
    """``deep`` that takes and gives uint8."""
    nodes, weights = _body(scale, source="unit", target="enlarged")
    weights += [_constant("white", np.float32(255)), _constant("black", np.float32(0))]
    nodes = [
        helper.make_node("Cast", ["input"], ["wide"], to=FLOAT),
        helper.make_node("Div", ["wide", "white"], ["unit"]),
        *nodes,
        helper.make_node("Mul", ["enlarged", "white"], ["brightened"]),
        helper.make_node("Clip", ["brightened", "black", "white"], ["clipped"]),
        helper.make_node("Round", ["clipped"], ["rounded"]),
        helper.make_node("Cast", ["rounded"], ["output"], to=BYTE),
    ]
    return _save(path, nodes, weights, given=BYTE, made=BYTE)


def quantised(
    path: Path,
    scale: int = 2,
    *,
    taken: tuple[float, int] = (1 / 255, 0),
    made: tuple[float, int] = (0.0043, 12),
) -> Path:
    """Nearest neighbour between bytes that have a scale and a zero of their own, at either end."""
    numbers = {"given": taken, "result": made}
    weights = [_constant(f"{name} scale", np.float32(step)) for name, (step, _) in numbers.items()]
    zeros = ((name, np.uint8(zero)) for name, (_, zero) in numbers.items())
    weights += [numpy_helper.from_array(np.asarray(zero), f"{name} zero") for name, zero in zeros]
    nodes = [
        helper.make_node("DequantizeLinear", ["input", "given scale", "given zero"], ["wide"]),
        _resize("wide", "large", scale),
        helper.make_node("QuantizeLinear", ["large", "result scale", "result zero"], ["output"]),
    ]
    return _save(path, nodes, [*weights, _scales(scale)], given=BYTE, made=BYTE)


def half(path: Path, scale: int = 2) -> Path:
    """``deep`` that takes and gives float16."""
    nodes, weights = _body(scale, source="single", target="enlarged")
    nodes = [
        helper.make_node("Cast", ["input"], ["single"], to=FLOAT),
        *nodes,
        helper.make_node("Cast", ["enlarged"], ["output"], to=HALF),
    ]
    return _save(path, nodes, weights, given=HALF, made=HALF)


def grey(path: Path, scale: int = 2) -> Path:
    """``deep`` for a single channel."""
    nodes, weights = _body(scale, channels=1)
    return _save(path, nodes, weights, ("n", 1, "h", "w"), ("n", 1, "H", "W"))


def fixed_size(path: Path, scale: int = 2, height: int = 40, width: int = 48) -> Path:
    """``deep`` that takes one picture of one size only."""
    nodes, weights = _body(scale)
    return _save(path, nodes, weights, (1, 3, height, width), (1, 3, scale * height, scale * width))


def size_inside(path: Path, scale: int = 2, side: int = 64, *, declared: bool = True) -> Path:
    """``deep`` with the size of its pictures written into a reshape, whether its graph declares it or not."""
    nodes, weights = _body(scale, source="folded")
    shape = numpy_helper.from_array(np.array([1, 3, side, side], np.int64), "shape")
    nodes = [helper.make_node("Reshape", ["input", "shape"], ["folded"]), *nodes]
    axes = (1, 3, side, side) if declared else (1, 3, "h", "w")
    return _save(path, nodes, [*weights, shape], axes, (1, 3, "H", "W"))


def darker_elsewhere(path: Path, scale: int = 2, side: int = 64) -> Path:
    """Nearest neighbour for squares of one side; pictures of any other height come out darker."""
    nodes = [
        helper.make_node("Shape", ["input"], ["height"], start=2, end=3),
        helper.make_node("Equal", ["height", "side"], ["right"]),
        helper.make_node("Where", ["right", "one", "less"], ["factor"]),
        helper.make_node("Mul", ["input", "factor"], ["shaded"]),
        _resize("shaded", "output", scale),
    ]
    constants = [_constant("one", np.float32(1)), _constant("less", np.float32(0.95))]
    sides = numpy_helper.from_array(np.array([side], np.int64), "side")
    axes = (1, 3, side, side)
    return _save(path, nodes, [_scales(scale), *constants, sides], axes, (1, 3, "H", "W"))


def pairs_of_pixels(path: Path, scale: int = 2) -> Path:
    """A generator that folds 2x2 blocks into channels first, so that sides have to be even."""
    nodes, weights = _body(scale, reach=2, channels=12, source="folded", target="enlarged")
    nodes = [
        helper.make_node("SpaceToDepth", ["input"], ["folded"], blocksize=2),
        *nodes,
        helper.make_node("DepthToSpace", ["enlarged"], ["output"], blocksize=2, mode="DCR"),
    ]
    return _save(path, nodes, weights)


def pooled(path: Path, scale: int = 2) -> Path:
    """Nearest neighbour plus a tenth of the picture's mean colour: no overlap makes its tiles exact."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["input"], ["mean"]),
        helper.make_node("Mul", ["mean", "tenth"], ["tint"]),
        helper.make_node("Add", ["input", "tint"], ["tinted"]),
        _resize("tinted", "output", scale),
    ]
    return _save(path, nodes, [_scales(scale), _constant("tenth", np.float32(0.1))])


def attention(path: Path, scale: int = 2, poolings: int = 1, *, hidden: bool = False) -> Path:
    """Nearest neighbour and enhanced spatial attention, whose map is empty for small pictures.

    At 16 channels onnxruntime 1.31 takes its blocked convolution, which divides by zero there. With a second
    pooling the map is empty at 17 x 19 as well, with five at 97 x 99. ``hidden`` computes how often a map
    is repeated (once), so that no sizes can be deduced before it runs.
    """
    random = np.random.default_rng(0)

    def kernel(name: str, *shape: int) -> onnx.TensorProto:
        return numpy_helper.from_array(random.normal(0, 0.1, shape).astype(np.float32), name)

    pools = [
        helper.make_node(
            "MaxPool", [f"pooled{index}"], [f"pooled{index + 1}"], kernel_shape=[7, 7], strides=[3, 3]
        )
        for index in range(poolings)
    ]
    repeated = helper.make_node("Tile", ["wide", "once"], ["as wide"])
    nodes = [
        helper.make_node("Conv", ["input", "first"], ["wide"]),
        *[repeated] * hidden,
        helper.make_node("Conv", ["as wide" if hidden else "wide", "second"], ["pooled0"], strides=[2, 2]),
        *pools,
        helper.make_node("Conv", [f"pooled{poolings}", "third"], ["small"], pads=[1] * 4),
        helper.make_node("Shape", ["wide"], ["size"]),
        helper.make_node("Resize", ["small", "", "", "size"], ["large"], mode="linear"),
        helper.make_node("Conv", ["large", "fourth"], ["colour"]),
        helper.make_node("Mul", ["colour", "little"], ["detail"]),
        helper.make_node("Add", ["detail", "input"], ["sum"]),
        _resize("sum", "output", scale),
    ]
    weights = [
        kernel("first", 16, 3, 1, 1),
        kernel("second", 16, 16, 3, 3),
        kernel("third", 16, 16, 3, 3),
        kernel("fourth", 3, 16, 1, 1),
        _constant("little", np.float32(1e-6)),
        numpy_helper.from_array(np.ones(4, np.int64), "once"),
    ]
    return _save(path, nodes, [*weights, _scales(scale)])


def window_on_a_mean(path: Path, scale: int = 2) -> Path:
    """A gate whose kernel is larger than its map of one pixel, which makes onnxruntime 1.31 abort."""
    weights = numpy_helper.from_array(np.zeros((3, 3, 5, 5), np.float32), "kernel")
    ends = {"one": [1, 1], "minus": [-1, -1], "axes": [2, 3]}
    constants = [numpy_helper.from_array(np.array(value, np.int64), name) for name, value in ends.items()]
    nodes = [
        helper.make_node("GlobalAveragePool", ["input"], ["mean"]),
        helper.make_node("Conv", ["mean", "kernel"], ["gate"]),
        helper.make_node("Mul", ["input", "gate"], ["gated"]),
        helper.make_node("Slice", ["gated", "one", "minus", "axes"], ["cut"]),
        _resize("cut", "output", scale),
    ]
    return _save(path, nodes, [weights, *constants, _scales(scale)])


def endless(path: Path, scale: int = 2, beyond: int = 1) -> Path:
    """Nearest neighbour behind a loop without end, for pictures that are as high as ``beyond`` or higher."""
    numbers = {"many": 2**40, "beyond": beyond}
    constants = [numpy_helper.from_array(np.array(value, np.int64), name) for name, value in numbers.items()]
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["on"], ["still"]),
            helper.make_node("Identity", ["held"], ["kept"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("held", FLOAT, ["n", 3, "h", "w"]),
        ],
        [
            helper.make_tensor_value_info("still", TensorProto.BOOL, []),
            helper.make_tensor_value_info("kept", FLOAT, ["n", 3, "h", "w"]),
        ],
    )
    nodes = [
        helper.make_node("Shape", ["input"], ["axes"], start=2, end=3),
        helper.make_node("Squeeze", ["axes"], ["height"]),
        helper.make_node("Div", ["height", "beyond"], ["share"]),
        helper.make_node("Mul", ["share", "many"], ["turns"]),
        helper.make_node("Loop", ["turns", "", "input"], ["looped"], body=body),
        _resize("looped", "output", scale),
    ]
    return _save(path, nodes, [*constants, _scales(scale)])


def shifted(path: Path, scale: int = 2) -> Path:
    """Nearest neighbour three levels of 255 too bright."""
    nodes = [
        helper.make_node("Add", ["input", "shift"], ["brighter"]),
        _resize("brighter", "output", scale),
    ]
    return _save(path, nodes, [_scales(scale), _constant("shift", np.float32(3 / 255))])


def undefined_on_white(path: Path, scale: int = 2) -> Path:
    """Nearest neighbour that gives NaN wherever the input is exactly 1."""
    nodes = [
        helper.make_node("Sub", ["one", "input"], ["distance"]),
        helper.make_node("Div", ["distance", "distance"], ["whole"]),
        helper.make_node("Mul", ["input", "whole"], ["marked"]),
        _resize("marked", "output", scale),
    ]
    return _save(path, nodes, [_scales(scale), _constant("one", np.float32(1))])


def flat_on_white(path: Path, scale: int = 2) -> Path:
    """Nearest neighbour that gives one flat colour for a picture with any pixel above 0.99."""
    nodes = [
        helper.make_node("ReduceMax", ["input"], ["brightest"], keepdims=1),
        helper.make_node("Less", ["brightest", "limit"], ["sound"]),
        helper.make_node("Cast", ["sound"], ["switch"], to=FLOAT),
        helper.make_node("Mul", ["input", "switch"], ["kept"]),
        _resize("kept", "output", scale),
    ]
    return _save(path, nodes, [_scales(scale), _constant("limit", np.float32(0.99))])


def not_a_generator(path: Path) -> Path:
    """A classifier: pictures in, four numbers out."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["input"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["output"]),
    ]
    return _save(path, nodes, [], made_axes=("n", 3))


def same_size(path: Path) -> Path:
    """Pictures in, pictures of the same size out."""
    return _save(path, [helper.make_node("Identity", ["input"], ["output"])], [])


def brightens(path: Path, scale: int = 1) -> Path:
    """Dark pictures made brighter: the cube root."""
    nodes = [helper.make_node("Pow", ["input", "power"], ["lifted"]), _resize("lifted", "output", scale)]
    return _save(path, nodes, [_scales(scale), _constant("power", np.float32(1 / 3))])


def half_as_large_again(path: Path) -> Path:
    """One and a half times larger: no whole scale."""
    scales = numpy_helper.from_array(np.array([1, 1, 1.5, 1.5], np.float32), "scales")
    return _save(path, [_resize("input", "output", 2)], [scales])


def ignores_input(path: Path, scale: int = 2) -> Path:
    """Grey whatever the picture shows."""
    nodes = [
        helper.make_node("Mul", ["input", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "middle"], ["flat"]),
        _resize("flat", "output", scale),
    ]
    constants = [_constant("zero", np.float32(0)), _constant("middle", np.float32(0.5))]
    return _save(path, nodes, [_scales(scale), *constants])


def colouring(path: Path, scale: int = 1, side: int = 16) -> Path:
    """Views of one size, whose luma gets one chroma: Cb -0.1 and Cr 0.1."""
    luma = np.broadcast_to(np.array([0.299, 0.587, 0.114], np.float32).reshape(1, 3, 1, 1), (3, 3, 1, 1))
    red, blue = 1.402 * 0.1, 1.772 * -0.1
    tint = np.array([red, -(0.299 * red + 0.114 * blue) / 0.587, blue], np.float32)
    weights = {"luma": np.ascontiguousarray(luma), "tint": tint}
    axes = (1, 3, side, side)
    nodes = [helper.make_node("Conv", ["input", "luma", "tint"], ["output"])]
    constants = [numpy_helper.from_array(value, name) for name, value in weights.items()]
    return _save(path, nodes, constants, axes, axes)


def two_inputs(path: Path) -> Path:
    """A picture and a noise level in."""
    nodes = [helper.make_node("Add", ["input", "level"], ["sum"]), _resize("sum", "output", 2)]
    level = helper.make_tensor_value_info("level", FLOAT, (1,))
    return _save(path, nodes, [_scales(2)], more_inputs=[level])


def video(path: Path) -> Path:
    """Arrays of five axes in and out."""
    axes = ("n", "t", 3, "h", "w")
    return _save(path, [helper.make_node("Identity", ["input"], ["output"])], [], axes, axes)


def four_channels(path: Path) -> Path:
    """Colour and alpha in one array."""
    axes = ("n", 4, "h", "w")
    return _save(path, [_resize("input", "output", 2)], [_scales(2)], axes, axes)


def install(
    folder: Path,
    build: object = deep,
    name: str = "fast",
    scale: int = 2,
    overlap: int = DEEP_REACH,
    value_range: float | None = None,
    *,
    colours: bool = False,
) -> ModelCard:
    """Put a tiny generator and its card into a folder, as ``NAME-xS.onnx`` and ``NAME-xS.json``."""
    assert callable(build)
    path = build(folder / f"{name}-x{scale}.onnx", scale)
    card = ModelCard(
        name=name,
        scale=scale,
        architecture="tiny",
        parameters=4976,
        macs_per_pixel=4976,
        receptive_field=overlap,
        overlap=overlap,
        fp16_safe=True,
        licence="MIT",
        sha256=sha256_of(path),
        purpose="tests",
        value_range=value_range,
        colours=colours,
    )
    write_card(card, path.with_suffix(".json"))
    return card


def _body(
    scale: int,
    reach: int = DEEP_REACH,
    width: int = 8,
    seed: int = 0,
    *,
    channels: int = 3,
    source: str = "input",
    target: str = "output",
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Nodes and weights: nearest neighbour plus a small random residual of ``reach`` convolutions."""
    random = np.random.default_rng(seed)
    nodes, weights, layer = [], [_scales(scale)], source
    for index in range(reach):
        inputs = channels if index == 0 else width
        outputs = channels * scale**2 if index == reach - 1 else width
        kernel = random.normal(0, (2 / (9 * inputs)) ** 0.5, (outputs, inputs, 3, 3))
        kernel *= 0.1 if index == reach - 1 else 1
        weights.append(numpy_helper.from_array(kernel.astype(np.float32), f"kernel{index}"))
        weights.append(
            numpy_helper.from_array(random.normal(0, 0.02, outputs).astype(np.float32), f"bias{index}")
        )
        names = [layer, f"kernel{index}", f"bias{index}"]
        nodes.append(helper.make_node("Conv", names, [f"conv{index}"], pads=[1, 1, 1, 1]))
        layer = f"conv{index}"
        if index < reach - 1:
            nodes.append(helper.make_node("Relu", [layer], [f"relu{index}"]))
            layer = f"relu{index}"
    nodes.append(helper.make_node("DepthToSpace", [layer], ["detail"], blocksize=scale, mode="CRD"))
    nodes.append(_resize(source, "repeated", scale))
    nodes.append(helper.make_node("Add", ["repeated", "detail"], [target]))
    return nodes, weights


def _resize(source: str, target: str, scale: int) -> onnx.NodeProto:
    return helper.make_node(
        "Resize",
        [source, "", "scales"],
        [target],
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
        name=f"enlarge{scale}",
    )


def _scales(scale: int) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array([1, 1, scale, scale], np.float32), "scales")


def _constant(name: str, value: np.float32) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(value, np.float32), name)


def _save(
    path: Path,
    nodes: list[onnx.NodeProto],
    weights: list[onnx.TensorProto],
    given_axes: Axes = ("n", 3, "h", "w"),
    made_axes: Axes = ("n", 3, "H", "W"),
    *,
    given: int = FLOAT,
    made: int = FLOAT,
    more_inputs: Sequence[onnx.ValueInfoProto] = (),
) -> Path:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("input", given, given_axes), *more_inputs],
        [helper.make_tensor_value_info("output", made, made_axes)],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.save(model, path)
    return path
