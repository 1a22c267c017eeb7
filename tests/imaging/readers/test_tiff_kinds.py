"""TIFF files of odd kinds: read right, or refused before the work in words that say why."""

from __future__ import annotations

import lzma
import struct
from io import BytesIO

import corpus
import numpy as np
import pytest
from PIL import Image, ImageCms

from srcli.core.errors import InputError
from srcli.imaging.decode import open_picture

tifffile = pytest.importorskip("tifffile")


def tiff(array, **options):
    buffer = BytesIO()
    tifffile.imwrite(buffer, array, metadata=None, **options)
    return buffer.getvalue()


def patched(data, **fields):
    """The file with numbers of its first directory changed, by tifffile's names."""
    changed = bytearray(data)
    with tifffile.TiffFile(BytesIO(data)) as file:
        for name, value in fields.items():
            tag = file.pages[0].tags[name]
            struct.pack_into("<H" if tag.dtype == 3 else "<I", changed, tag.offset + 8, value)
    return bytes(changed)


def with_field(data, tag, kind, count, value):
    """The file with one more field, in the place of the software's name."""
    with tifffile.TiffFile(BytesIO(data)) as file:
        place = file.pages[0].tags["Software"].offset
    return data[:place] + struct.pack("<HHII", tag, kind, count, value) + data[place + 12 :]


def read(data):
    with open_picture(data) as picture:
        return picture.info, next(iter(picture.frames()))


def levels(plane, depth=8):
    return np.rint(plane * (2**depth - 1)).astype(int)


def refusal(data):
    """What opening alone, as a dry run does, says."""
    with pytest.raises(InputError) as caught:
        open_picture(data)
    return caught.value


def planes(depth):
    return np.moveaxis(np.kron(corpus.pixels(3, depth), np.ones((4, 4, 1), np.uint8)), 2, 0)


def test_a_compression_that_libvips_lacks_is_read_by_pillow():
    array = corpus.pixels(3)
    packed = lzma.compress(array.tobytes(), format=lzma.FORMAT_XZ)
    start = tiff(array, photometric="rgb")
    data = patched(start, Compression=34925, StripOffsets=len(start), StripByteCounts=len(packed)) + packed
    np.testing.assert_array_equal(levels(read(data)[1].colour), array)


@pytest.mark.parametrize(("number", "name"), [(34712, "JPEG 2000"), (34887, "LERC"), (50002, "JPEG XL")])
def test_an_unknown_compression_is_named(number, name):
    error = refusal(patched(tiff(corpus.pixels(3), photometric="rgb"), Compression=number))
    assert error.message.endswith(f"TIFF compression {number} ({name}) is not supported")
    assert "deflate" in error.hint


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("layout", [{"rowsperstrip": 16}, {"tile": (32, 32)}], ids=["strips", "tiles"])
@pytest.mark.parametrize("packing", ["zlib", None])
def test_a_strip_or_tile_that_is_shorter_than_its_rows(depth, layout, packing):
    array = corpus.pixels(3, depth, 96, 64)
    data = bytearray(tiff(array, photometric="rgb", compression=packing, **layout))
    with tifffile.TiffFile(BytesIO(data)) as file:
        page = file.pages[0]
        tag = page.tags["TileByteCounts" if page.is_tiled else "StripByteCounts"]
        size = 2 if tag.dtype == 3 else 4
        # libtiff corrects the first two by itself.
        data[tag.valueoffset + 2 * size : tag.valueoffset + 3 * size] = (40).to_bytes(size, "little")
    with pytest.raises(InputError, match=r"damaged|truncated"):
        read(bytes(data))


@pytest.mark.parametrize("layout", [{"rowsperstrip": 16}, {"tile": (32, 32)}], ids=["strips", "tiles"])
def test_bytes_overwritten_in_a_strip_or_tile(layout):
    data = bytearray(tiff(corpus.pixels(3, 8, 96, 64), photometric="rgb", compression="zlib", **layout))
    with tifffile.TiffFile(BytesIO(data)) as file:
        start = file.pages[0].dataoffsets[1]
    data[start : start + 8] = b"\xff" * 8
    with pytest.raises(InputError, match=r"damaged|truncated"):
        read(bytes(data))


def test_tiles_of_one_colour_each_are_read():
    array = planes(8)
    data = tiff(array, photometric="rgb", planarconfig="separate", tile=(32, 32))
    np.testing.assert_array_equal(levels(read(data)[1].colour), np.moveaxis(array, 0, 2))


def test_tiles_of_one_16_bit_colour_each_are_refused_by_the_header():
    data = tiff(planes(16), photometric="rgb", planarconfig="separate", tile=(32, 32))
    assert "in tiles of one colour each" in refusal(data).message


@pytest.mark.parametrize(("kind", "white", "middle"), [("cielab", 65535, 0), ("icclab", 65280, 32768)])
def test_lab_is_what_it_is_in_srgb(kind, white, middle):
    # Red, green, blue and a grey of sRGB, relative to D50 (published tables of colour conversions).
    lab = np.array([[54.29, 80.81, 69.89], [87.82, -79.27, 80.99], [29.57, 68.30, -112.03], [53.39, 0, 0]])
    stored = np.rint(lab * [white / 100, 256, 256] + [0, middle, middle])
    info, frame = read(tiff(stored.astype(np.int64).astype(np.uint16)[None], photometric=kind))
    assert info.notes == ("its Lab colours were converted to sRGB",)
    expected = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [127, 127, 127]]
    np.testing.assert_allclose(frame.colour[0] * 255, expected, atol=1)


