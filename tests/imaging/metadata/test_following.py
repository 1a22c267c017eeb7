"""Metadata that speaks of the pixels is true of the picture that is written, or named as lost."""

from __future__ import annotations

import struct
from io import BytesIO
from xml.etree import ElementTree

import corpus
import metadata_samples as samples
import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from srcli.core.geometry import Size
from srcli.imaging.containers.tiff_fields import EXIF_DIRECTORY, INTEROPERABILITY_DIRECTORY, parse_block
from srcli.imaging.decode import open_picture
from srcli.imaging.encode import encode_picture, plan_encoding
from srcli.imaging.metadata.change import Change
from srcli.imaging.picture import Frame
from srcli.imaging.pixels.orientation import bake

HEIGHT, WIDTH = samples.HEIGHT, samples.WIDTH
AREA = "{http://ns.adobe.com/xmp/sType/Area#}"
DIMENSIONS = "{http://ns.adobe.com/xap/1.0/sType/Dimensions#}"


def enlarge(data, factor=3, format_name=None):
    """A picture so many times as large, the metadata of its plan, and the warnings before the work."""
    with open_picture(data) as picture:
        info = picture.info
        size = Size(factor * info.size.height, factor * info.size.width)
        encoding = plan_encoding(info, size, format=format_name, quality=None, strip=False)
        colour = next(iter(picture.frames())).colour.repeat(factor, axis=0).repeat(factor, axis=1)
        buffer = BytesIO()
        encode_picture(buffer, [Frame(np.ascontiguousarray(colour), None)], encoding)
    return buffer.getvalue(), encoding.metadata, (*info.notes, *encoding.warnings)


def with_xmp(packet, orientation=1):
    exif = corpus.exif_block(orientation)
    return samples.jpeg_with((0xE1, b"Exif\0\0" + exif), (0xE1, samples.XMP_NAME + packet))


def attributes(packet, name):
    """All values of an attribute or an element, by its qualified name."""
    root = ElementTree.fromstring(packet)
    found = [element.get(name) for element in root.iter() if name in element.attrib]
    return found + [element.text for element in root.iter(name)]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_points_go_where_the_pixels_go(orientation):
    marked = np.zeros((HEIGHT, WIDTH), np.uint8)
    marked[3, 5] = 1
    upright = bake(marked, orientation)
    change = Change(orientation, Size(HEIGHT, WIDTH), Size(*upright.shape))
    x, y = change.pixel(5.5, 3.5)
    assert upright[int(y), int(x)] == 1


def test_a_face_is_turned_with_the_picture():
    _, metadata, warnings = enlarge(with_xmp(samples.regions(), 6))
    packet = metadata.xmp
    area = [float(attributes(packet, AREA + name)[0]) for name in "xywh"]
    assert area == pytest.approx([0.5, 0.25, 0.2, 0.1])
    assert [attributes(packet, DIMENSIONS + name)[0] for name in "wh"] == [str(3 * HEIGHT), str(3 * WIDTH)]
    assert not warnings


def test_a_face_that_was_marked_in_the_upright_picture_stays():
    packet = samples.regions().replace(b'stDim:w="22" stDim:h="14"', b'stDim:w="14" stDim:h="22"')
    _, metadata, _ = enlarge(with_xmp(packet, 6))
    assert [attributes(metadata.xmp, AREA + name)[0] for name in "xywh"] == ["0.25", "0.5", "0.1", "0.2"]


def test_regions_of_a_picture_of_another_shape_stay_with_a_warning():
    packet = samples.regions().replace(b'stDim:w="22" stDim:h="14"', b'stDim:w="100" stDim:h="10"')
    _, metadata, warnings = enlarge(with_xmp(packet, 6))
    assert attributes(metadata.xmp, AREA + "x") == ["0.25"]
    assert warnings == ("its regions were marked in a picture of another shape: kept as they are",)


