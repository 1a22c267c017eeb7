"""HEIC files, as phones take them, through pillow-heif (extra `heic`)."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.core.errors import InputError
from srcli.core.geometry import Size
from srcli.imaging.colour.colorimetry import cicp_chunk, light_level_chunks
from srcli.imaging.containers.isobmff import read_properties
from srcli.imaging.limits import check_size
from srcli.imaging.metadata.collect import Collected
from srcli.imaging.picture import Frame, Metadata, Mode, PictureInfo
from srcli.imaging.readers.source import Source, check_page_number
from srcli.imaging.unsupported import missing_heic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.imaging.containers.isobmff import ItemProperties
    from srcli.imaging.readers.source import Origin

MODES = {
    "L": (Mode.GREY, False),
    "L;16": (Mode.GREY, False),
    "I;16": (Mode.GREY, False),
    "LA": (Mode.GREY, True),
    "LA;16": (Mode.GREY, True),
    "RGB": (Mode.RGB, False),
    "RGB;16": (Mode.RGB, False),
    "RGBA": (Mode.RGB, True),
    "RGBA;16": (Mode.RGB, True),
    "La": (Mode.GREY, True),
    "La;16": (Mode.GREY, True),
    "RGBa": (Mode.RGB, True),
    "RGBa;16": (Mode.RGB, True),
}
"""What the package calls samples, as colour model and whether there is transparency."""


def read_heic(origin: Origin) -> Source:
    """Read the header of a HEIC file. libheif turns, mirrors and crops the picture as its container says.

    Raises:
        InputError: the extra is missing, the samples are of an unknown kind, or there is no such page.
        ValueError: it is damaged.
    """
    origin.stream.seek(0)
    data = origin.stream.read()
    properties = read_properties(data)
    if properties.size:
        # Before libheif looks at all else that the file holds.
        check_size(properties.size, origin.max_pixels, origin.name)
    pictures = _open(data, origin.name)
    check_page_number(origin, len(pictures))
    image = pictures[origin.page - 1 if origin.page else pictures.primary_index]
    if image.mode not in MODES:
        raise InputError(f"cannot read {origin.name}: samples of the kind {image.mode} are not supported")
    mode, has_alpha = MODES[image.mode]
    size = Size(image.size[1], image.size[0])
    check_size(size, origin.max_pixels, origin.name)
    found = _collect(image, properties)
    if origin.page is None and len(pictures) > 1:
        found.notes.append(
            f"it holds {len(pictures)} pictures: only the main one is used; --page takes others"
        )
    bits = int(image.info.get("bit_depth", 8))
    info = PictureInfo(
        format="HEIC",
        size=size,
        mode=mode,
        depth=16 if bits > 8 else 8,
        has_alpha=has_alpha,
        frames=1,
        loop=None,
        lossless=False,
        metadata=found.metadata,
        notes=tuple(found.notes),
        orientation=1,
    )
    return Source(info, partial(_frames, image, bits, has_alpha))


def count_pictures(data: bytes) -> int:
    """How many pictures a HEIC file holds that are no parts or helpers of others.

    Raises:
        InputError: the extra is missing.
        ValueError: it is damaged.
    """
    return len(_open(data, "the file"))


def _open(data: bytes, name: str) -> Any:  # noqa: ANN401  the package carries few types
    try:
        import pillow_heif
    except ImportError as error:
        missing = missing_heic()
        raise InputError(f"cannot read {name}: {missing.message}", hint=missing.hint) from error
    return pillow_heif.open_heif(BytesIO(data), convert_hdr_to_8bit=False)


def _collect(image: Any, properties: ItemProperties) -> Collected:  # noqa: ANN401
    info: dict[str, Any] = image.info
    icc = info.get("icc_profile") or None
    numbers = None if icc else info.get("nclx_profile")
    lights = light_level_chunks(properties.first(b"clli"), properties.first(b"mdcv"))
    metadata = Metadata(
        icc=icc,
        exif=(info.get("exif") or b"").removeprefix(b"Exif\0\0") or None,
        xmp=info.get("xmp") or None,
        colour_chunks=(
            *cicp_chunk(numbers["color_primaries"], numbers["transfer_characteristics"]),
            *lights,
        )
        if numbers
        else (),
    )
    found = Collected(metadata).settle(1)
    if info.get("depth_images"):
        found.notes.append("its map of depths is dropped")
    found.notes += [_auxiliary(name) for name in info.get("aux") or {}]
    return found


def _auxiliary(name: str) -> str:
    if "gainmap" in name.lower():
        return "its gain map, for displays of high dynamic range, is dropped"
    return f"an auxiliary picture ({name.rpartition(':')[2]}) is dropped"


def _frames(image: Any, bits: int, has_alpha: bool) -> Iterator[Frame]:  # noqa: ANN401
    samples = np.asarray(image)
    # The package fills 16 bits from above, with zeros below.
    white = ((1 << bits) - 1) << (16 - bits) if samples.dtype == np.uint16 else 255
    planes = np.atleast_3d(samples).astype(np.float32) / np.float32(white)
    if not has_alpha:
        yield Frame(planes, None)
        return
    colour, alpha = planes[:, :, :-1], planes[:, :, -1:]
    if image.premultiplied_alpha:
        # Lossy compression may leave more colour than transparency allows.
        colour = (colour / np.maximum(alpha, np.float32(1 / white))).clip(0, 1)
    yield Frame(np.ascontiguousarray(colour), np.ascontiguousarray(alpha[:, :, 0]))
