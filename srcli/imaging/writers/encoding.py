"""What will be written, decided from headers alone, so that nothing fails after the work is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.errors import OutputError, UsageError
from srcli.imaging.colour.colour_plan import plan_colour
from srcli.imaging.formats import FORMATS, WRITTEN_AS, Format, format_from_name
from srcli.imaging.metadata.change import Change
from srcli.imaging.metadata.follow import follow
from srcli.imaging.metadata.limits import fit_metadata
from srcli.imaging.picture import Metadata, Mode, PictureInfo
from srcli.imaging.pixels.orientation import baked_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.core.arrays import Planes
    from srcli.core.geometry import Size

_FILE_LIMITS = {"BMP": 2**32 - 2**16}


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a picture will be written.

    Attributes:
        format: such as ``PNG``.
        mode: colour model in the file.
        depth: bits per sample, 8 or 16.
        has_alpha: whether the file carries alpha.
        quality: 1..100 of lossy compression, None where there is no such thing.
        lossless: whether the compression loses nothing.
        extension: that fits the format, with the dot.
        metadata: what is written beside the pixels.
        loop: how often an animation plays, 0 for ever.
        animated: whether all frames are written; otherwise the first.
        warnings: what the file can't hold of the original.
        frames: how many frames are written.
        to_srgb: converts colours to sRGB, where the file can't hold their profile or their model.
    """

    format: str
    mode: Mode
    depth: int
    has_alpha: bool
    quality: int | None
    lossless: bool
    extension: str
    metadata: Metadata
    loop: int | None
    animated: bool
    warnings: tuple[str, ...]
    frames: int = 1
    to_srgb: Callable[[Planes], Planes] | None = None

    @property
    def pixel_bytes(self) -> int:
        """Size of a pixel before compression."""
        return (self.mode.channels + self.has_alpha) * self.depth // 8

    @property
    def only_rounds(self) -> bool:
        """Whether opaque RGB is rounded to 8-bit levels to fit the file, and nothing else is done to it."""
        return self.mode is Mode.RGB and self.depth == 8 and not self.has_alpha and self.to_srgb is None


def plan_encoding(
    info: PictureInfo,
    size: Size,
    *,
    format: str | None,  # noqa: A002 - what a caller would call it
    quality: int | None,
    strip: bool,
) -> Encoding:
    """Decide how a picture is written.

    Args:
        info: of the picture that was read.
        size: of the picture that is written.
        format: a name such as ``png`` or ``jpg``; None keeps the format.
        quality: 1..100; None for the default: 95, or lossless WebP where the original lost nothing either.
        strip: drop all metadata but what the colours mean (the ICC profile and its like).

    Raises:
        UsageError: the format or the quality makes no sense.
        OutputError: the format can't hold a picture of that size.
    """
    target = FORMATS[format_from_name(format) if format else WRITTEN_AS.get(info.format, info.format)]
    mode = info.mode if info.mode in target.modes else Mode.RGB
    depth = info.depth if info.depth in target.depths else 8
    animated = target.animated and info.frames > 1
    _check_quality(quality)
    _check_size(target, size, mode.channels + (info.has_alpha and target.alpha), depth)
    lossless = target.quality is None or (target.name == "WEBP" and info.lossless and quality is None)
    colour = plan_colour(info, target)
    metadata, lost = _plan_metadata(info, colour.metadata, target, size, strip=strip)
    return Encoding(
        format=target.name,
        mode=mode,
        depth=depth,
        has_alpha=info.has_alpha and target.alpha,
        quality=None if lossless else quality or target.quality,
        lossless=lossless,
        extension=".pgm" if target.name == "PPM" and mode is Mode.GREY else target.extensions[0],
        metadata=metadata,
        loop=info.loop,
        animated=animated,
        warnings=(*_warnings(info, target, quality), *colour.warnings, *lost),
        frames=info.frames if animated else 1,
        to_srgb=colour.to_srgb,
    )


def _check_size(target: Format, size: Size, channels: int, depth: int) -> None:
    if max(size) > target.longest_side:
        raise OutputError(
            f"a {target.name} file holds at most {target.longest_side} pixels a side, and {size} is more",
            hint="add --format png, or choose a smaller size",
        )
    limit = _FILE_LIMITS.get(target.name)
    if limit and size.pixels * channels * depth // 8 > limit:
        raise OutputError(
            f"a {target.name} file holds at most 4 GiB, and {size} is more", hint="add --format png"
        )


def _check_quality(quality: int | None) -> None:
    if quality is not None and not 1 <= quality <= 100:
        raise UsageError(f"quality {quality} is outside 1 to 100")


def _plan_metadata(
    info: PictureInfo, kept: Metadata, target: Format, size: Size, *, strip: bool
) -> tuple[Metadata, tuple[str, ...]]:
    if strip:
        kept = Metadata(icc=kept.icc, colour_chunks=kept.colour_chunks)
    true, warnings = follow(kept, Change(info.orientation, baked_size(info.size, info.orientation), size))
    fitted, lost = fit_metadata(true, target)
    return fitted, (*warnings, *lost)


def _warnings(info: PictureInfo, target: Format, quality: int | None) -> list[str]:
    warnings = []
    if info.has_alpha and not target.alpha:
        warnings.append(f"{target.name} holds no transparency: flattened on white")
    if info.depth not in target.depths:
        warnings.append(f"{target.name} holds 8 bits per sample: narrowed from {info.depth}")
    if info.frames > 1 and not target.animated:
        warnings.append(
            f"srcli writes no animated {target.name}: only the first of {info.frames} frames is kept"
        )
    if quality is not None and target.quality is None:
        warnings.append(f"{target.name} is always lossless: the quality has no effect")
    if target.name == "GIF" and info.format != "GIF":
        warnings.append("GIF holds 256 colours and no half transparency")
    return warnings
