"""Decide how a video is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from srcli.core.errors import UsageError
from srcli.core.geometry import Size, round_up
from srcli.video import coefficients, sampling, y4m
from srcli.video.codecs import family, formats, from_source
from srcli.video.containers import MUXERS, TITLES, plan_stream
from srcli.video.metadata import lost_in_mp4
from srcli.video.options import carries_hdr, encoder_options, kept_place
from srcli.video.pixel_formats import STEPS, describe
from srcli.video.plan import EncodePlan, OutputPlan
from srcli.video.streams import StreamPlan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.video.codecs import Family
    from srcli.video.info import Colour, PixelFormat, VideoInfo
    from srcli.video.plan import Wish

_OWN_CONTAINERS = ("mp4", "mov", "mkv", "webm")
_WITH_OPACITY = {"mov": "prores", "mkv": "ffv1", "webm": "vp9"}
"""What opacity is written in where the source's codec isn't written."""
_LARGEST_H264 = 4096
_MILLISECOND = Fraction(1, 1000)
_PLAIN_RATE = Fraction(25)


def plan(info: VideoInfo, wish: Wish) -> OutputPlan:
    """See ``srcli.video.plan.plan_output``."""
    container = _container(info, wish)
    chosen = _codec(info, wish, container)
    _check_quality(chosen, wish)
    encoder, layout = _layout(info, wish, chosen, container)
    streams = _streams(info, wish, container)
    encoding, told = _encoding(info, wish, chosen, encoder, layout)
    losses = (
        *_lost_in_picture(info, wish, chosen, encoding),
        *told,
        *_lost_in_time(info, container),
        *_lost_streams(streams, container),
        *_lost_words(info, container),
        *info.notes,
    )
    return OutputPlan(container, f".{container}", encoding, streams, tuple(losses))


def _container(info: VideoInfo, wish: Wish) -> str:
    if wish.container is not None and wish.container not in MUXERS:
        raise UsageError(f"container {wish.container} is unknown", hint=f"one of {', '.join(MUXERS)}")
    if wish.container is not None:
        return wish.container
    return info.brand if info.brand in _OWN_CONTAINERS else "mkv"


def _codec(info: VideoInfo, wish: Wish, container: str) -> Family:
    if container == "y4m":
        return family("ffv1")
    if wish.codec is None:
        return _fitting(info, container)
    chosen = family(wish.codec)
    if container not in chosen.containers:
        raise UsageError(
            f"{TITLES[container]} holds no {chosen.title}",
            hint=f"write .{chosen.containers[0]}, or take another --codec",
        )
    return chosen


def _fitting(info: VideoInfo, container: str) -> Family:
    """The source's codec where srcli writes it and it loses nothing, else one that suits the container."""
    layout = info.pixel_format
    own = from_source(info.codec)
    candidates = [own] if own is not None else []
    if layout.has_alpha and container in _WITH_OPACITY:
        candidates.append(family(_WITH_OPACITY[container]))
    candidates += [family(name) for name in (("vp9", "av1") if container == "webm" else ("h264", "h265"))]
    for each in candidates:
        if container in each.containers and _holds(each, layout, container):
            return each
    fallback = "av1" if container == "webm" else "h265"
    return own if own is not None and container in own.containers else family(fallback)


def _holds(chosen: Family, layout: PixelFormat, container: str) -> bool:
    return not sampling.losses(layout, _closest(chosen, layout, container)[1], chosen.title)


def _offered(chosen: Family, container: str) -> tuple[PixelFormat, ...]:
    """What the encoder takes and the container keeps: MP4 has no place for VP9's opacity."""
    opaque_only = chosen.name == "vp9" and container == "mp4"
    return tuple(each for each in formats(chosen.encoder) if not (opaque_only and each.has_alpha))


def _closest(chosen: Family, layout: PixelFormat, container: str) -> tuple[str, PixelFormat]:
    """The encoder and its pixel format for a source's."""
    if chosen.encoder == "libx264" and layout.chroma == "rgb" and layout.depth == 8:
        return "libx264rgb", sampling.RGB24
    offered = _offered(chosen, container)
    if chosen.encoder == "prores_ks":
        # Its other formats differ from these in opacity alone.
        offered = tuple(each for each in offered if each.has_alpha == layout.has_alpha) or offered
    return chosen.encoder, sampling.closest(layout, offered)


