"""How the colour space of a picture is written: kept, said in other words, or left for sRGB."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from srcli.imaging.colour.colorimetry import LIGHT_LEVELS, cicp_numbers, colorimetry_of
from srcli.imaging.colour.profiles import is_srgb, space_of, to_srgb
from srcli.imaging.picture import Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.core.arrays import Planes
    from srcli.imaging.colour.colorimetry import Colorimetry
    from srcli.imaging.formats import Format
    from srcli.imaging.picture import Metadata, PictureInfo

_SPACES = {Mode.GREY: "GRAY", Mode.RGB: "RGB", Mode.CMYK: "CMYK"}
_CICP = b"cICP"


@dataclass(frozen=True, slots=True)
class ColourPlan:
    """How colours are written.

    Attributes:
        metadata: with the profile and the colour chunks that the file will hold.
        to_srgb: converts the colours, where the file can't say what they mean.
        warnings: what a person should know about that.
    """

    metadata: Metadata
    to_srgb: Callable[[Planes], Planes] | None = None
    warnings: tuple[str, ...] = ()


def plan_colour(info: PictureInfo, target: Format) -> ColourPlan:
    """Decide how the colours of a picture are written to a format."""
    plan = _plan(info, target)
    lost = {name for name, _ in info.metadata.colour_chunks} & LIGHT_LEVELS
    if target.name == "PNG" or plan.to_srgb or not lost:
        return plan
    names = ", ".join(sorted(name.decode() for name in lost))
    warning = f"{target.name} files of srcli hold no light levels of high dynamic range ({names}): dropped"
    return replace(plan, warnings=(*plan.warnings, warning))


def _plan(info: PictureInfo, target: Format) -> ColourPlan:
    metadata = info.metadata
    if info.mode not in target.modes:
        warning = f"{target.name} holds no {info.mode.upper()}: converted to sRGB"
        return _converted(metadata, partial(to_srgb, icc=metadata.icc), warning)
    if target.name == "PNG":
        return ColourPlan(metadata)
    if metadata.icc:
        return _plan_profile(info, metadata.icc, target)
    space = colorimetry_of(metadata.colour_chunks)
    if space is None:
        return ColourPlan(replace(metadata, colour_chunks=()))
    return _plan_numbers(info, space, target)


def _plan_profile(info: PictureInfo, icc: bytes, target: Format) -> ColourPlan:
    metadata = replace(info.metadata, colour_chunks=())
    # Pillow converts 8 bits per sample.
    narrow = info.depth == 8 or target.depths == {8}
    fits = space_of(icc) == _SPACES[info.mode] and not is_srgb(icc)
    if _holds_profile(info.mode, target) or not (narrow and fits):
        return ColourPlan(metadata)
    return _converted(metadata, partial(to_srgb, icc=icc), _no_profile(info.mode, target))


def _holds_profile(mode: Mode, target: Format) -> bool:
    """Whether a profile of the picture's own kind fits: files that store grey as RGB need one of RGB."""
    return "icc" in target.metadata and not (mode is Mode.GREY and target.grey_as_rgb)


def _plan_numbers(info: PictureInfo, space: Colorimetry, target: Format) -> ColourPlan:
    metadata = info.metadata
    chunks = metadata.colour_chunks
    if target.name == "AVIF" and cicp_numbers(chunks):
        return ColourPlan(replace(metadata, colour_chunks=tuple(c for c in chunks if c[0] == _CICP)))
    if space.hdr:
        warning = (
            f"{target.name} holds no high dynamic range ({space.hdr}): converted to sRGB, brighter is clipped"
        )
        return _converted(metadata, space.to_srgb, warning)
    if "icc" not in target.metadata:
        return _converted(metadata, space.to_srgb, _no_profile(info.mode, target))
    profile = space.to_profile(grey=info.mode is Mode.GREY and not target.grey_as_rgb)
    return ColourPlan(replace(metadata, icc=profile, colour_chunks=()))


def _converted(metadata: Metadata, convert: Callable[[Planes], Planes], warning: str) -> ColourPlan:
    return ColourPlan(replace(metadata, icc=None, colour_chunks=()), convert, (warning,))


def _no_profile(mode: Mode, target: Format) -> str:
    kind = "colour profile of grey" if mode is Mode.GREY and target.grey_as_rgb else "colour profile"
    return f"{target.name} holds no {kind}: converted to sRGB"
