"""Pictures of 8 bits per sample, and all animations, through Pillow."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

from PIL import Image

from srcli.core.errors import InputError
from srcli.core.geometry import Crop, Size
from srcli.imaging.limits import check_frames, check_size
from srcli.imaging.metadata.collect import Collected
from srcli.imaging.picture import Frame, Metadata, PictureInfo
from srcli.imaging.pixels.orientation import baked_size
from srcli.imaging.readers.band_reader import bands_with_vips, frames_with_vips
from srcli.imaging.readers.jpeg_quality import estimate_quality
from srcli.imaging.readers.pillow_modes import MODE_OF, describe_change, to_frame, working_mode
from srcli.imaging.readers.source import Origin, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


def read_with_pillow(
    origin: Origin,
    file_format: str,
    collect: Callable[[Image.Image], Collected],
    *,
    lossless: bool,
    for_vips: Callable[[Image.Image], bool] = lambda _: False,
    in_rows: Callable[[Image.Image], bool] = lambda _: False,
    page: int = 0,
    crop: Crop | None = None,
    stream: BinaryIO | None = None,
) -> Source:
    """Read a file's header with Pillow.

    Args:
        origin: the file.
        file_format: the format that its first bytes announce.
        collect: finds the metadata and the orientation that is still to be baked in.
        lossless: whether its compression loses nothing.
        for_vips: tells whether libvips decodes it, which reports damage that Pillow passes over.
        in_rows: tells whether libvips reads the same from top to bottom.
        page: which of the pictures in a document.
        crop: the part of the picture that is shown, before it is turned.
        stream: what Pillow reads instead of the file.
    """
    origin.stream.seek(0)
    image = Image.open(stream or origin.stream, formats=[file_format])
    if page:
        image.seek(page)
    check_size(Size(image.height, image.width), origin.max_pixels, origin.name)
    crop = crop or Crop(0, 0, image.width, image.height)
    mode = _mode(image, file_format, origin.name)
    first, frames = _frame_range(image, file_format, page)
    check_frames(crop.size, frames)
    found = collect(image)
    info = PictureInfo(
        format=file_format,
        size=baked_size(crop.size, found.orientation),
        mode=MODE_OF[mode],
        depth=8,
        has_alpha=mode.endswith("A"),
        frames=frames,
        loop=_plays(image, file_format) if frames > 1 else None,
        lossless=lossless,
        metadata=found.metadata,
        notes=(*found.notes, *_notes(image, file_format, mode)),
        orientation=found.orientation,
        jpeg_quality=estimate_quality(image),
    )
    decode = partial(_frames, image, mode, range(first, first + frames), crop, found.orientation)
    return Source(
        info,
        frames_with_vips(origin, info, found.orientation) if for_vips(image) else decode,
        bands_with_vips(origin, info) if found.orientation == 1 and in_rows(image) else None,
    )


def collect_from_info(
    image: Image.Image,
    metadata: Metadata | None = None,
    notes: Sequence[str] = (),
    *,
    orientation: int | None = None,
) -> Collected:
    """The metadata that Pillow found, behind what was found without it.

    Args:
        image: whose header was read.
        metadata: what was found without Pillow.
        notes: of what was found without it.
        orientation: what the file states beside EXIF and XMP data.
    """
    info: dict[Any, Any] = image.info
    known = metadata or Metadata()
    found = replace(
        known,
        icc=known.icc or info.get("icc_profile") or None,
        exif=known.exif or info.get("exif", b"").removeprefix(b"Exif\0\0") or None,
        xmp=known.xmp or info.get("xmp") or None,
        dpi=known.dpi or _dpi(info),
        aspect=known.aspect or _aspect(info),
    )
    collected = Collected(found).settle(orientation)
    collected.notes += notes
    return collected


def _mode(image: Image.Image, file_format: str, name: str) -> str:
    # Later frames of a GIF may clear what the first one drew, so any animated one may become transparent.
    if file_format == "GIF" and getattr(image, "is_animated", False):
        return "RGBA"
    mode = working_mode(image)
    if mode is None:
        raise InputError(
            f"cannot read {name}: pixels of the kind {image.mode} are not supported",
            hint="convert it to 8 or 16 bits per sample first",
        )
    return mode


def _frame_range(image: Image.Image, file_format: str, page: int) -> tuple[int, int]:
    """Index of the first frame and number of frames in time; pages of a document are none."""
    if file_format not in ("GIF", "PNG", "WEBP", "AVIF"):
        return page, 1
    count = int(getattr(image, "n_frames", 1))
    # The first picture of some animated PNGs is for viewers that can't animate, and no part of the animation.
    hidden = 1 if count > 1 and image.info.get("default_image") else 0
    return hidden, count - hidden


def _plays(image: Image.Image, file_format: str) -> int:
    """How often an animation plays, 0 for ever. GIF counts repetitions, and plays once if it says nothing."""
    loop = image.info.get("loop")
    if file_format != "GIF":
        return int(loop or 0)
    return 1 if loop is None else loop + 1 if loop else 0


def _notes(image: Image.Image, file_format: str, mode: str) -> list[str]:
    notes = [describe_change(image, mode)] if file_format != "GIF" else []
    if image.info.get("default_image"):
        notes.append("the picture for viewers that can't animate is dropped, the animation is kept")
    return [note for note in notes if note]


def _frames(image: Image.Image, mode: str, indices: range, crop: Crop, orientation: int) -> Iterator[Frame]:
    for index in indices:
        image.seek(index)
        image.load()
        yield to_frame(image, mode, orientation, crop)


def _dpi(info: dict[Any, Any]) -> tuple[float, float] | None:
    try:
        across, down = (float(dots) for dots in info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return (across, down) if 0 < across < 1e6 and 0 < down < 1e6 else None


def _aspect(info: dict[Any, Any]) -> tuple[float, float] | None:
    """The density that JFIF states in no unit, where pixels aren't square."""
    across, down = info.get("jfif_density", (1, 1))
    stated = info.get("jfif_unit") == 0 and across and down and across != down
    return (float(across), float(down)) if stated else None
