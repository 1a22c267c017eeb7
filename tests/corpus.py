"""Odd and nasty picture files for all tests, made by Pillow, libvips or byte for byte, never by srcli."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from functools import cache
from io import BytesIO

import numpy as np
import pyvips
from PIL import Image, ImageCms

HEIGHT, WIDTH = 13, 17
"""Odd and unequal, so that swapped axes and forgotten last rows show."""

EXTENSIONS = {
    "PNG": ".png",
    "JPEG": ".jpg",
    "WEBP": ".webp",
    "TIFF": ".tif",
    "BMP": ".bmp",
    "AVIF": ".avif",
    "GIF": ".gif",
    "PPM": ".ppm",
}


@dataclass(frozen=True)
class Sample:
    """A file and what it holds.

    ``pixels`` is (height, width, colours and alpha) uint8 or uint16, CMYK as ink; ``exact`` where the file
    holds just these, not a lossy copy.
    """

    name: str
    format: str
    data: bytes
    pixels: np.ndarray
    mode: str
    has_alpha: bool = False
    exact: bool = True

    @property
    def depth(self) -> int:
        return self.pixels.dtype.itemsize * 8

    @property
    def extension(self) -> str:
        return EXTENSIONS[self.format]


def pixels(
    channels: int, depth: int = 8, height: int = HEIGHT, width: int = WIDTH, seed: int = 7
) -> np.ndarray:
    """A picture of slopes with a little noise, (height, width, channels), whose extremes are reached."""
    slopes = smooth_pixels(channels, depth, height, width, seed)
    slopes[0, 0], slopes[-1, -1] = 0, 2**depth - 1
    return slopes


def smooth_pixels(
    channels: int, depth: int = 8, height: int = HEIGHT, width: int = WIDTH, seed: int = 7
) -> np.ndarray:
    """The same without its two extreme corners: what a lossy format can come near to."""
    peak = 2**depth - 1
    rows, columns = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    slopes = [rows, columns, 1 - rows, (rows + columns) / 2, 1 - columns][:channels]
    noise = np.random.default_rng(seed).normal(0, 0.02, (height, width, channels))
    values = np.clip(np.stack(slopes, axis=2) + noise, 0, 1)
    return np.rint(values * peak).astype(np.uint8 if depth == 8 else np.uint16)


def pillow_file(array: np.ndarray, file_format: str, mode: str | None = None, **options) -> bytes:
    """8-bit integers written by Pillow."""
    modes = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
    mode = mode or modes[array.shape[2]]
    height, width = array.shape[:2]
    buffer = BytesIO()
    Image.frombytes(mode, (width, height), array.tobytes()).save(buffer, file_format, **options)
    return buffer.getvalue()


def vips_file(array: np.ndarray, suffix: str, interpretation: str, **options) -> bytes:
    """16-bit integers written by libvips."""
    image = pyvips.Image.new_from_array(array).copy(interpretation=interpretation)
    return image.write_to_buffer(suffix, **options)


def eight_bit_samples() -> list[Sample]:
    grey, clear_grey, rgb, rgba, cmyk = pixels(1), pixels(2), pixels(3), pixels(4), pixels(4, seed=8)
    soft_grey, soft, soft_clear, soft_cmyk = (smooth_pixels(count) for count in (1, 3, 4, 4))
    lossless_webp = {"lossless": True, "exact": True}
    return [
        Sample("png-grey", "PNG", pillow_file(grey, "PNG"), grey, "grey"),
        Sample("png-grey-alpha", "PNG", pillow_file(clear_grey, "PNG"), clear_grey, "grey", True),
        Sample("png-rgb", "PNG", pillow_file(rgb, "PNG"), rgb, "rgb"),
        Sample("png-rgba", "PNG", pillow_file(rgba, "PNG"), rgba, "rgb", True),
        Sample(
            "jpeg-grey", "JPEG", pillow_file(soft_grey, "JPEG", quality=95), soft_grey, "grey", exact=False
        ),
        Sample("jpeg-rgb", "JPEG", pillow_file(soft, "JPEG", quality=95), soft, "rgb", exact=False),
        Sample(
            "jpeg-cmyk",
            "JPEG",
            pillow_file(soft_cmyk, "JPEG", "CMYK", quality=95),
            soft_cmyk,
            "cmyk",
            exact=False,
        ),
        Sample("webp-rgb-lossless", "WEBP", pillow_file(rgb, "WEBP", **lossless_webp), rgb, "rgb"),
        Sample("webp-rgba-lossless", "WEBP", pillow_file(rgba, "WEBP", **lossless_webp), rgba, "rgb", True),
        Sample("webp-rgb", "WEBP", pillow_file(soft, "WEBP", quality=95), soft, "rgb", exact=False),
        Sample("tiff-grey", "TIFF", pillow_file(grey, "TIFF"), grey, "grey"),
        Sample("tiff-grey-alpha", "TIFF", pillow_file(clear_grey, "TIFF"), clear_grey, "grey", True),
        Sample("tiff-rgb", "TIFF", pillow_file(rgb, "TIFF", compression="tiff_lzw"), rgb, "rgb"),
        Sample("tiff-rgba", "TIFF", pillow_file(rgba, "TIFF"), rgba, "rgb", True),
        Sample("tiff-cmyk", "TIFF", pillow_file(cmyk, "TIFF", "CMYK"), cmyk, "cmyk"),
        Sample("bmp-grey", "BMP", pillow_file(grey, "BMP"), grey, "grey"),
        Sample("bmp-rgb", "BMP", pillow_file(rgb, "BMP"), rgb, "rgb"),
        Sample("avif-rgb", "AVIF", pillow_file(soft, "AVIF", quality=95), soft, "rgb", exact=False),
        Sample(
            "avif-rgba",
            "AVIF",
            pillow_file(soft_clear, "AVIF", quality=95),
            soft_clear,
            "rgb",
            True,
            exact=False,
        ),
        Sample("gif-rgb", "GIF", pillow_file(soft, "GIF"), soft, "rgb", exact=False),
        Sample("pgm-grey", "PPM", pillow_file(grey, "PPM"), grey, "grey"),
        Sample("ppm-rgb", "PPM", pillow_file(rgb, "PPM"), rgb, "rgb"),
    ]


def sixteen_bit_samples() -> list[Sample]:
    grey, clear_grey, rgb, rgba, cmyk = (pixels(count, 16) for count in (1, 2, 3, 4, 4))
    wide = {"compression": "deflate", "predictor": "horizontal"}
    return [
        Sample("png-grey-16", "PNG", vips_file(grey, ".png", "grey16"), grey, "grey"),
        Sample("png-grey-alpha-16", "PNG", vips_file(clear_grey, ".png", "grey16"), clear_grey, "grey", True),
        Sample("png-rgb-16", "PNG", vips_file(rgb, ".png", "rgb16"), rgb, "rgb"),
        Sample("png-rgb-16-interlaced", "PNG", vips_file(rgb, ".png", "rgb16", interlace=True), rgb, "rgb"),
        Sample("png-rgba-16", "PNG", vips_file(rgba, ".png", "rgb16"), rgba, "rgb", True),
        Sample("tiff-grey-16", "TIFF", vips_file(grey, ".tif", "grey16"), grey, "grey"),
        Sample(
            "tiff-grey-alpha-16", "TIFF", vips_file(clear_grey, ".tif", "grey16"), clear_grey, "grey", True
        ),
        Sample("tiff-rgb-16", "TIFF", vips_file(rgb, ".tif", "rgb16", **wide), rgb, "rgb"),
        Sample("tiff-rgb-16-big", "TIFF", vips_file(rgb, ".tif", "rgb16", bigtiff=True), rgb, "rgb"),
        Sample("tiff-rgb-16-tiled", "TIFF", vips_file(rgb, ".tif", "rgb16", tile=True), rgb, "rgb"),
        Sample("tiff-rgba-16", "TIFF", vips_file(rgba, ".tif", "rgb16"), rgba, "rgb", True),
        Sample("tiff-cmyk-16", "TIFF", vips_file(cmyk, ".tif", "cmyk"), cmyk, "cmyk"),
        Sample("pgm-grey-16", "PPM", netpbm_file(grey), grey, "grey"),
        Sample("ppm-rgb-16", "PPM", netpbm_file(rgb), rgb, "rgb"),
    ]


def all_samples() -> list[Sample]:
    return eight_bit_samples() + sixteen_bit_samples()


def netpbm_file(array: np.ndarray, peak: int | None = None) -> bytes:
    """A binary PGM or PPM with a comment in its header."""
    height, width, channels = array.shape
    peak = peak or np.iinfo(array.dtype).max
    header = f"P{5 if channels == 1 else 6}\n# a comment\n{width} {height}\n{peak}\n".encode()
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


def png_file(
    width: int, height: int, depth: int, colour_type: int, rows: bytes, *chunks: tuple[bytes, bytes]
) -> bytes:
    """A PNG file chunk by chunk; ``rows`` are unfiltered scan lines, each with its leading filter byte."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(name, data) for name, data in parts)


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def palette_png(clear: bool = False, grey: bool = False) -> tuple[bytes, np.ndarray]:
    """A palette PNG of 4 bits and the (height, width, 3 or 4) pixels it stands for."""
    palette = np.random.default_rng(3).integers(0, 256, (16, 3), dtype=np.uint8)
    if grey:
        palette[:] = palette[:, :1]
    alphas = np.array([0, 128] + [255] * 14, np.uint8)
    indices = np.arange(HEIGHT * 18).reshape(HEIGHT, 18) % 16
    rows = b"".join(b"\0" + bytes((row[::2] << 4 | row[1::2]).astype(np.uint8).tolist()) for row in indices)
    chunks = [(b"PLTE", palette.tobytes())] + ([(b"tRNS", alphas.tobytes())] if clear else [])
    table = np.concatenate((palette, alphas[:, None]), axis=1) if clear else palette
    return png_file(18, HEIGHT, 4, 3, rows, *chunks), table[indices]