def test_regions_in_pixels_are_scaled():
    packet = (
        samples.regions().replace(b'"normalized"', b'"pixel"').replace(b'stArea:x="0.25"', b'stArea:x="11"')
    )
    _, metadata, _ = enlarge(with_xmp(packet))
    assert attributes(metadata.xmp, AREA + "x") == ["33"]


def test_faces_of_microsoft_are_turned():
    packet = samples.xmp(
        'xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#" MPReg:Rectangle="0.25, 0.5, 0.125, 0.25"'
    )
    _, metadata, _ = enlarge(with_xmp(packet, 8))
    assert b'"0.5, 0.625, 0.25, 0.125"' in metadata.xmp


def test_image_regions_of_iptc_are_turned_and_scaled():
    names = 'xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    box = '<i:RegionBoundary i:rbUnit="{}" i:rbX="{}" i:rbY="{}" i:rbW="{}" i:rbH="{}"/>'
    relative, pixels = box.format("relative", 0, 0.25, 0.5, 0.5), box.format("pixel", 11, 7, 2, 4)
    _, metadata, _ = enlarge(with_xmp(samples.xmp(names, relative + pixels), 3))
    iptc = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}rb"
    found = [[float(value) for value in attributes(metadata.xmp, iptc + name)] for name in "XYWH"]
    assert found == [[0.5, 27], [0.25, 9], [0.5, 6], [0.5, 12]]


def test_a_panorama_is_scaled_and_dropped_with_a_warning_where_it_is_turned():
    _, metadata, warnings = enlarge(with_xmp(samples.panorama()))
    assert b'GPano:FullPanoWidthPixels="264"' in metadata.xmp
    assert b'GPano:CroppedAreaLeftPixels="15"' in metadata.xmp
    assert not warnings
    _, metadata, warnings = enlarge(with_xmp(samples.panorama(), 6))
    assert b"GPano:Full" not in metadata.xmp
    assert warnings == ("its place in a panorama is dropped, as it is turned",)


def test_a_crop_of_camera_raw_is_turned():
    packet = samples.xmp(
        'xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" '
        'crs:CropLeft="0.125" crs:CropTop="0.25" crs:CropRight="0.5" crs:CropBottom="0.75"'
    )
    _, metadata, _ = enlarge(with_xmp(packet, 6))
    crop = "{http://ns.adobe.com/camera-raw-settings/1.0/}Crop"
    assert [attributes(metadata.xmp, crop + side) for side in ("Left", "Top", "Right", "Bottom")] == [
        ["0.25"],
        ["0.125"],
        ["0.75"],
        ["0.5"],
    ]


def test_sizes_in_xmp_follow_under_any_prefix():
    packet = samples.xmp(
        'xmlns:t="http://ns.adobe.com/tiff/1.0/" xmlns:e="http://ns.adobe.com/exif/1.0/" t:ImageWidth="22"',
        "<e:PixelYDimension>14</e:PixelYDimension>",
    )
    _, metadata, _ = enlarge(with_xmp(packet))
    assert b't:ImageWidth="66"' in metadata.xmp
    assert b"<e:PixelYDimension>42<" in metadata.xmp


def test_xmp_without_a_word_about_pixels_is_kept_byte_for_byte():
    packet = samples.titled() + b" " * 50
    assert enlarge(with_xmp(packet, 6))[1].xmp == packet


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-16-le", "utf-32-be", "utf-8-sig"])
def test_xmp_of_any_encoding_is_read(encoding):
    packet = samples.regions().decode().encode(encoding)
    _, metadata, warnings = enlarge(with_xmp(packet, 6))
    assert attributes(metadata.xmp, AREA + "x") == ["0.5"]
    assert not warnings


