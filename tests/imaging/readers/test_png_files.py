"""PNG files whose chunks are large, damaged, missing, in the wrong place or of Apple's own kind."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import corpus
import numpy as np
import pytest
from PIL import ImageCms

from srcli.core.errors import InputError
from srcli.imaging.decode import open_picture

MEBIBYTE = 2**20


def rows(array):
    return b"".join(b"\0" + row.astype(row.dtype.newbyteorder(">")).tobytes() for row in array)


def png(*chunks, colour_type=2, depth=8, array=None):
    """A file of these chunks between header and end; ``None`` stands for the pixels."""
    array = corpus.pixels(3, depth) if array is None else array
    header = struct.pack(">IIBBBBB", array.shape[1], array.shape[0], depth, colour_type, 0, 0, 0)
    pixels = (b"IDAT", zlib.compress(rows(array)))
    parts = [(b"IHDR", header), *(chunk or pixels for chunk in chunks), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(corpus.png_chunk(*part) for part in parts)


def read(data):
    with open_picture(data) as picture:
        return picture.info, next(iter(picture.frames()))


def large_profile(size):
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile += np.random.default_rng(1).bytes(size - len(profile))
    profile[:4] = struct.pack(">I", size)
    return bytes(profile)


@pytest.mark.parametrize("depth", [8, 16])
def test_a_large_profile_is_kept(depth):
    profile = large_profile(3 * MEBIBYTE // 2)
    data = png((b"iCCP", b"press\0\0" + zlib.compress(profile, 1)), None, depth=depth)
    info, frame = read(data)
    assert info.notes == ()
    assert info.metadata.icc == profile
    np.testing.assert_array_equal(np.rint(frame.colour * (2**depth - 1)), corpus.pixels(3, depth))


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("behind", [False, True])
def test_a_large_text_is_kept(depth, behind):
    words = b'{"node": 1, "inputs": []},' * 60_000
    text = (b"zTXt", b"workflow\0\0" + zlib.compress(words, 1))
    info, _ = read(png(None, text, depth=depth) if behind else png(text, None, depth=depth))
    assert info.notes == ()
    assert [entry.value for entry in info.metadata.text] == [words.decode()]


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("name", [b"zTXt", b"iCCP"])
def test_what_unfolds_without_end_is_left_out_with_a_word(depth, name):
    packed = zlib.compress(bytes(17 * MEBIBYTE), 1)
    info, frame = read(png((name, b"bomb\0\0" + packed), None, depth=depth))
    assert info.notes == (f"a {name.decode()} chunk is too large and was left out",)
    assert frame.colour.shape == (corpus.HEIGHT, corpus.WIDTH, 3)


def test_texts_are_too_large_together():
    packed = (b"zTXt", b"word\0\0" + zlib.compress(b"a" * 15 * MEBIBYTE, 1))
    assert len(read(png(*[packed] * 4, None))[0].metadata.text) == 4
    with pytest.raises(InputError, match="unfold to more than 64 MiB"):
        read(png(*[packed] * 12, None))


@pytest.mark.parametrize("depth", [8, 16])
def test_a_damaged_text_costs_the_text_alone(depth):
    data = png((b"tEXt", b"Title\0a word"), None, depth=depth).replace(b"a word", b"a wood")
    info, _ = read(data)
    assert info.notes == ("a damaged tEXt chunk was dropped",)
    assert info.metadata.text == ()


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("place", ["header", "pixels"])
def test_a_wrong_checksum_of_what_makes_the_picture(depth, place):
    data = bytearray(png(None, depth=depth))
    data[29 if place == "header" else -20] ^= 1
    with pytest.raises(InputError, match="damaged"):
        read(bytes(data))


INDICES = np.zeros((8, 8), np.uint8)
PALETTE = (b"PLTE", bytes(range(9)))


@pytest.mark.parametrize(
    "data",
    [
        png(None, colour_type=3, array=INDICES),
        png(None, PALETTE, colour_type=3, array=INDICES),
        png((b"tRNS", b"\0\x80"), None, colour_type=3, array=INDICES),
        png((b"PLTE", bytes(8)), None, colour_type=3, array=INDICES),
        png((b"PLTE", b""), None, colour_type=3, array=INDICES),
        png(PALETTE, None, colour_type=0, array=INDICES),
        png((b"tRNS", b"\0"), None),
        png((b"tRNS", b"\0\0"), None, depth=16),
        png(None, colour_type=3, depth=16, array=INDICES.astype(np.uint16)),
        png(None, colour_type=5),
        png(),
        png(None)[:8] + corpus.png_chunk(b"tEXt", b"a\0b") + png(None)[8:],
        png((b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)), None),
    ],
    ids=lambda data: None,
)
def test_a_file_that_contradicts_itself_is_damaged(data):
    with pytest.raises(InputError, match="damaged"):
        open_picture(data)


def test_files_for_ios_are_named():
    data = png(None)
    data = data[:8] + corpus.png_chunk(b"CgBI", b"P\0 \6") + data[8:]
    with pytest.raises(InputError, match=r"PNG files made for iOS \(CgBI\) are not supported") as caught:
        open_picture(data)
    assert caught.value.hint == "save it as an ordinary PNG file first"


@pytest.mark.parametrize("peak", [65535, 1023])
@pytest.mark.parametrize("kind", [2, 3])
def test_plain_netpbm_of_16_bits(kind, peak):
    array = corpus.pixels(1 if kind == 2 else 3, 16).astype(int) % (peak + 1)
    words = "\n".join(" ".join(map(str, row.ravel())) for row in array)
    data = f"P{kind}\n# a comment\n{corpus.WIDTH} {corpus.HEIGHT}\n{peak}\n# another\n{words}\n".encode()
    info, frame = read(data)
    assert (info.depth, info.mode) == (16, "grey" if kind == 2 else "rgb")
    np.testing.assert_allclose(frame.colour, array / peak, atol=1e-6)
    with pytest.raises(InputError, match="truncated"):
        read(data[: len(data) // 2])


def test_pixels_are_read_through_the_gaps_of_a_stream(tmp_path):
    texts = [(b"tEXt", b"Title\0" + b"x" * 5000)] * 3
    path = tmp_path / "gaps.png"
    path.write_bytes(png(*texts, (b"bKGD", bytes(6)), None, *texts))
    _, frame = read(path)
    np.testing.assert_array_equal(np.rint(frame.colour * 255), corpus.pixels(3))


def test_an_animation_keeps_its_frames_between_texts():
    data = corpus.animation("PNG")
    text = corpus.png_chunk(b"tEXt", b"Title\0" + b"x" * 5000)
    with open_picture(data) as plain, open_picture(data[:33] + text + data[33:]) as wordy:
        pairs = list(zip(plain.frames(), wordy.frames(), strict=True))
    assert len(pairs) > 1
    for first, second in pairs:
        np.testing.assert_array_equal(first.colour, second.colour)


def test_the_stream_of_a_decoder_stays_usable():
    stream = BytesIO(png(None))
    with open_picture(stream.getvalue()) as picture:
        assert len(list(picture.frames())) == len(list(picture.frames())) == 1