def test_lab_agrees_with_another_colour_engine():
    lab = np.dstack(np.meshgrid(range(40, 220, 12), range(-40, 41, 8), indexing="ij"))
    samples = np.dstack([lab[:, :, 0], lab[:, :, 1], lab[:, :, 1][:, ::-1]]).astype(np.int16).astype(np.uint8)
    data = tiff(samples, photometric="cielab")
    with Image.open(BytesIO(data)) as image:
        srgb = ImageCms.createProfile("sRGB")
        other = ImageCms.profileToProfile(
            image,
            ImageCms.createProfile("LAB"),
            srgb,
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
        )
    difference = np.abs(read(data)[1].colour * 255 - np.asarray(other))
    assert difference.mean() < 1
    assert difference.max() < 6


def test_a_palette_of_16_bits_keeps_them():
    table = np.random.default_rng(3).integers(0, 65536, (3, 256), dtype=np.uint16)
    indices = corpus.pixels(1)[:, :, 0]
    info, frame = read(tiff(indices, photometric="palette", colormap=table))
    assert info.notes == ("its palette was expanded to RGB",)
    expected = table[:, indices].transpose(1, 2, 0)
    np.testing.assert_allclose(frame.colour, expected / 65535, atol=1 / 255)


@pytest.mark.parametrize("number", [4, 32845])
def test_other_colour_models_are_refused(number):
    data = patched(tiff(corpus.pixels(3), photometric="rgb"), PhotometricInterpretation=number)
    assert f"TIFF's colour model {number} is not supported" in refusal(data).message


def test_one_field_astray_costs_no_other():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    array = corpus.pixels(4)
    data = tiff(
        array, photometric="rgb", extrasamples=["unassalpha"], iccprofile=profile, software="a word here"
    )
    info, frame = read(patched(data, Software=2**31))
    assert info.has_alpha
    assert info.metadata.icc == profile
    assert info.notes == ("damaged TIFF fields were dropped: 305",)
    np.testing.assert_array_equal(levels(frame.colour), array[:, :, :3])


def raw_photograph():
    """What cameras write: a thumbnail first, and what the sensor saw below it."""
    buffer = BytesIO()
    with tifffile.TiffWriter(buffer) as file:
        file.write(corpus.pixels(3), photometric="rgb", subfiletype=1, subifds=1, metadata=None)
        file.write(corpus.pixels(1, 16), photometric="miniswhite", metadata=None)
    # The entry says one SHORT, 0: a white that is least.
    return buffer.getvalue().replace(
        struct.pack("<HHIH", 262, 3, 1, 0), struct.pack("<HHIH", 262, 3, 1, 32803)
    )


@pytest.mark.parametrize(
    "data",
    [
        raw_photograph(),
        tiff(corpus.pixels(3), photometric="rgb", extratags=[(50706, 1, 4, (1, 4, 0, 0), True)]),
        patched(tiff(corpus.pixels(1), photometric="minisblack"), PhotometricInterpretation=32803),
        patched(tiff(corpus.pixels(1), photometric="minisblack"), Compression=34713),
    ],
    ids=["thumbnail", "dng", "sensor", "packed by a camera"],
)
def test_a_raw_photograph_is_not_its_thumbnail(data):
    error = refusal(data)
    assert error.message.endswith("raw photographs are not supported")
    assert "16 bits" in error.hint


def test_a_raw_photograph_by_name(tmp_path):
    path = tmp_path / "DSC_0001.NEF"
    path.write_bytes(tiff(corpus.pixels(3), photometric="rgb"))
    assert refusal(path).message.endswith("raw photographs are not supported")


@pytest.mark.parametrize(
    ("head", "camera"),
    [
        (b"FUJIFILMCCD-RAW 0201", "Fujifilm"),
        (b"IIRO\x08\0\0\0", "Olympus"),
        (b"IIU\0\x18\0\0\0", "Panasonic"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "Canon"),
        (b"FOVb\0\0\2\0", "Sigma"),
    ],
)
def test_raw_photographs_of_other_kinds_are_named(head, camera):
    assert camera in refusal(head + bytes(64)).message


def test_a_thumbnail_in_front_is_passed_over():
    array = corpus.pixels(3)
    buffer = BytesIO()
    with tifffile.TiffWriter(buffer) as file:
        file.write(array[::2, ::2], photometric="rgb", subfiletype=1, metadata=None)
        file.write(array, photometric="rgb", metadata=None)
    info, frame = read(buffer.getvalue())
    assert info.notes == ("it has 2 pages: only page 2 is used; --page takes others",)
    np.testing.assert_array_equal(levels(frame.colour), array)


def test_luma_and_chroma_without_jpeg_become_rgb():
    grey = np.repeat(corpus.pixels(1), 3, axis=2)
    grey[:, :, 1:] = 128
    data = patched(tiff(grey, photometric="rgb", software="tifffile"), PhotometricInterpretation=6)
    # One chroma sample for each pixel; TIFF's default is one for four.
    info, frame = read(with_field(data, 530, 3, 2, 1 | 1 << 16))
    assert info.notes == ("its YCbCr colours were converted to RGB",)
    np.testing.assert_allclose(levels(frame.colour), np.repeat(grey[:, :, :1], 3, axis=2), atol=2)


@pytest.mark.parametrize("bits", [2, 4])
def test_colours_of_fewer_than_8_bits_are_refused_by_the_header(bits):
    data = patched(tiff(corpus.pixels(3), photometric="rgb"), Compression=1)
    with tifffile.TiffFile(BytesIO(data)) as file:
        place = file.pages[0].tags["BitsPerSample"].valueoffset
    narrow = data[:place] + struct.pack("<3H", bits, bits, bits) + data[place + 6 :]
    assert f"3 channels of {bits} bits are not supported" in refusal(narrow).message
