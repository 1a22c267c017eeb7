"""Generators by name. An explicit list: a new architecture is one file and one line here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from srcli.core.errors import UsageError
from srcli.training.architectures.best import ResidualGenerator
from srcli.training.architectures.edsr import EdsrGenerator
from srcli.training.architectures.fast import GatedGenerator
from srcli.training.architectures.overparameterised import overparameterise
from srcli.training.architectures.plain import PlainGenerator
from srcli.training.architectures.refined import RefinedGenerator
from srcli.training.architectures.srgan import NearestSrganGenerator, SrganGenerator
from srcli.training.architectures.swish import SwishGenerator
from srcli.training.architectures.unshuffled import UnshuffledGenerator

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

ARCHITECTURES: dict[str, Callable[[int], nn.Module]] = {
    "srgan": SrganGenerator,
    "rir": partial(SrganGenerator, groups=6, blocks=3, nested=True),
    "srgan-nearest": NearestSrganGenerator,
    "edsr": EdsrGenerator,
    "edsr-large": partial(EdsrGenerator, channels=256, blocks=32, residual_scale=0.1),
    "swish": SwishGenerator,
    "fast": partial(GatedGenerator, channels=32, blocks=5),
    "balanced": partial(GatedGenerator, channels=48, blocks=6),
    "best": ResidualGenerator,
    "plain": PlainGenerator,
    "unshuffled": UnshuffledGenerator,
    "refined": partial(RefinedGenerator, channels=48),
    "refined-wide": partial(RefinedGenerator, channels=96, unshuffle=2, cleans=True),
}


def build_generator(architecture: str, scale: int, *, overparameterised: bool = False) -> nn.Module:
    """A freshly initialised generator (N, 3, H, W) -> (N, 3, scale*H, scale*W), RGB 0..1.

    Args:
        architecture: a name in the registry.
        scale: 1, 2, 3 or 4.
        overparameterised: train the trunk with more weights than it runs with; see ``fold``.

    Raises:
        UsageError: no architecture has that name.
    """
    try:
        build = ARCHITECTURES[architecture]
    except KeyError:
        known = ", ".join(sorted(ARCHITECTURES))
        raise UsageError(f"unknown architecture '{architecture}'", hint=f"one of: {known}") from None
    generator = build(scale)
    return overparameterise(generator) if overparameterised else generator


def sides_multiple(generator: nn.Module) -> int:
    """What the sides of a generator's input have to be multiples of: 1 for most."""
    return int(getattr(generator, "multiple", 1))
