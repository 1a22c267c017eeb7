"""Whatever enlarges or repairs pictures, in one shape so that they can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import UsageError
from srcli.core.events import Progress, silent
from srcli.core.geometry import Size
from srcli.imaging.picture import Frame
from srcli.models.store import default_store
from srcli.upscaling.chain import hashes
from srcli.upscaling.enlargement import Recipe, upscale_frame
from srcli.upscaling.generator import Generator, RunOptions, load_generator
from srcli.upscaling.model_ref import refs_in
from srcli.upscaling.pool import GeneratorPool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.core.arrays import Planes

INTERPOLATIONS = ("nearest", "average", "bilinear", "bicubic", "lanczos")
"""Those worth a row in a table, simplest first."""

INPUT = "input"
"""The name of the picture as it is, which goes where interpolations go where nothing is enlarged."""

_WARM_UP_SIDE = 96


@dataclass(frozen=True, slots=True)
class Method:
    """One way to enlarge a picture, or to repair it at scale 1.

    Attributes:
        name: as the user typed it.
        scale: the whole factor.
        generators: run one after the other; none for an interpolation, or for the picture as it is.
    """

    name: str
    scale: int
    generators: tuple[Generator, ...] = ()

    @property
    def label(self) -> str:
        """For tables: a model file without its folder, and how an ensemble is made."""
        name = ",".join(ref.label for ref in refs_in(self.name))
        ensemble = self.generators[0].options.ensemble if self.generators else None
        return f"{name}, {ensemble}" if ensemble and ensemble.size > 1 else name

    @property
    def sha256(self) -> str | None:
        """Of the generators' files, in the order they run, joined by ``+``."""
        return hashes(self.generators) or None

    @property
    def parameters(self) -> int | None:
        """Number of weights."""
        return sum(each.card.parameters for each in self.generators) or None

    def warm_up(self) -> None:
        """Pay once for what only the first run costs, so that it isn't counted as the first picture's."""
        for generator in self.generators:
            generator.run(np.full((_WARM_UP_SIDE, _WARM_UP_SIDE, 3), 0.5, np.float32))

    def enlarge(self, colour: Planes, progress: Progress = silent) -> Planes:
        """Enlarge a picture as ``srcli upscale`` does, or repair it as ``srcli restore`` does.

        Args:
            colour: (height, width, 1 or 3) float32, 0..1.
            progress: told of each tile.

        Returns:
            (scale x height, scale x width, channels) float32, 0..1, not rounded.
        """
        size = Size(*colour.shape[:2]).scaled(self.scale)
        last = refs_in(self.name)[-1]
        recipe = Recipe(self.generators, resize_method=last.word if last.is_interpolation else "bicubic")
        larger, _ = upscale_frame(Frame(colour, None), size, recipe, progress)
        return larger.colour


def open_methods(
    names: Sequence[str], scale: int, *, device: str = "auto", options: RunOptions | None = None
) -> list[Method]:
    """Find interpolations and generators by name, each once, in the order given.

    Args:
        names: interpolations, installed generators, paths of ONNX files, several of these with commas
            between, or ``input`` at scale 1.
        scale: the whole factor that all of them must have.
        device: where generators run.
        options: how generators run.

    Raises:
        UnknownModel: there is no generator of that name and scale.
        UsageError: what is named does not have that scale, or two have one name.
        DeviceUnavailable: the device can't be used.
    """
    methods = [_open(name, scale, device, options) for name in dict.fromkeys(names)]
    labels = [method.label for method in methods]
    for label in labels:
        if labels.count(label) > 1:
            raise UsageError(f"two methods are called {label}", hint="give one of the files another name")
    return methods


def installed_names(scale: int) -> list[str]:
    """The installed generators that have a scale and take any picture, not grey ones alone."""
    cards = [model.card for model in default_store().all()]
    return [card.name for card in cards if card.scale == scale and not card.colours]


def baselines(scale: int) -> tuple[str, ...]:
    """The methods that generators of a scale are compared with, simplest first."""
    return (INPUT,) if scale == 1 else INTERPOLATIONS


def _open(name: str, scale: int, device: str, options: RunOptions | None) -> Method:
    refs = refs_in(name)
    if (name == INPUT and scale == 1) or (len(refs) == 1 and refs[0].is_interpolation):
        return Method(name, scale)
    if len(refs) == 1:
        return Method(name, scale, (load_generator(name, scale=scale, device=device, options=options),))
    generators = GeneratorPool(name, device, options or RunOptions(), keep=scale == 1).chain(scale)
    reached = prod(generator.scale for generator in generators)
    if reached != scale and not refs[-1].is_interpolation:
        raise UsageError(f"{name} reaches x{reached}, not x{scale}", hint="srcli models list")
    return Method(name, scale, generators)