def test_an_orientation_in_xmp_alone_turns_the_picture_with_a_word():
    packet = samples.xmp('xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"')
    data, metadata, warnings = enlarge(samples.jpeg_with((0xE1, samples.XMP_NAME + packet)))
    with Image.open(BytesIO(data)) as image:
        assert image.size == (3 * HEIGHT, 3 * WIDTH)
    assert b'tiff:Orientation="1"' in metadata.xmp
    assert warnings == ("its orientation stands in its XMP data alone: turned by that",)


def test_the_orientation_of_exif_comes_before_that_of_xmp():
    packet = samples.xmp('xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"')
    data, metadata, warnings = enlarge(with_xmp(packet, 1))
    with Image.open(BytesIO(data)) as image:
        assert image.size == (3 * WIDTH, 3 * HEIGHT)
    assert b'tiff:Orientation="1"' in metadata.xmp
    assert not warnings


def test_sizes_subject_and_resolutions_in_exif_follow():
    exif = Image.Exif()
    exif[0x0112], exif[0x011A], exif[0x011B] = 6, 300.0, 150.0
    details = exif.get_ifd(0x8769)
    details.update(
        {
            0xA002: WIDTH,
            0xA003: HEIGHT,
            0xA20E: IFDRational(100),
            0xA20F: IFDRational(200),
            0x9214: (11, 7, 4, 2),
        }
    )
    details[0xA005] = {0x1001: WIDTH, 0x1002: HEIGHT}
    _, metadata, _ = enlarge(samples.plain("JPEG", exif=exif.tobytes()))
    block = parse_block(metadata.exif)
    details = block.children[EXIF_DIRECTORY]
    related = details.children[INTEROPERABILITY_DIRECTORY]
    assert [details.number(tag) for tag in (0xA002, 0xA003)] == [3 * HEIGHT, 3 * WIDTH]
    assert [related.number(tag) for tag in (0x1001, 0x1002)] == [3 * HEIGHT, 3 * WIDTH]
    assert [fraction(block, tag) for tag in (0x011A, 0x011B)] == [150, 300]
    assert [fraction(details, tag) for tag in (0xA20E, 0xA20F)] == [600, 300]
    assert details.numbers(0x9214) == (21, 33, 6, 12)


def fraction(directory, tag):
    numerator, denominator = struct.unpack("<II", directory.fields[tag].data)
    return numerator / denominator


def test_resolution_and_shape_are_turned():
    block = corpus.exif_block(8)
    _, metadata, _ = enlarge(samples.plain("JPEG", dpi=(300, 150), exif=b"Exif\0\0" + block))
    assert metadata.dpi == (150, 300)
    shape = struct.pack(">IIB", 2, 1, 0)
    _, metadata, _ = enlarge(samples.png_with((b"pHYs", shape), (b"eXIf", block)))
    assert metadata.aspect == (1, 2)


