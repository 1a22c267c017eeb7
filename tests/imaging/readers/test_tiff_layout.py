"""TIFF fields that contradict one another: refused, or read as what they were before; never other pixels."""

from __future__ import annotations

import struct
from io import BytesIO
from itertools import chain

import corpus
import numpy as np
import pytest
from PIL import Image

from srcli.core.errors import InputError
from srcli.imaging.decode import open_picture

tifffile = pytest.importorskip("tifffile")

ITEM_BYTES = {3: 2, 4: 4, 16: 8}
WIDTH, HEIGHT, COMPRESSION, COLOUR_MODEL, PREDICTOR, PALETTE = 256, 257, 259, 262, 317, 320


def tiff(array, **options):
    buffer = BytesIO()
    tifffile.imwrite(buffer, array, metadata=None, software=False, **options)
    return buffer.getvalue()


def packed(mode, **options):
    buffer = BytesIO()
    Image.fromarray(corpus.pixels(3, 8, 40, 37)).convert(mode).save(buffer, "TIFF", **options)
    return buffer.getvalue()


def rgb(depth=8, **options):
    return tiff(corpus.pixels(3, depth, 40, 37), photometric="rgb", **options)


def planes(**options):
    array = np.moveaxis(corpus.pixels(3, 8, 40, 37), 2, 0)
    return tiff(array, photometric="rgb", planarconfig="separate", **options)


BASES = {
    "strips": rgb(rowsperstrip=7),
    "big-endian strips": rgb(rowsperstrip=7, byteorder=">"),
    "one strip": rgb(),
    "strips of 16 bits": rgb(16, rowsperstrip=7),
    "deflated strips": rgb(rowsperstrip=7, compression="zlib", predictor=True),
    "tiles": rgb(tile=(16, 16)),
    "deflated tiles": rgb(tile=(16, 16), compression="zlib"),
    "planes": planes(rowsperstrip=7),
    "planes of tiles": planes(tile=(16, 16)),
    "BigTIFF": rgb(rowsperstrip=7, bigtiff=True),
    "palette": packed("P"),
    "bits": packed("1"),
    "LZW": packed("RGB", compression="tiff_lzw"),
    "fax": packed("1", compression="group4"),
}


def pixels(data):
    with open_picture(data, max_pixels=10**7) as picture:
        frame = next(iter(picture.frames()))
        return np.dstack((frame.colour, *([] if frame.alpha is None else [frame.alpha])))


def tags(data):
    """Number, type, count, place of the entry and place of the values of each field."""
    with tifffile.TiffFile(BytesIO(data)) as file:
        for tag in file.pages[0].tags.values():
            yield tag.code, int(tag.dtype), tag.count, tag.offset, tag.valueoffset


def patched(data, place, letter, number):
    changed = bytearray(data)
    struct.pack_into((">" if data[:2] == b"MM" else "<") + letter, changed, place, number)
    return bytes(changed)


def counts(data):
    """Files in which the count of one field is another."""
    wide = "Q" if data[2] == 43 else "I"
    for tag, _, count, entry, _ in tags(data):
        for other in {0, 1, 2, count - 1, count + 1, 2 * count, 100, 65535, 2**31} - {count}:
            yield f"count of {tag}: {count} to {other}", tag, patched(data, entry + 4, wide, other)


def types(data):
    """Files in which the type of one field is another."""
    for tag, kind, _, entry, _ in tags(data):
        for other in {0, 1, 2, 3, 4, 5, 8, 11, 13, 16, 99} - {kind}:
            yield f"type of {tag}: {kind} to {other}", tag, patched(data, entry + 2, "H", other)


