"""WebP chunks and lossy frames that contradict one another are refused; what encoders write is read."""

from __future__ import annotations

import struct
from io import BytesIO

import corpus
import numpy as np
import pytest
from PIL import Image

from srcli.core.errors import InputError
from tests.imaging.readers.reading import read, refusal

HEIGHT, WIDTH = 97, 131
SMOOTH = Image.fromarray(corpus.smooth_pixels(3, 8, HEIGHT, WIDTH))
NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8))
ANIMATION_FRAME = 16


def webp(image, **options):
    buffer = BytesIO()
    image.save(buffer, "WEBP", **options)
    return buffer.getvalue()


def see_through():
    image = SMOOTH.convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return webp(image, quality=80)


def moving():
    shifted = [Image.fromarray(np.roll(np.asarray(SMOOTH), 9 * index, 1)) for index in range(3)]
    return webp(shifted[0], save_all=True, append_images=shifted[1:], duration=80, quality=70)


BASES = {
    "smooth": webp(SMOOTH, quality=80),
    "noise": webp(NOISE, quality=60),
    "coarse": webp(NOISE, quality=5, method=0),
    "transparent": see_through(),
    "moving": moving(),
}


def lossy_place(data):
    """Where the first lossy frame begins."""
    return data.index(b"VP8 ") + 8


def patched(data, place, letter, number):
    changed = bytearray(data)
    struct.pack_into("<" + letter, changed, place, number)
    return bytes(changed)


def with_first_partition(data, more):
    place = lossy_place(data)
    tag = int.from_bytes(data[place : place + 3], "little") + (more << 5)
    return data[:place] + tag.to_bytes(3, "little") + data[place + 3 :]


@pytest.mark.parametrize("name", BASES)
def test_whole_files_are_read_in_silence(name):
    info, frames = read(BASES[name])
    assert not info.notes
    assert all(frame.colour.shape == (HEIGHT, WIDTH, 3) for frame in frames)


@pytest.mark.parametrize("name", ["smooth", "noise", "coarse"])
@pytest.mark.parametrize(("offset", "side"), [(6, WIDTH), (8, HEIGHT)])
@pytest.mark.parametrize("blocks", [-5, -2, -1, 1, 4])
def test_a_size_that_is_not_that_of_the_codes(name, offset, side, blocks):
    data = BASES[name]
    changed = patched(data, lossy_place(data) + offset, "H", side + 16 * blocks)
    assert "more pixels than its header says" in refusal(changed) or "damaged" in refusal(changed)


@pytest.mark.parametrize("name", BASES)
@pytest.mark.parametrize("more", [8, 16, 64, -8, -64])
def test_a_first_partition_of_another_length(name, more):
    with pytest.raises(InputError, match=r"partitions of other lengths|damaged|truncated"):
        read(with_first_partition(BASES[name], more))


def test_a_first_partition_that_is_longer_than_the_picture():
    data = BASES["smooth"]
    assert "a first partition of" in refusal(with_first_partition(data, len(data)))


def test_a_chunk_that_is_longer_than_the_file():
    data = BASES["smooth"]
    words = f"a chunk of {len(data)} bytes, and {len(data) - 20} are left in the file that holds it"
    assert words in refusal(patched(data, 16, "I", len(data)))


def test_a_frame_of_another_size_than_its_picture():
    data = BASES["moving"]
    words = f"a picture of 119x{HEIGHT} in a frame of {WIDTH}x{HEIGHT}"
    assert words in refusal(patched(data, lossy_place(data) + 6, "H", 119))


def test_a_frame_without_a_picture():
    assert "a frame of 0 pictures" in refusal(BASES["moving"].replace(b"VP8 ", b"VP9 ", 1))


@pytest.mark.parametrize(("name", "what"), [("transparent", "opacity"), ("moving", "frames")])
def test_what_the_header_does_not_announce(name, what):
    assert f"it holds {what}, and its header says that it does not" in refusal(
        patched(BASES[name], 20, "B", 0)
    )


def test_a_canvas_that_no_frame_fills_is_told():
    data = patched(BASES["moving"], 24, "B", WIDTH + 9)
    words = f"its canvas of {WIDTH + 10}x{HEIGHT} is filled up to {WIDTH}x{HEIGHT} by no frame"
    assert read(data)[0].notes == (words,)


@pytest.mark.parametrize("quality", [0, 40, 100])
@pytest.mark.parametrize("size", [(1, 1), (3, 2), (16, 16), (17, 40), (64, 33), (300, 5)])
@pytest.mark.parametrize("picture", [SMOOTH, NOISE, Image.new("RGB", (9, 9), 90)])
def test_what_libwebp_writes_is_read(quality, size, picture):
    _, (frame,) = read(webp(picture.resize(size), quality=quality, method=quality % 7))
    assert frame.colour.shape[:2] == (size[1], size[0])
