"""A network as its two files give it, and its translation layer by layer."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import DamagedModel, ModelError, UnsuitableModel
from srcli.importers.ncnn.graph import Blob, Graph
from srcli.importers.ncnn.layers import TRANSLATORS
from srcli.importers.ncnn.param import LARGEST_FILE as LARGEST_TEXT
from srcli.importers.ncnn.param import parse_param
from srcli.importers.ncnn.step import Step
from srcli.importers.ncnn.weights import LARGEST_FILE, Weights

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from srcli.importers.ncnn.graph import Shape
    from srcli.importers.ncnn.param import Layer
    from srcli.importers.ncnn.weights import Array

COLOURS, GREY = 3, 1
ALONE = "srcli imports networks that take nothing but the picture"


@dataclass(frozen=True, slots=True)
class Network:
    """The layers and the weights of a network, read but not translated.

    Attributes:
        layers: in the order in which they run.
        weights: the ``.bin`` file.
        input: ncnn's name of the blob that takes the picture.
        output: ncnn's name of the blob that no layer takes.
        channels: 3, or 1 for a network for grey, which runs on every colour plane.
    """

    layers: tuple[Layer, ...]
    weights: bytes
    input: str
    output: str
    channels: int = COLOURS
    _decoded: dict[int, Array] = field(default_factory=dict)

    def add_to(self, graph: Graph, picture: Blob) -> Blob:
        """Translate the network into a graph; what it makes of a picture (channels, height, width).

        The nodes are the same for all sizes; the sizes are checked on the way.

        Raises:
            UnsuitableModel: an operator or one of its parameters can't be translated, or the network can't
                take pictures of that size; the message names the layer.
            DamagedModel: the files are broken or no pair.
        """
        weights, blobs = Weights(self.weights, self._decoded), {self.input: picture}
        for layer in self.layers:
            if layer.kind != "Input":
                _translate(layer, blobs, graph, weights)
        weights.finish()
        return blobs[self.output]

    def shape_for(self, height: int, width: int) -> Shape:
        """The shape of what the network makes of a picture (channels, height, width).

        Raises: as ``add_to``.
        """
        return self.add_to(Graph(), Blob("", (self.channels, height, width))).shape


def read_network(param: Path, weights: Path) -> Network:
    """Read the two files of a network.

    Raises:
        DamagedModel: one of them can't be read, or the text is no ncnn network.
        UnsuitableModel: it does not take one picture and give one.
    """
    layers = parse_param(_contents(param, LARGEST_TEXT))
    given = [layer for layer in layers if layer.kind == "Input"]
    taken = {name for layer in layers for name in layer.inputs}
    made = [name for layer in layers for name in layer.outputs if name not in taken]
    if len(given) != 1 or len(given[0].outputs) != 1 or len(made) != 1:
        raise UnsuitableModel(
            f"takes {len(given)} inputs and gives {len(made)} outputs, not one picture each way"
        )
    with _named(given[0]):
        channels = given[0].parameters.integer(2)
    channels = channels or _channels_taken(layers, given[0].outputs[0])
    if channels not in (0, COLOURS, GREY):
        raise UnsuitableModel(_why_not(channels), ALONE)
    names = given[0].outputs[0], made[0]
    return Network(layers, _contents(weights, LARGEST_FILE), *names, channels or COLOURS)


def _channels_taken(layers: tuple[Layer, ...], picture: str) -> int:
    """How many channels the first convolution wants, where it takes the picture itself; else 0.

    A convolution tells its number of weights, which is that of channels in and out times that of a window.
    """
    layer = next((layer for layer in layers if picture in layer.inputs), None)
    if layer is None or layer.kind != "Convolution":
        return 0
    with _named(layer):
        values = layer.parameters
        outputs, columns, weights = (values.integer(key, 0) for key in (0, 1, 6))
        window = columns * values.integer(11, columns)
    whole = outputs > 0 and window > 0 and weights % (outputs * window) == 0
    return weights // (outputs * window) if whole else 0


def _why_not(channels: int) -> str:
    """Why a network for so many channels is refused."""
    refusal = f"takes {channels} channels, not {COLOURS} or {GREY}"
    if channels < COLOURS:
        return refusal
    return (
        f"{refusal}: {channels - COLOURS} planes that describe the picture, such as SRMD's blur and noise, "
        "besides its colours"
    )


def _contents(path: Path, limit: int) -> bytes:
    """A file's bytes, if they are not too many."""
    try:
        if not path.is_file():
            raise DamagedModel(f"there is no file {path}")
        if path.stat().st_size > limit:
            raise DamagedModel(f"{path} is larger than {limit} bytes")
        return path.read_bytes()
    except OSError as error:
        raise DamagedModel(f"cannot read {path}: {error.strerror}") from error


def _translate(layer: Layer, blobs: dict[str, Blob], graph: Graph, weights: Weights) -> None:
    """Add a layer to the graph and its outputs to the blobs."""
    with _named(layer), np.errstate(all="ignore"):  # the step refuses what is not finite
        translate = TRANSLATORS.get(layer.kind)
        if translate is None:
            raise UnsuitableModel("srcli can't translate this operator")
        unknown = [name for name in layer.inputs if name not in blobs]
        if unknown:
            raise DamagedModel(f"takes {unknown[0]!r}, which no earlier layer gives")
        inputs = tuple(blobs[name] for name in layer.inputs)
        made = translate(Step(layer.name, len(layer.outputs), layer.parameters, inputs, graph, weights))
        layer.parameters.finish()
        results = made if isinstance(made, tuple) else (made,)
        if len(results) != len(layer.outputs):
            raise DamagedModel(f"gives {len(results)} outputs, and the file names {len(layer.outputs)}")
    blobs.update(zip(layer.outputs, results, strict=True))


@contextmanager
def _named(layer: Layer) -> Iterator[None]:
    """Put the layer's name before whatever is wrong with it."""
    try:
        yield
    except ModelError as error:
        raise type(error)(f"layer {layer.name} ({layer.kind}): {error.message}", error.hint) from error