def numbers(data):
    """Files in which one value of one field is another."""
    for tag, kind, count, _, place in tags(data):
        for index in {0, count // 2, count - 1} if kind in ITEM_BYTES and tag != PALETTE else ():
            size, letter = ITEM_BYTES[kind], {2: "H", 4: "I", 8: "Q"}[ITEM_BYTES[kind]]
            start = place + index * size
            value = int.from_bytes(data[start : start + size], "big" if data[:2] == b"MM" else "little")
            for other in {0, 1, 2, value // 2, 2 * value, 10 * value, 65535, 2**32 - 1} - {value}:
                if other < 256**size:
                    yield f"{tag}, {index}: {value} to {other}", tag, patched(data, start, letter, other)


def gone(data):
    """Files that lack one field."""
    for tag, _, _, entry, _ in tags(data):
        yield f"without {tag}", tag, patched(data, entry, "H", 65000)


def is_another_picture(name, tag, what):
    """Whether a file says as well as any other that it holds other pixels."""
    if tag == PREDICTOR:
        return what.startswith(("without", "317"))
    # Where codes of variable length end can't be told.
    return tag == COLOUR_MODEL or (name == "fax" and tag in (HEIGHT, COMPRESSION))


@pytest.mark.parametrize("name", BASES)
def test_one_field_astray_gives_no_other_pixels_in_silence(name):
    data = BASES[name]
    before = pixels(data)
    refused, wrong = 0, []
    for what, tag, changed in chain(counts(data), types(data), numbers(data), gone(data)):
        try:
            after = pixels(changed)
        except InputError:
            refused += 1
            continue
        if not np.array_equal(before, after) and not is_another_picture(name, tag, what):
            wrong.append(what)
    assert not wrong
    assert refused > 100


def test_fewer_strips_than_the_count_says():
    data = rgb(rowsperstrip=7)
    for tag, _, _, entry, _ in tags(data):
        if tag in (273, 279):
            data = patched(data, entry + 4, "I", 100)
    with pytest.raises(InputError, match="its size takes strips, 6 in number, and its fields place 100"):
        open_picture(data)


@pytest.mark.parametrize(("other", "damage"), [(HEIGHT, "strips"), (WIDTH, "longer than their rows")])
@pytest.mark.parametrize("name", ["strips", "deflated strips", "LZW"])
def test_a_size_that_is_not_that_of_the_strips(name, other, damage):
    data = BASES[name]
    place = next(place for tag, _, _, _, place in tags(data) if tag == other)
    with pytest.raises(InputError, match=damage):
        open_picture(patched(data, place, "H", 30))


def test_strips_that_share_their_bytes_are_read_and_strips_that_overlap_are_refused():
    data = rgb(rowsperstrip=10)
    before = pixels(data)
    place = next(place for tag, _, _, _, place in tags(data) if tag == 273)
    first, second = struct.unpack_from("<2I", data, place)
    after = pixels(patched(data, place + 4, "I", first))
    np.testing.assert_array_equal(after[10:20], before[:10])
    with pytest.raises(InputError, match="lie over one another"):
        open_picture(patched(data, place + 4, "I", second - 1))


def test_a_last_strip_that_is_padded_to_the_rows_of_the_others():
    data = rgb(rowsperstrip=7)
    before = pixels(data)
    row, places = 37 * 3, {tag: (count, place) for tag, _, count, _, place in tags(data)}
    for tag, value in ((279, 7 * row), (273, len(data))):
        count, place = places[tag]
        letter, size = ("H", 2) if tag == 279 else ("I", 4)
        old = struct.unpack_from(f"<{count}{letter}", data, place)[-1]
        start = old if tag == 273 else 0
        data = patched(data, place + (count - 1) * size, letter, value)
    after = pixels(data + data[start : start + 5 * row] + bytes(2 * row))
    np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize("mode", ["1", "L"])
def test_one_channel_said_to_lie_in_a_plane_of_its_own(mode):
    data = packed(mode)
    before = pixels(data)
    place = next(place for tag, _, _, _, place in tags(data) if tag == 284)
    np.testing.assert_array_equal(pixels(patched(data, place, "H", 2)), before)


def test_the_places_of_tiles_in_the_field_of_strips_as_old_files_hold_them():
    data = BASES["tiles"]
    before = pixels(data)
    for tag, _, _, entry, _ in tags(data):
        if tag in (324, 325):
            data = patched(data, entry, "H", {324: 273, 325: 279}[tag])
    np.testing.assert_array_equal(pixels(data), before)
