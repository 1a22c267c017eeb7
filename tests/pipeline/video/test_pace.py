"""The pace of frames."""

from __future__ import annotations

import pytest

from srcli.pipeline.video.pace import Pace


class Time:
    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


def test_frames_a_second_and_what_is_left():
    time = Time()
    pace = Pace(20, clock=time)
    pace.begin()
    assert pace.frames_per_second is None
    assert pace.left_s is None
    for _ in range(5):
        time.now_s += 0.5
        pace.count(repeated=False)
    assert pace.frames_per_second == pytest.approx(2.0)
    assert pace.left_s == pytest.approx(7.5)


def test_the_pace_is_that_of_late():
    time = Time()
    pace = Pace(None, clock=time)
    pace.begin()
    for step_s in [9.0] * 60 + [0.25] * 50:
        time.now_s += step_s
        pace.count(repeated=False)
    assert pace.frames_per_second == pytest.approx(4.0)
    assert pace.left_s is None


def test_frames_that_cost_nothing_raise_the_pace_by_their_share():
    time = Time()
    pace = Pace(40, clock=time)
    pace.begin()
    for index in range(20):
        time.now_s += 0 if index % 2 else 1.0
        pace.count(repeated=bool(index % 2))
    assert pace.frames_per_second == pytest.approx(2.0)
    assert pace.left_s == pytest.approx(10.0)


def test_frames_of_an_earlier_run_do_not_count_as_quick():
    time = Time()
    pace = Pace(100, clock=time)
    pace.done = 50
    pace.begin()
    for _ in range(10):
        time.now_s += 1.0
        pace.count(repeated=False)
    assert pace.left_s == pytest.approx(40.0)
