"""Animations keep their frames as a viewer shows them, their timing and how often they play."""

from __future__ import annotations

import tracemalloc
from io import BytesIO

import corpus
import numpy as np
import pytest
import pyvips
from PIL import Image

from srcli.core.geometry import Size
from srcli.imaging.decode import open_picture
from srcli.imaging.encode import encode_picture, plan_encoding
from srcli.imaging.picture import Frame

FORMATS = ("GIF", "PNG", "WEBP")


def read(data):
    with open_picture(data) as picture:
        return picture.info, list(picture.frames())


def write(info, frames, target):
    encoding = plan_encoding(info, info.size, format=target, quality=None, strip=False)
    buffer = BytesIO()
    encode_picture(buffer, frames, encoding)
    return buffer.getvalue()


def shown(frame):
    """What a viewer shows over nothing: colours where there is any opacity."""
    alpha = np.ones(frame.colour.shape[:2]) if frame.alpha is None else frame.alpha
    return np.rint(np.dstack((frame.colour * (alpha[:, :, None] > 0), alpha)) * 255).astype(int)


def expected_frames():
    return [np.asarray(frame).astype(int) for frame in corpus.moving_frames()]


@pytest.mark.parametrize("source", FORMATS)
def test_reading_gives_composed_frames_with_their_timing(source):
    info, frames = read(corpus.animation(source))
    assert (info.frames, info.loop, info.has_alpha) == (4, 3, True)
    assert tuple(frame.duration_ms for frame in frames) == corpus.DURATIONS_MS
    for frame, expected in zip(frames, expected_frames(), strict=True):
        np.testing.assert_array_equal(shown(frame), expected)


@pytest.mark.parametrize("source", FORMATS)
@pytest.mark.parametrize("target", FORMATS)
def test_writing_keeps_frames_timing_and_repetition(source, target):
    info, frames = read(corpus.animation(source))
    again, written = read(write(info, frames, target))
    assert (again.format, again.frames, again.loop, again.size) == (target, 4, 3, info.size)
    assert tuple(frame.duration_ms for frame in written) == corpus.DURATIONS_MS
    for frame, original in zip(written, frames, strict=True):
        np.testing.assert_array_equal(shown(frame), shown(original))


@pytest.mark.parametrize("target", ["GIF", "WEBP"])
def test_libvips_shows_the_same_frames(target):
    info, frames = read(corpus.animation("PNG"))
    data = write(info, frames, target)
    image = pyvips.Image.new_from_buffer(data, "n=-1")
    assert image.get("delay") == list(corpus.DURATIONS_MS)
    pages = image.numpy().reshape(4, corpus.HEIGHT, corpus.WIDTH, 4).astype(int)
    pages *= pages[:, :, :, 3:] > 0
    np.testing.assert_array_equal(pages, expected_frames())


@pytest.mark.parametrize("target", FORMATS)
def test_equal_frames_in_a_row_are_kept(target):
    info, frames = read(corpus.animation("PNG"))
    still = [Frame(frames[0].colour, frames[0].alpha, duration) for duration in corpus.DURATIONS_MS]
    with Image.open(BytesIO(write(info, still, target))) as image:
        assert image.n_frames == 4


@pytest.mark.parametrize("disposal", [0, 1, 2, 3])
def test_each_way_to_dispose_of_a_gif_frame_shows_what_pillow_shows(disposal):
    data = corpus.animation("GIF", disposal=disposal)
    with Image.open(BytesIO(data)) as image:
        expected = []
        for index in range(image.n_frames):
            image.seek(index)
            expected.append(np.asarray(image.convert("RGBA")).astype(int))
    info, frames = read(data)
    _, written = read(write(info, frames, "GIF"))
    for frame, pixels in zip(written, expected, strict=True):
        np.testing.assert_array_equal(shown(frame), pixels * (pixels[:, :, 3:] > 0))


@pytest.mark.parametrize("blend", [0, 1])
@pytest.mark.parametrize("disposal", [0, 1, 2])
def test_each_way_to_blend_and_dispose_of_a_png_frame_is_composed(disposal, blend):
    data = corpus.animation("PNG", disposal=disposal, blend=blend)
    info, frames = read(data)
    _, written = read(write(info, frames, "WEBP"))
    for frame, original in zip(written, frames, strict=True):
        np.testing.assert_array_equal(shown(frame), shown(original))


def test_gif_delays_add_up():
    info, frames = read(corpus.animation("PNG", duration=33))
    _, written = read(write(info, frames, "GIF"))
    assert sum(frame.duration_ms for frame in written) == 130


@pytest.mark.parametrize("loop", [0, 1, 2, 7])
@pytest.mark.parametrize("target", FORMATS)
def test_any_number_of_repetitions_survives(loop, target):
    info, frames = read(corpus.animation("PNG", loop=loop))
    assert read(write(info, frames, target))[0].loop == loop


def test_a_picture_for_viewers_that_cannot_animate_is_no_frame():
    first, *others = corpus.moving_frames()
    buffer = BytesIO()
    hidden = Image.new("RGBA", first.size, (9, 9, 9, 255))
    hidden.save(buffer, "PNG", save_all=True, append_images=[first, *others], default_image=True, duration=50)
    info, frames = read(buffer.getvalue())
    assert info.frames == 4
    assert info.notes == ("the picture for viewers that can't animate is dropped, the animation is kept",)
    np.testing.assert_array_equal(shown(frames[0]), expected_frames()[0])


def test_many_colours_in_a_gif_come_near():
    array = corpus.smooth_pixels(3, height=64, width=80)
    info, frames = read(corpus.pillow_file(array, "PNG"))
    _, (frame,) = read(write(info, frames, "GIF"))
    assert np.abs(frame.colour - frames[0].colour).mean() < 0.03


def test_256_greys_in_a_gif_are_exact():
    array = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    info, frames = read(corpus.pillow_file(array, "PNG"))
    _, (frame,) = read(write(info, frames, "GIF"))
    np.testing.assert_array_equal(np.rint(frame.colour * 255)[:, :, :1], array)


def test_half_transparency_is_decided_at_one_half():
    array = np.full((3, 4, 4), 200, np.uint8)
    array[:, :, 3] = [0, 127, 128, 255]
    info, frames = read(corpus.pillow_file(array, "PNG"))
    _, (frame,) = read(write(info, frames, "GIF"))
    np.testing.assert_array_equal(frame.alpha[0], [0, 0, 1, 1])


@pytest.mark.parametrize("target", FORMATS)
def test_memory_stays_flat_over_many_frames(target):
    info, _ = read(corpus.animation("PNG"))
    size = Size(160, 200)
    plane = np.zeros((*size, 3), np.float32)
    alpha = np.ones(size, np.float32)

    def peak(count):
        many = (Frame(plane + np.float32(index % 5 / 5), alpha, 40) for index in range(count))
        encoding = plan_encoding(info, size, format=target, quality=None, strip=False)
        tracemalloc.start()
        encode_picture(BytesIO(), many, encoding)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(40) < peak(4) + 10 * plane.nbytes / 4
