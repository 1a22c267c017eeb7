"""One encoder per format that wants a still picture whole: integers and an encoding to a file's bytes."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from srcli.imaging.colour.colorimetry import cicp_numbers
from srcli.imaging.metadata.exif import without_orientation
from srcli.imaging.metadata.jpeg_segments import insert_segments
from srcli.imaging.writers.gif import animate_gif

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.imaging.picture import Metadata
    from srcli.imaging.pixels.samples import Samples
    from srcli.imaging.writers.encoding import Encoding

_PILLOW_MODES = {(1, False): "L", (1, True): "LA", (3, False): "RGB", (3, True): "RGBA", (4, False): "CMYK"}


def pillow_image(samples: Samples, encoding: Encoding) -> Image.Image:
    """A Pillow picture of 8-bit integers (height, width, channels)."""
    mode = _PILLOW_MODES[encoding.mode.channels, encoding.has_alpha]
    height, width = samples.shape[:2]
    return Image.frombuffer(mode, (width, height), np.ascontiguousarray(samples), "raw", mode, 0, 1)


def encode_jpeg(samples: Samples, encoding: Encoding) -> bytes:
    """A JPEG file with full colour resolution; ink is stored inverted, as Adobe's marker promises."""
    options: dict[str, Any] = {"quality": encoding.quality, "subsampling": "4:4:4"}
    jpeg = _save(samples, encoding, "JPEG", icc_profile=encoding.metadata.icc, **options)
    return insert_segments(jpeg, encoding.metadata)


def encode_webp(samples: Samples, encoding: Encoding) -> bytes:
    """A WebP file; lossless keeps even the colour under transparent pixels."""
    return _save(samples, encoding, "WEBP", **webp_options(encoding), **_blocks(encoding.metadata))


def webp_options(encoding: Encoding) -> dict[str, Any]:
    """Pillow's options for a WebP picture without metadata."""
    if encoding.lossless:
        return {"lossless": True, "exact": True, "quality": 75}
    return {"quality": encoding.quality, "method": 4}


def encode_avif(samples: Samples, encoding: Encoding) -> bytes:
    """An AVIF file with full colour resolution."""
    subsampling = "4:0:0" if encoding.mode.channels == 1 and not encoding.has_alpha else "4:4:4"
    options = {"quality": encoding.quality, "subsampling": subsampling}
    blocks = _blocks(encoding.metadata)
    if "exif" in blocks:
        # Pillow would take a block with an orientation apart, and break its maker notes.
        blocks["exif"] = without_orientation(blocks["exif"])
    written = _save(samples, encoding, "AVIF", **options, **blocks)
    numbers = cicp_numbers(encoding.metadata.colour_chunks)
    return _with_colour_numbers(written, *numbers) if numbers else written


def _with_colour_numbers(avif: bytes, primaries: int, transfer: int) -> bytes:
    """The file with other numbers of H.273 in its box of colours: Pillow writes those of sRGB only."""
    start = avif.index(b"colrnclx") + 8
    return avif[:start] + struct.pack(">HH", primaries, transfer) + avif[start + 4 :]


def encode_bmp(samples: Samples, encoding: Encoding) -> bytes:
    """A BMP file."""
    return _save(
        samples, encoding, "BMP", **({"dpi": encoding.metadata.dpi} if encoding.metadata.dpi else {})
    )


def encode_gif(samples: Samples, encoding: Encoding) -> bytes:
    """A GIF file of one frame."""
    return b"".join(animate_gif(iter([(samples, 0.0)]), encoding))


def _save(samples: Samples, encoding: Encoding, file_format: str, **options: Any) -> bytes:  # noqa: ANN401
    buffer = BytesIO()
    pillow_image(samples, encoding).save(buffer, file_format, **options)
    return buffer.getvalue()


def _blocks(metadata: Metadata) -> dict[str, bytes]:
    found = {"icc_profile": metadata.icc, "exif": metadata.exif, "xmp": metadata.xmp}
    return {name: block for name, block in found.items() if block}


STILL_ENCODERS: dict[str, Callable[[Samples, Encoding], bytes]] = {
    "JPEG": encode_jpeg,
    "WEBP": encode_webp,
    "BMP": encode_bmp,
    "AVIF": encode_avif,
    "GIF": encode_gif,
}
