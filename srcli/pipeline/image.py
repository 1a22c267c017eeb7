"""One frame larger: colour through the generators, alpha likewise, then the exact size that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.progress import Progress, silent
from srcli.imaging.alpha import bleed, is_constant
from srcli.imaging.colour import join_passes, split_passes
from srcli.imaging.picture import Frame
from srcli.imaging.resize import resize

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.core.arrays import Plane, Planes
    from srcli.core.geometry import Size
    from srcli.engine.tiled import TiledReport
    from srcli.pipeline.enlarger import Enlarger


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is done to each frame.

    Attributes:
        generators: run one after the other; none where an interpolation does all the work.
        resize_method: the interpolation that takes the last step to the exact size.
        strength: share of the generators in the result, 0..1; the rest is bicubic.
        seamless: whether the left edge continues the right one, and the top the bottom.
    """

    generators: tuple[Enlarger, ...]
    resize_method: str = "bicubic"
    strength: float = 1.0
    seamless: bool = False


def upscale_frame(
    frame: Frame, size: Size, recipe: Recipe, progress: Progress = silent
) -> tuple[Frame, list[TiledReport]]:
    """Enlarge one frame.

    Args:
        frame: the frame, straight alpha.
        size: the exact output size.
        recipe: what to do.
        progress: told of each tile; the count starts anew with each pass of a generator.

    Returns:
        The larger frame, values in 0..1, and a report for each pass of a generator.
    """
    reports: list[TiledReport] = []

    def enlarge(planes: Planes) -> Planes:
        return _enlarge(planes, size, recipe, progress, reports)

    colour = frame.colour if frame.alpha is None else bleed(frame.colour, frame.alpha)
    larger = join_passes(tuple(enlarge(planes) for planes in split_passes(colour)), colour.shape[2])
    alpha = None if frame.alpha is None else _enlarge_alpha(frame.alpha, size, enlarge)
    return Frame(larger, alpha, frame.duration_ms), reports


def _enlarge_alpha(alpha: Plane, size: Size, enlarge: Callable[[Planes], Planes]) -> Plane:
    if is_constant(alpha):
        return np.full(size, alpha.flat[0], dtype=np.float32)
    (planes,) = split_passes(alpha[:, :, None])
    return join_passes((enlarge(planes),), 1)[:, :, 0]


def _enlarge(
    planes: Planes, size: Size, recipe: Recipe, progress: Progress, reports: list[TiledReport]
) -> Planes:
    result = planes
    if recipe.generators and recipe.strength > 0.0:
        result = _generate(planes, recipe, progress, reports)
    if result.shape[:2] != size:
        result = resize(result, size, method=recipe.resize_method)
    if recipe.generators and 0.0 < recipe.strength < 1.0:
        result *= np.float32(recipe.strength)
        result += np.float32(1.0 - recipe.strength) * resize(planes, size)
    return np.clip(result, 0.0, 1.0, out=result if result is not planes else None)


def _generate(planes: Planes, recipe: Recipe, progress: Progress, reports: list[TiledReport]) -> Planes:
    for generator in recipe.generators:
        rim = generator.card.rim if recipe.seamless else 0
        planes, report = generator.run(_wrap(planes, rim), progress)
        planes = _crop(planes, rim * generator.scale)
        reports.append(report)
    return planes


def _wrap(planes: Planes, rim: int) -> Planes:
    return np.pad(planes, ((rim, rim), (rim, rim), (0, 0)), mode="wrap") if rim else planes


def _crop(planes: Planes, rim: int) -> Planes:
    return planes[rim:-rim, rim:-rim] if rim else planes
