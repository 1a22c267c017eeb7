"""Frames through the generators."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from srcli.core.geometry import Size
from srcli.pipeline.video.generate import Decoded, FrameGenerator
from srcli.upscaling.enlargement import Recipe
from srcli.video.frame import VideoFrame

SIZE = Size(14, 22)


def frame(index, pixels, *, repeats=False):
    return VideoFrame(index, 10 * index, 10, repeats, False, lambda: pixels)


def picture(seed, channels=3):
    return np.random.default_rng(seed).uniform(0, 1, (7, 11, channels)).astype(np.float32)


def decoded(count, channels=3):
    for index in range(count):
        pixels = picture(index, channels)
        yield Decoded(frame(index, pixels), pixels)


@pytest.mark.parametrize("lanes", [1, 3])
def test_results_come_in_the_order_of_the_frames(lanes):
    made = FrameGenerator(Recipe(()), SIZE, lanes)
    results = list(made.results(decoded(9)))
    assert [each.frame.index for each in results] == list(range(9))
    alone = FrameGenerator(Recipe(()), SIZE, 1)
    for each, other in zip(results, alone.results(decoded(9)), strict=True):
        np.testing.assert_array_equal(each.result, other.result)
        assert each.result.shape == (14, 22, 3)
        assert each.result.dtype == np.float32


def test_a_frame_that_repeats_the_one_before_takes_over_its_very_result():
    frames = [
        Decoded(frame(0, picture(0)), picture(0)),
        Decoded(frame(1, picture(0), repeats=True), None),
        Decoded(frame(2, picture(2)), picture(2)),
    ]
    results = list(FrameGenerator(Recipe(()), SIZE, 2).results(frames))
    assert results[1].result is results[0].result
    assert [each.repeated for each in results] == [False, True, False]
    assert results[1].frame.pts == 10


def test_results_are_finished_where_they_are_made():
    """So that they wait for the sink as it wants them, and repeats are finished once."""
    threads = []

    def finish(pixels):
        threads.append(threading.current_thread().name)
        return pixels.shape

    frames = [*decoded(2), Decoded(frame(2, picture(1), repeats=True), None)]
    results = list(FrameGenerator(Recipe(()), SIZE, 2, finish).results(frames))
    assert [each.result for each in results] == [(14, 22, 3)] * 3
    assert len(threads) == 2
    assert all(name.startswith("enlarge") for name in threads)


def test_a_repeat_without_a_frame_before_it_is_enlarged():
    """So it is where a run goes on behind an earlier one's last segment."""
    (result,) = FrameGenerator(Recipe(()), SIZE, 1).results([Decoded(frame(5, picture(3)), None)])
    (expected,) = FrameGenerator(Recipe(()), SIZE, 1).results([Decoded(frame(5, picture(3)), picture(3))])
    np.testing.assert_array_equal(result.result, expected.result)


def test_alpha_goes_along():
    results = list(FrameGenerator(Recipe(()), SIZE, 1).results(decoded(2, channels=4)))
    assert results[0].result.shape == (14, 22, 4)


def test_frames_are_read_no_further_ahead_than_needed():
    taken = []

    def counted():
        for each in decoded(20):
            taken.append(each.frame.index)
            yield each

    results = FrameGenerator(Recipe(()), SIZE, 2).results(counted())
    next(results)
    assert len(taken) <= 4
    results.close()


def test_an_error_while_reading_ends_the_threads():
    def failing():
        yield from decoded(3)
        raise OSError("gone")

    before = threading.active_count()
    with pytest.raises(OSError, match="gone"):
        list(FrameGenerator(Recipe(()), SIZE, 2).results(failing()))
    assert threading.active_count() == before