def upright_pixels() -> np.ndarray:
    """What a picture of any of the files of ``oriented_file`` shows, (13, 17, 3)."""
    return pixels(3)


def oriented_file(orientation: int, file_format: str = "PNG", **options) -> bytes:
    """A file whose stored pixels differ, so that with its EXIF orientation it shows ``upright_pixels``."""
    image = Image.fromarray(upright_pixels())
    store = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    if orientation in store:
        image = image.transpose(store[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "a maker"
    buffer = BytesIO()
    image.save(buffer, file_format, exif=exif, **options)
    return buffer.getvalue()


def wide_oriented_tiff(orientation: int) -> bytes:
    """The same as a TIFF of 16 bits, each value times 257."""
    tiff = oriented_file(orientation, "TIFF")
    stored = pyvips.Image.new_from_buffer(tiff, "").numpy().astype(np.uint16) * 257
    image = pyvips.Image.new_from_array(stored).copy(interpretation="rgb16")
    image.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    return image.write_to_buffer(".tif")


def exif_block(orientation: int = 1, maker_note: bytes = b"opaque\0\1\2") -> bytes:
    """An EXIF block with text, sizes, a maker note, a place and a thumbnail directory; without the prefix."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F], exif[0x9C9B] = "a maker", "title".encode("utf-16-le")
    exif.get_ifd(0x8769).update(
        {0xA002: WIDTH, 0xA003: HEIGHT, 0x927C: maker_note, 0x9003: "2026:01:02 03:04:05"}
    )
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 30.0, 0.0)})
    return exif.tobytes().removeprefix(b"Exif\0\0")


def xmp_packet(orientation: int = 1) -> bytes:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
        f'tiff:Orientation="{orientation}" tiff:ImageWidth="{WIDTH}">'
        "<tiff:Make>a maker</tiff:Make></rdf:Description></rdf:RDF></x:xmpmeta>"
        '<?xpacket end="w"?>'
    ).encode()


def wide_gamut_profile() -> bytes:
    """An RGB profile whose primaries lie outside sRGB (those of Display P3, gamma 2.2), built by hand."""
    return _matrix_profile(
        ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
    )


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def grey_profile() -> bytes:
    return _profile(b"GRAY", [(b"wtpt", _xyz(0.9642, 1.0, 0.8249)), (b"kTRC", _gamma(2.2))])


def _matrix_profile(primaries) -> bytes:
    names = (b"rXYZ", b"gXYZ", b"bXYZ")
    tags = [(b"wtpt", _xyz(0.9642, 1.0, 0.8249))]
    tags += [(name, _xyz(*primary)) for name, primary in zip(names, primaries, strict=True)]
    return _profile(b"RGB ", tags + [(name, _gamma(2.2)) for name in (b"rTRC", b"gTRC", b"bTRC")])


def _profile(space: bytes, tags: list[tuple[bytes, bytes]]) -> bytes:
    text = b"wide gamut for tests\0"
    description = b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(79)
    tags = [(b"desc", description), (b"cprt", b"text" + bytes(4) + b"none\0"), *tags]
    table, body, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, data in tags:
        data += bytes(-len(data) % 4)
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data
    size = start + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"none", 0x02100000, b"mntr", space, b"XYZ ")
    header += bytes(12) + b"acsp" + bytes(28) + _xyz(0.9642, 1.0, 0.8249)[8:] + bytes(48)
    return header[:128] + table + body


def _xyz(*values: float) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))


def _gamma(gamma: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))


def moving_frames(count: int = 4, height: int = HEIGHT, width: int = WIDTH) -> list[Image.Image]:
    """RGBA frames in few colours, with holes."""
    frames = []
    for index in range(count):
        array = np.zeros((height, width, 4), np.uint8)
        array[2 + index : 9 + index, 3 : 8 + index] = (200, 30 * index, 40, 255)
        array[1:4, 10:14] = (20, 160, 90, 255)
        frames.append(Image.fromarray(array))
    return frames


DURATIONS_MS = (120, 70, 250, 40)


def animation(file_format: str, **options) -> bytes:
    """Moving frames with transparency, uneven timing, played three times, written by Pillow."""
    first, *others = moving_frames()
    buffer = BytesIO()
    loop = 2 if file_format == "GIF" else 3
    defaults = {"duration": list(DURATIONS_MS), "loop": loop}
    if file_format == "GIF":
        defaults["disposal"] = 2
    if file_format == "WEBP":
        defaults |= {"lossless": True, "exact": True}
    first.save(buffer, file_format, save_all=True, append_images=others, **(defaults | options))
    return buffer.getvalue()


@cache
def bomb_png(side: int = 40_000) -> bytes:
    """A PNG file of some kilobytes that unfolds to ``side`` squared pixels of nothing."""
    packer = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(name, data) for name, data in parts)


def huge_header(file_format: str) -> bytes:
    """A few bytes that declare a picture of a gigapixel or more, and hold none of it."""
    side = 60_000
    if file_format == "PNG":
        return png_file(2**31 - 1, 2**31 - 1, 8, 2, b"\0\0\0\0")
    if file_format == "BMP":
        return (
            b"BM"
            + struct.pack("<IHHI", 54, 0, 0, 54)
            + struct.pack("<IiiHHIIiiII", 40, side, side, 1, 24, *[0] * 6)
        )
    if file_format == "PPM":
        return b"P6 60000 60000 255\n" + bytes(30)
    if file_format == "GIF":
        return (
            b"GIF89a" + struct.pack("<HHBBB", side, side, 0, 0, 0) + b",\0\0\0\0`\xea`\xea\0\x02\x02L\x01\0;"
        )
    raise ValueError(file_format)


@cache
def nasty_files() -> dict[str, bytes]:
    """Files that no program should read in silence, by a name that says what is wrong."""
    png, jpeg = pillow_file(pixels(3), "PNG"), pillow_file(pixels(3), "JPEG")
    return {
        "zero-bytes.png": b"",
        "one-byte.png": b"\x89",
        "text.png": b"this is not a picture at all\n" * 20,
        "noise.jpg": np.random.default_rng(1).bytes(4000),
        "signature-only.png": png[:8],
        "header-only.png": png[:33],
        "half.png": png[: len(png) // 2],
        "half.jpg": jpeg[: len(jpeg) // 2],
        "huge.png": huge_header("PNG"),
        "huge.bmp": huge_header("BMP"),
        "huge.ppm": huge_header("PPM"),
        "huge.gif": huge_header("GIF"),
        "bomb.png": bomb_png(),
    }
