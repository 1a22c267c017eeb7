"""Whatever enlarges pictures, generator or interpolation, in one shape so that they can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import UsageError
from srcli.core.events import Progress, silent
from srcli.core.geometry import Size
from srcli.imaging.picture import Frame
from srcli.models.store import default_store
from srcli.upscaling.enlargement import Recipe, upscale_frame
from srcli.upscaling.generator import Generator, RunOptions, load_generator
from srcli.upscaling.model_ref import ModelRef

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.core.arrays import Planes

INTERPOLATIONS = ("nearest", "average", "bilinear", "bicubic", "lanczos")
"""Those worth a row in a table, simplest first."""

_WARM_UP_SIDE = 96


@dataclass(frozen=True, slots=True)
class Method:
    """One way to enlarge a picture.

    Attributes:
        name: as the user typed it.
        scale: the whole factor.
        generator: ``None`` for an interpolation.
    """

    name: str
    scale: int
    generator: Generator | None = None

    @property
    def label(self) -> str:
        """For tables: a model file without its folder, and how an ensemble is made."""
        name = ModelRef(self.name).label
        ensemble = self.generator.options.ensemble if self.generator else None
        return f"{name}, {ensemble}" if ensemble and ensemble.size > 1 else name

    @property
    def sha256(self) -> str | None:
        """Of the generator's file."""
        return self.generator.card.sha256 if self.generator else None

    @property
    def parameters(self) -> int | None:
        """Number of weights."""
        return self.generator.card.parameters if self.generator else None

    def warm_up(self) -> None:
        """Pay once for what only the first run costs, so that it isn't counted as the first picture's."""
        if self.generator is not None:
            self.generator.run(np.full((_WARM_UP_SIDE, _WARM_UP_SIDE, 3), 0.5, np.float32))

    def enlarge(self, colour: Planes, progress: Progress = silent) -> Planes:
        """Enlarge a picture as ``srcli upscale`` does.

        Args:
            colour: (height, width, 1 or 3) float32, 0..1.
            progress: told of each tile.

        Returns:
            (scale x height, scale x width, channels) float32, 0..1, not rounded.
        """
        size = Size(*colour.shape[:2]).scaled(self.scale)
        recipe = Recipe((), resize_method=self.name) if self.generator is None else Recipe((self.generator,))
        larger, _ = upscale_frame(Frame(colour, None), size, recipe, progress)
        return larger.colour


def open_methods(
    names: Sequence[str], scale: int, *, device: str = "auto", options: RunOptions | None = None
) -> list[Method]:
    """Find interpolations and generators by name, each once, in the order given.

    Args:
        names: interpolations, installed generators, or paths of ONNX files.
        scale: the whole factor that all of them must have.
        device: where generators run.
        options: how generators run.

    Raises:
        UnknownModel: there is no generator of that name and scale.
        UsageError: an ONNX file has another scale, or two have one name.
        DeviceUnavailable: the device can't be used.
    """
    methods = [_open(name, scale, device, options) for name in dict.fromkeys(names)]
    labels = [method.label for method in methods]
    for label in labels:
        if labels.count(label) > 1:
            raise UsageError(f"two methods are called {label}", hint="give one of the files another name")
    return methods


def installed_names(scale: int) -> list[str]:
    """The installed generators that have a scale."""
    return [model.card.name for model in default_store().all() if model.card.scale == scale]


def _open(name: str, scale: int, device: str, options: RunOptions | None) -> Method:
    if ModelRef(name).is_interpolation:
        return Method(name, scale)
    return Method(name, scale, load_generator(name, scale=scale, device=device, options=options))