def _check_quality(chosen: Family, wish: Wish) -> None:
    if wish.crf is not None:
        if chosen.quality is None:
            raise UsageError(f"{chosen.title} has no --crf: it is lossless or of one quality")
        if not chosen.best <= wish.crf <= chosen.worst:
            raise UsageError(
                f"--crf {wish.crf:g} is outside of {chosen.title}'s {chosen.best:g} to {chosen.worst:g}"
            )
    if wish.preset is not None:
        if chosen.speed is None:
            raise UsageError(f"{chosen.title} has no presets")
        if chosen.presets and wish.preset not in chosen.presets:
            raise UsageError(
                f"{chosen.title} has no preset {wish.preset}", hint=f"one of {', '.join(chosen.presets)}"
            )


def _layout(info: VideoInfo, wish: Wish, chosen: Family, container: str) -> tuple[str, PixelFormat]:
    if container == "y4m":
        return chosen.encoder, _plain_layout(info.pixel_format, formats(chosen.encoder))
    encoder, layout = _closest(chosen, info.pixel_format, container)
    if wish.pixel_format is None:
        return encoder, layout
    if wish.pixel_format == sampling.RGB24.name and chosen.encoder == "libx264":
        return "libx264rgb", sampling.RGB24
    asked = describe(wish.pixel_format)
    if asked is None or asked.name not in {each.name for each in _offered(chosen, container)}:
        offered = ", ".join(each.name for each in _offered(chosen, container))
        raise UsageError(f"{chosen.title} has no pixel format {wish.pixel_format}", hint=f"one of {offered}")
    return chosen.encoder, asked


def _plain_layout(wanted: PixelFormat, offered: Sequence[PixelFormat]) -> PixelFormat:
    return sampling.closest(wanted, [layout for layout in offered if y4m.fits(layout)])


def _encoding(
    info: VideoInfo, wish: Wish, chosen: Family, encoder: str, layout: PixelFormat
) -> tuple[EncodePlan, list[str]]:
    size, aspect, told = _size(info, wish, chosen, layout)
    colour = _colour(info, wish, encoder, layout)
    hdr = info.hdr
    if hdr and not carries_hdr(encoder):
        told.append(
            f"its HDR metadata (mastering display, light levels) is dropped: {chosen.title} gets none here"
        )
        hdr = replace(hdr, primaries=None, luminance=None, max_content=None, max_average=None)
    quality = (
        wish.crf if wish.crf is not None else chosen.crf,
        wish.preset if wish.preset is not None else chosen.preset,
    )
    options = encoder_options(chosen, encoder, layout, colour, hdr, quality, wish.threads)
    rate = info.frame_rate or _PLAIN_RATE
    plan = EncodePlan(
        codec=chosen.name,
        encoder=encoder,
        size=size,
        sample_aspect_ratio=aspect,
        pixel_format=layout,
        colour=colour,
        hdr=hdr,
        time_base=info.time_base,
        frame_rate=rate,
        options=options,
        threads=wish.threads,
        segment=wish.segment,
    )
    return plan, told


def _size(
    info: VideoInfo, wish: Wish, chosen: Family, layout: PixelFormat
) -> tuple[Size, Fraction, list[str]]:
    size, aspect, told = wish.size, info.sample_aspect_ratio, []
    if aspect != 1 and not chosen.carries_aspect:
        height, width = (
            (size.height, round(size.width * aspect))
            if aspect > 1
            else (round(size.height / aspect), size.width)
        )
        shape, size, aspect = aspect, Size(height, width), Fraction(1)
        told.append(
            f"its pixels of {shape.numerator}:{shape.denominator} become square ({size}): "
            f"{chosen.title} keeps no pixel aspect ratio in every container"
        )
    down, across = STEPS.get(layout.chroma, (1, 1))
    if chosen.even and (size.height % down or size.width % across):
        size = Size(round_up(size.height, down), round_up(size.width, across))
        told.append(
            f"its size is rounded up to {size}: {chosen.title} in {layout.chroma} takes even sides only"
        )
    return size, aspect, told


