"""A plan's wishes in the words of each encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from fractions import Fraction
    from typing import TypeAlias

    from srcli.video.codecs import Family
    from srcli.video.info import Colour, HdrMetadata, PixelFormat

    _Words: TypeAlias = Callable[[Fraction], str]

_PLACES = ("left", "center", "topleft", "top", "bottomleft", "bottom")
"""In the order of chroma_sample_loc_type of H.264 and H.265."""
_KEPT_PLACES = {"libx264": _PLACES, "libx265": _PLACES, "libsvtav1": ("left", "topleft")}
_HDR = frozenset({"libx264", "libx265", "libsvtav1"})


def carries_hdr(encoder: str) -> bool:
    """Whether an encoder writes static metadata of high dynamic range."""
    return encoder in _HDR


def kept_place(encoder: str, place: str, chroma: str) -> str:
    """Where chroma is put: its old place where the encoder can tell it, else where players expect it."""
    return place if chroma == "4:2:0" and place in _KEPT_PLACES.get(encoder, ()) else "left"


def encoder_options(
    chosen: Family,
    encoder: str,
    layout: PixelFormat,
    colour: Colour,
    hdr: HdrMetadata,
    quality: tuple[float | None, str | None],
    threads: int,
) -> tuple[tuple[str, str], ...]:
    """The options of an encoder.

    Args:
        chosen: the codec's family.
        encoder: FFmpeg's name.
        layout: the pixel format.
        colour: tags.
        hdr: static metadata.
        quality: constant quality and preset.
        threads: of the encoder.
    """
    crf, preset = quality
    options: list[tuple[str, str]] = []
    if chosen.quality and crf is not None:
        options.append((chosen.quality, f"{crf:g}"))
    if chosen.speed and preset is not None:
        options.append((chosen.speed, preset))
    return (*options, *_own(encoder, layout, colour, hdr, threads))


def _own(
    encoder: str, layout: PixelFormat, colour: Colour, hdr: HdrMetadata, threads: int
) -> Sequence[tuple[str, str]]:
    if encoder in ("libx264", "libx264rgb"):
        return [("x264-params", ":".join(["stitchable=1", *_place(layout, colour), *_x264_hdr(hdr)]))]
    if encoder == "libx265":
        words = ["log-level=none", "open-gop=0", *_place(layout, colour), *_x265_hdr(hdr)]
        return [("x265-params", ":".join(words))]
    if encoder == "libsvtav1":
        place = [f"chroma-sample-position={colour.chroma}"] if layout.chroma == "4:2:0" else []
        return [("svtav1-params", ":".join([f"lp={threads}", *place, *_svt_hdr(hdr)]))]
    if encoder == "libvpx-vp9":
        alpha = [("auto-alt-ref", "0")] if layout.has_alpha else []
        return [("deadline", "good"), ("row-mt", "1"), *alpha]
    if encoder == "ffv1":
        # Every frame on its own, with checksums.
        return [("level", "3"), ("g", "1"), ("slicecrc", "1")]
    if encoder == "prores_ks":
        return [("profile", "4444" if layout.chroma == "4:4:4" else "hq"), ("vendor", "apl0")]
    return []


def _place(layout: PixelFormat, colour: Colour) -> list[str]:
    return [f"chromaloc={_PLACES.index(colour.chroma)}"] if layout.chroma == "4:2:0" else []


def _x264_hdr(hdr: HdrMetadata) -> list[str]:
    return [
        *([f"mastering-display={_integers(hdr)}"] if _has_display(hdr) else []),
        *([f"cll={hdr.max_content},{hdr.max_average or 0}"] if hdr.max_content is not None else []),
    ]


def _x265_hdr(hdr: HdrMetadata) -> list[str]:
    return [
        *([f"master-display={_integers(hdr)}"] if _has_display(hdr) else []),
        *([f"max-cll={hdr.max_content},{hdr.max_average or 0}"] if hdr.max_content is not None else []),
    ]


def _svt_hdr(hdr: HdrMetadata) -> list[str]:
    return [
        *([f"mastering-display={_display(hdr, _decimal, _decimal)}"] if _has_display(hdr) else []),
        *([f"content-light={hdr.max_content},{hdr.max_average or 0}"] if hdr.max_content is not None else []),
    ]


def _has_display(hdr: HdrMetadata) -> bool:
    return hdr.primaries is not None and hdr.luminance is not None


def _integers(hdr: HdrMetadata) -> str:
    # In units of 0.00002 and of 0.0001 cd/m2 (ITU-T H.265, D.3.28).
    return _display(hdr, lambda value: str(round(value * 50000)), lambda value: str(round(value * 10000)))


def _decimal(value: Fraction) -> str:
    return f"{float(value):.6f}"


def _display(hdr: HdrMetadata, place: _Words, light: _Words) -> str:
    assert hdr.primaries is not None
    assert hdr.luminance is not None
    red, green, blue, white = (hdr.primaries[at : at + 2] for at in (0, 2, 4, 6))
    least, greatest = hdr.luminance
    points = (("G", green), ("B", blue), ("R", red), ("WP", white))
    words = [f"{name}({place(pair[0])},{place(pair[1])})" for name, pair in points]
    return "".join([*words, f"L({light(greatest)},{light(least)})"])
