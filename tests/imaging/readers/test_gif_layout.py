"""GIF files whose blocks, sizes and codes contradict one another, and such as real programs write."""

from __future__ import annotations

from io import BytesIO

import corpus
import numpy as np
import pytest
from PIL import Image

from srcli.core.errors import InputError
from tests.imaging.readers.reading import read, refusal

HEIGHT, WIDTH = 23, 31
PICTURE = Image.fromarray(corpus.smooth_pixels(3, 8, HEIGHT, WIDTH))


def saved(image, **options):
    buffer = BytesIO()
    image.save(buffer, "GIF", **options)
    return buffer.getvalue()


def moving():
    shifted = [Image.fromarray(np.roll(np.asarray(PICTURE), 3 * index, 1)).quantize(64) for index in range(3)]
    return saved(shifted[0], save_all=True, append_images=shifted[1:], duration=80, loop=0)


PALETTE = saved(PICTURE.quantize(256), interlace=0)
FEW = saved(PICTURE.quantize(40), interlace=0)
BASES = {
    "palette": PALETTE,
    "grey": saved(PICTURE.convert("L"), interlace=0),
    "interlaced": saved(PICTURE.quantize(200), interlace=1),
    "transparent": saved(PICTURE.quantize(99), transparency=3),
}


def notes(data):
    return read(data)[0].notes


def frame_place(data):
    """Where the first frame begins."""
    place = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    while data[place] == 0x21:
        place += 2
        while data[place]:
            place += 1 + data[place]
        place += 1
    return place


def patched(data, place, *values):
    return data[:place] + bytes(values) + data[place + len(values) :]


def astray(data):
    """Files of which one byte of the header or of the first frame's is another."""
    frame = frame_place(data)
    for place in (*range(6, 10), *range(frame, frame + 9), frame + 10, frame + 11):
        value = data[place]
        for other in {value ^ 1 << bit for bit in range(8)} | {0, 1, 255, value // 2} - {value}:
            yield f"{place - frame}: {value} to {other}", patched(data, place, other)


@pytest.mark.parametrize("name", BASES)
def test_one_byte_astray_gives_no_other_pixels_without_a_word(name):
    data = BASES[name]
    info, (before,) = read(data)
    refused, wrong = 0, []
    for what, changed in astray(data):
        try:
            told, frames = read(changed)
        except InputError:
            refused += 1
            continue
        if told.notes == info.notes and not np.array_equal(frames[0].colour, before.colour):
            wrong.append(what)
    assert not wrong
    assert refused > 30


def test_fewer_pixels_than_the_frame_has():
    place = frame_place(PALETTE) + 7
    assert "truncated" in refusal(patched(patched(PALETTE, place, HEIGHT + 1), 8, HEIGHT + 1))


@pytest.mark.parametrize("offset", [5, 7])
def test_more_pixels_than_the_frame_has(offset):
    place = frame_place(PALETTE) + offset
    assert "more pixels than a frame of" in refusal(patched(PALETTE, place, PALETTE[place] - 1))


def test_pixels_of_a_colour_that_the_palette_lacks():
    few = patched(FEW, 10, FEW[10] - 1)
    start = 13 + 3 * 32
    shorter = few[:start] + few[start + 3 * 32 :]
    assert "pixels of colour 39 of a palette of 32" in refusal(shorter)


def test_bytes_that_are_no_block():
    place = frame_place(PALETTE)
    assert "a block that begins with the byte 71, which no block does" in refusal(
        PALETTE[:place] + b"GIF" + PALETTE[place:]
    )


def test_a_control_block_of_another_length():
    data = BASES["transparent"]
    place = data.index(b"!\xf9\4") + 2
    words = "a control block of 5 bytes, where all have 4"
    assert words in refusal(data[:place] + b"\5\0" + data[place + 1 :])


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_an_animation_that_is_cut_short(share):
    data = moving()
    assert "truncated" in refusal(data[: int(len(data) * share)])


def test_an_animation_that_is_cut_between_two_frames_says_so():
    data = moving()
    second = data.index(b"!\xf9", frame_place(data))
    info, frames = read(data[:second])
    assert len(frames) == 1
    assert "the mark at its end is missing: frames may be lost" in info.notes


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data[:-1], "the mark at its end is missing: frames may be lost"),
        (lambda data: data + b"some more words", "15 bytes behind its picture are dropped"),
        (lambda data: patched(data, 6, WIDTH - 9), f"a frame reaches to {WIDTH}x{HEIGHT}, beyond its canvas"),
        (lambda data: patched(data, 6, WIDTH + 9), f"is filled up to {WIDTH}x{HEIGHT} by no frame"),
        (lambda data: data[:-1] + b"!\x2a\1a\0;", "unknown GIF extensions were dropped: 0x2a"),
        (lambda data: data[:-1] + b"!\1\1a\0;", "a text that readers would have to draw is dropped"),
    ],
)
def test_what_programs_write_is_read_with_a_word(change, words):
    data = change(PALETTE)
    assert any(words in note for note in notes(data))


def test_a_file_without_any_palette_says_so():
    start = 13 + 3 * 256
    data = patched(PALETTE[:13] + PALETTE[start:], 10, PALETTE[10] & 0x7F)
    assert notes(data) == ("it has no palette: the numbers of colours are taken for greys",)


@pytest.mark.parametrize("between", [b"\0", bytes(50)])
def test_zeros_between_blocks_are_read_in_silence(between):
    place = frame_place(PALETTE)
    info, (frame,) = read(PALETTE[:place] + between + PALETTE[place:])
    assert info.notes == notes(PALETTE)
    np.testing.assert_array_equal(frame.colour, read(PALETTE)[1][0].colour)