def _colour(info: VideoInfo, wish: Wish, encoder: str, layout: PixelFormat) -> Colour:
    colour = info.colour
    if layout.chroma == "rgb":
        return replace(colour, matrix=0, full_range=True, chroma="left")
    if colour.matrix == 0:
        # RGB has no matrix of its own, and in full range players show it wrongly.
        colour = replace(colour, matrix=coefficients.UNSPECIFIED, full_range=False)
        colour = coefficients.assume(colour, wish.size)
    if wish.matrix == "bt709":
        colour = replace(colour, matrix=1)
    full_range = colour.full_range and not encoder.startswith("prores")
    return replace(
        colour,
        full_range=full_range,
        chroma=kept_place(encoder, colour.chroma, layout.chroma),
        told_matrix=True,
    )


def _lost_in_picture(info: VideoInfo, wish: Wish, chosen: Family, encoding: EncodePlan) -> list[str]:
    found = sampling.losses(info.pixel_format, encoding.pixel_format, chosen.title)
    found += [
        f"its {name} metadata is dropped: it describes each frame of the source" for name in info.dynamic_hdr
    ]
    if chosen.name == "h264" and max(encoding.size) > _LARGEST_H264:
        found.append(
            f"{encoding.size} in H.264 is more than most players decode: --codec h265 suits them better"
        )
    if info.colour.full_range and not encoding.colour.full_range:
        found.append(f"its full range of codes becomes the limited one: {chosen.title} holds no other")
    return found


def _lost_in_time(info: VideoInfo, container: str) -> list[str]:
    if container == "y4m":
        return ["its times become an even rate: Y4M holds no others"]
    if container not in ("mkv", "webm") or (info.time_base / _MILLISECOND).denominator == 1:
        return []
    if info.frame_rate and (1 / info.frame_rate / _MILLISECOND).denominator == 1:
        return []
    return [f"its times are rounded to milliseconds: {TITLES[container]} as written holds no finer ones"]


def _lost_words(info: VideoInfo, container: str) -> list[str]:
    lost = lost_in_mp4(info.metadata) if container in ("mp4", "mov") else list(info.metadata)
    if not lost or container in ("mkv", "webm"):
        return []
    return [f"its metadata {', '.join(lost)} are dropped: {TITLES[container]} has no place for them"]


def _streams(info: VideoInfo, wish: Wish, container: str) -> tuple[StreamPlan, ...]:
    plans = []
    for stream in info.streams:
        unwanted = (stream.kind == "audio" and not wish.audio) or (
            stream.kind == "subtitle" and not wish.subtitles
        )
        plain = (stream.index, stream.kind, stream.codec, stream.language)
        if stream.index == info.stream:
            plans.append(StreamPlan(*plain, "encode"))
        elif unwanted:
            plans.append(StreamPlan(*plain, "omit"))
        elif stream.kind == "video":
            plans.append(StreamPlan(*plain, "drop"))
        else:
            plans.append(plan_stream(stream, container, chapters=info.chapters))
    return tuple(plans)


def _lost_streams(streams: tuple[StreamPlan, ...], container: str) -> list[str]:
    title = TITLES[container]
    words = {
        "audio": "sound",
        "subtitle": "subtitles",
        "video": "another video stream",
        "cover": "a cover picture",
        "attachment": "an attachment",
        "data": "a stream of data",
    }
    dropped = Counter((each.kind, each.codec) for each in streams if each.action == "drop")
    found = []
    for (kind, codec), count in dropped.items():
        why = "only one is written" if kind == "video" else f"{title} holds none of the kind"
        times = f", {count} times" if count > 1 else ""
        name = f" ({codec})" if codec else ""
        found.append(f"{words.get(kind, kind)}{name} is dropped{times}: {why}")
    found += [
        f"its subtitles ({each.codec}) are written as {each.into}, as {title} asks"
        for each in streams
        if each.action == "convert"
    ]
    return found