def test_a_clipping_path_is_turned():
    one = 2**24
    knot = struct.pack(">H6i", 2, *[one // 4, one // 8] * 3)
    block = samples.resources((2000, struct.pack(">H24x", 0) + knot))
    segments = (0xE1, b"Exif\0\0" + corpus.exif_block(6)), (0xED, b"Photoshop 3.0\0" + block)
    _, metadata, warnings = enlarge(samples.jpeg_with(*segments))
    assert struct.unpack(">6i", metadata.photoshop[-24:]) == (one // 8, 3 * one // 4) * 3
    assert not warnings


def test_guides_of_photoshop_are_dropped_with_a_warning_and_the_one_slice_in_silence():
    guides = struct.pack(">IIII", 1, 0, 0, 1) + struct.pack(">IB", 320, 0)
    slices = struct.pack(">I4II", 6, 0, 0, HEIGHT, WIDTH, 0) + struct.pack(">I", 1)
    block = samples.resources((0x0408, guides), (0x041A, slices), (0x040A, b"\1"))
    _, metadata, warnings = enlarge(samples.jpeg_with((0xED, b"Photoshop 3.0\0" + block)))
    assert metadata.photoshop == samples.resources((0x040A, b"\1"))
    assert warnings == ("its Photoshop guides count pixels of the original: dropped",)


def companions():
    names = 'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return samples.xmp(names, "<dc:format>image/jpeg</dc:format>")


@pytest.mark.parametrize(
    ("behind", "word"),
    [
        (samples.plain("JPEG"), "its gain map, for displays of high dynamic range, is dropped"),
        (b"\0\0\0\x18ftypmp42" + bytes(40), "the video of a motion photo behind its picture is dropped"),
        (b"", "its XMP data speaks of a gain map or a video that the file lacks: removed"),
        (b"some words", "10 bytes behind its picture are dropped"),
    ],
)
def test_what_stands_behind_the_picture_is_named_and_xmp_no_longer_speaks_of_it(behind, word):
    data = samples.jpeg_with((0xE1, samples.XMP_NAME + companions())) + behind
    _, metadata, warnings = enlarge(data)
    assert warnings == (word,)
    assert b"hdrgm:Version" not in metadata.xmp
    assert b"image/jpeg" in metadata.xmp


def geotiff(*entries, orientation=1):
    keys = (34735, 3, 8, struct.pack("<8H", 1, 1, 0, 1, 1025, 0, 1, 1))
    turn = (274, 3, 1, struct.pack("<H", orientation))
    return samples.tiff_with(keys, turn, *entries)


def on_the_map(block, column, row):
    """Where a corner of a pixel lies, by the matrix or by the tie point and the scale of a GeoTIFF."""
    fields = parse_block(block).fields
    if 34264 in fields:
        matrix = np.array(fields[34264].doubles).reshape(4, 4)
        return tuple((matrix @ (column, row, 0, 1))[:2])
    i, j, _, x, y, _ = fields[33922].doubles
    across, down, _ = fields[33550].doubles
    return x + (column - i) * across, y - (row - j) * down


SCALE = (33550, 12, 3, struct.pack("<3d", 10, 10, 0))
TIE_POINT = (33922, 12, 6, struct.pack("<6d", 2, 3, 0, 500, 900, 0))
MATRIX = (34264, 12, 16, struct.pack("<16d", 3, 4, 0, 500, 4, -3, 0, 900, 0, 0, 0, 0, 0, 0, 0, 1))


@pytest.mark.parametrize("orientation", [1, 3, 6, 7])
@pytest.mark.parametrize("fields", [(SCALE, TIE_POINT), (MATRIX,)], ids=["scale", "matrix"])
def test_corners_stay_in_place_on_the_map(fields, orientation):
    data = geotiff(*fields, orientation=orientation)
    with open_picture(data) as picture:
        before = picture.info.metadata.geotiff
    _, metadata, warnings = enlarge(data)
    change = Change(orientation, Size(HEIGHT, WIDTH), Size(3, 3))
    for x, y in ((0, 0), (1, 0), (0, 1)):
        across, down = change.point(x, y)
        size = (3 * HEIGHT, 3 * WIDTH) if change.swaps else (3 * WIDTH, 3 * HEIGHT)
        there = on_the_map(metadata.geotiff, across * size[0], down * size[1])
        assert there == pytest.approx(on_the_map(before, x * WIDTH, y * HEIGHT))
    assert not warnings


def test_a_tie_point_in_the_middle_of_a_pixel_stays_there():
    keys = (34735, 3, 8, struct.pack("<8H", 1, 1, 0, 1, 1025, 0, 1, 2))
    _, metadata, _ = enlarge(samples.tiff_with(keys, SCALE, TIE_POINT))
    assert parse_block(metadata.geotiff).fields[33922].doubles[:2] == pytest.approx((7, 10))


def test_a_place_on_the_map_is_named_where_it_is_lost():
    _, _, warnings = enlarge(geotiff(SCALE, TIE_POINT), format_name="jpg")
    assert warnings == ("JPEG has no room for the place on the map (GeoTIFF): dropped",)
