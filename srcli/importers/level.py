"""Networks that are told how much noise there is, beside the picture: the level becomes a part of them.

The level comes as a second input (a number or a plane), or as one more channel of the picture that holds it
in every pixel (Zhang et al., FFDNet, arXiv 1710.04026; DRUNet, arXiv 2008.13751).
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from srcli.core.errors import UnsuitableModel
from srcli.importers.claims import channel_axis, inputs_of

if TYPE_CHECKING:
    import torch
    from onnx import GraphProto, ModelProto, ValueInfoProto

    from srcli.importers.converted import Converted

USUAL = 15 / 255
"""The level of checkpoints where nobody tells another one: what their own programs take."""
HINT = "add --level 0.06, in the network's own unit: 15 levels of 255 in 0..1"
PICTURE_AXES = 4
TOLD = {4: 3, 2: 1}
"""Channels of networks that are told a level as one more channel, and those of their pictures."""


def build_level_in(converted: Converted, level: float | None, layout: str | None) -> Converted:
    """A generator that takes pictures alone, and gives nothing beside one.

    Args:
        converted: as its file is.
        level: what it is told, in its own unit; None where nobody says.
        layout: ``nchw`` or ``nhwc``, where that is known.

    Raises:
        UnsuitableModel: it is told something and nobody says what, or says so of one that isn't told.
    """
    import onnx

    model = onnx.load_model_from_string(converted.model)
    graph = model.graph
    alone = _drop_other_results(graph)
    told = _told(graph, layout)
    if not told:
        if level is not None:
            raise UnsuitableModel("the model is told no level: it takes a picture alone", hint="no --level")
        return dataclasses.replace(converted, model=model.SerializeToString()) if alone else converted
    if level is None:
        raise UnsuitableModel(f"the model {told}", hint=HINT)
    _settle(model, level, layout)
    name = f"{converted.architecture}, told {level:.4g}"
    return dataclasses.replace(converted, model=model.SerializeToString(), architecture=name)


def with_level(network: torch.nn.Module, level: float) -> torch.nn.Module:
    """A network that takes pictures alone, from one whose last input channel is the level.

    Args:
        network: takes (N, channels + 1, H, W).
        level: in 0..1.
    """
    import torch

    class Told(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, picture: torch.Tensor) -> torch.Tensor:
            plane = torch.zeros_like(picture[:, :1]) + level
            result: torch.Tensor = self.network(torch.cat([picture, plane], dim=1))
            return result

    return Told().eval()


def is_told(network: torch.nn.Module, channels: int) -> bool:
    """Whether a network's first convolution takes one channel more than its pictures have."""
    import torch

    first = next((part for part in network.modules() if isinstance(part, torch.nn.Conv2d)), None)
    return first is not None and first.in_channels == channels + 1


def _drop_other_results(graph: GraphProto) -> bool:
    """Leave out what a network gives beside its only picture, such as the quality that it found."""
    results = list(graph.output)
    pictures = [value for value in results if len(value.type.tensor_type.shape.dim) == PICTURE_AXES]
    if len(results) == 1 or len(pictures) != 1:
        return False
    del graph.output[:]
    graph.output.append(pictures[0])
    return True


def _told(graph: GraphProto, layout: str | None) -> str | None:
    """What a network asks for beside a picture, in words; None where it asks for nothing."""
    given = inputs_of(graph)
    if len(given) == 1:
        channels = _channels(given[0], layout)
        if channels in TOLD and _channels(graph.output[0], layout) in (0, TOLD[channels]):
            return f"takes {channels} channels, the last of which may be a level of noise"
        return None
    if len(given) > 2:
        return None  # the engine tells how many there are
    shape = [axis.dim_value or axis.dim_param for axis in given[1].type.tensor_type.shape.dim]
    return f"has a second input '{given[1].name}' of shape {shape}, such as a level of noise"


def _channels(value: ValueInfoProto, layout: str | None) -> int:
    """As declared, 0 where the graph leaves them open or the value is no batch of pictures."""
    axes = value.type.tensor_type.shape.dim
    if len(axes) != PICTURE_AXES:
        return 0
    count: int = axes[channel_axis(value, layout)].dim_value
    return count


def _settle(model: ModelProto, level: float, layout: str | None) -> None:
    """Put the level where the network asks for it."""
    graph = model.graph
    picture, *others = inputs_of(graph)
    if others:
        _settle_input(graph, picture, others[0], level, layout)
    else:
        _settle_channel(graph, picture, level, layout)


def _settle_input(
    graph: GraphProto, picture: ValueInfoProto, other: ValueInfoProto, level: float, layout: str | None
) -> None:
    import numpy as np
    from onnx import numpy_helper

    axes = other.type.tensor_type.shape.dim
    if len(axes) == PICTURE_AXES and any(axis.dim_value != 1 for axis in axes[1:]):
        nodes = _plane(graph, picture, other.name, level, channel_axis(picture, layout))
        _put_first(graph, nodes)
    elif all(axis.dim_value in (0, 1) for axis in axes):
        value = np.full([1] * len(axes), level, np.float32)
        graph.initializer.append(numpy_helper.from_array(value, other.name))
    else:
        raise UnsuitableModel(f"the second input '{other.name}' is neither a number nor a plane")
    graph.input.remove(other)


def _settle_channel(graph: GraphProto, picture: ValueInfoProto, level: float, layout: str | None) -> None:
    from onnx import helper

    axis = channel_axis(picture, layout)
    sides = picture.type.tensor_type.shape.dim
    together, plane = "srcli/told", "srcli/plane"
    for node in graph.node:
        node.input[:] = [together if name == picture.name else name for name in node.input]
    joined = helper.make_node("Concat", [picture.name, plane], [together], axis=axis)
    _put_first(graph, [*_plane(graph, picture, plane, level, axis), joined])
    sides[axis].dim_value = TOLD[sides[axis].dim_value]


def _plane(graph: GraphProto, picture: ValueInfoProto, name: str, level: float, axis: int) -> list[object]:
    """Operators that make a plane of one value, as large as the picture."""
    import numpy as np
    from onnx import helper, numpy_helper

    constants = {
        "srcli/first": np.array([0]),
        "srcli/nothing": np.array(0, np.float32),
        "srcli/level": np.array(level, np.float32),
    }
    graph.initializer.extend(numpy_helper.from_array(value, key) for key, value in constants.items())
    return [
        helper.make_node("Gather", [picture.name, "srcli/first"], ["srcli/channel"], axis=axis),
        helper.make_node("Mul", ["srcli/channel", "srcli/nothing"], ["srcli/flat"]),
        helper.make_node("Add", ["srcli/flat", "srcli/level"], [name]),
    ]


def _put_first(graph: GraphProto, nodes: list[object]) -> None:
    rest = list(graph.node)
    del graph.node[:]
    graph.node.extend([*nodes, *rest])
