"""Windows in batches, and batches among lanes."""

from __future__ import annotations

import threading
from functools import partial

import numpy as np
import pytest

from srcli.core.errors import OutOfMemory
from srcli.engine.sessions.dispatch import Lanes, group_equal, run_group, run_in_turn


def windows(*sides, height=3):
    """Windows of one value each, its number."""
    return [np.full((1, 3, height, side), index, np.float32) for index, side in enumerate(sides)]


class Lane:
    """Doubles every window, and remembers what it was fed."""

    def __init__(self):
        self.fed = []
        self.threads = set()

    def __call__(self, batch):
        self.fed.append((len(batch), sorted({int(value) for value in batch[:, 0, 0, 0]})))
        self.threads.add(threading.get_ident())
        return np.repeat(np.repeat(batch, 2, axis=2), 2, axis=3) * 2


def each(lane, batch):
    """A lane's result for each window."""
    return np.split(lane(batch), len(batch))


def check(results, given):
    assert len(results) == len(given)
    for result, window in zip(results, given, strict=True):
        assert result.shape == (1, 3, 2 * window.shape[2], 2 * window.shape[3])
        np.testing.assert_array_equal(result, 2 * window.max())


@pytest.mark.parametrize(
    ("pixels", "sizes"), [(0, [1] * 7), (15, [1] * 7), (30, [2, 2, 2, 1]), (100, [4, 3]), (10**6, [7])]
)
def test_equal_windows_come_together_by_powers_of_two(pixels, sizes):
    assert [len(group) for group in group_equal(windows(*[5] * 7), pixels)] == sizes


def test_a_group_has_one_shape():
    groups = list(group_equal(windows(5, 5, 6, 6, 6, 5), 10**6))
    assert [[window.shape[3] for window in group] for group in groups] == [[5, 5], [6, 6, 6], [5]]


@pytest.mark.parametrize(("count", "fed"), [(1, 1), (2, 2), (3, 4), (5, 8), (8, 8)])
def test_batches_are_filled_up_and_cropped_again(count, fed):
    lane, given = Lane(), windows(*[5] * count)
    check(run_group(given, partial(each, lane)), given)
    assert lane.fed == [(fed, list(range(count)))]


def test_lanes_take_turns_in_a_fixed_order():
    for _ in range(3):
        lanes, given = [Lane(), Lane()], windows(*[5] * 9, *[4] * 3)
        check(list(Lanes(lanes).run(given, 2 * 3 * 5, each)), given)
        assert lanes[0].fed == [(2, [0, 1]), (2, [4, 5]), (1, [8]), (1, [11])]
        assert lanes[1].fed == [(2, [2, 3]), (2, [6, 7]), (2, [9, 10])]


def test_lanes_take_turns_over_several_runs():
    lanes = [Lane(), Lane()]
    both = Lanes(lanes)
    for _ in range(4):
        check(list(both.run(windows(5), 0, each)), windows(5))
    assert [len(lane.fed) for lane in lanes] == [2, 2]


def test_each_lane_has_one_thread():
    lanes, given = [Lane(), Lane()], windows(*[5] * 8)
    check(list(Lanes(lanes).run(given, 0, each)), given)
    assert [len(lane.threads) for lane in lanes] == [1, 1]
    assert not lanes[0].threads & lanes[1].threads
    assert threading.get_ident() not in lanes[0].threads


def test_windows_are_not_read_far_ahead():
    read = []

    def source():
        for index, window in enumerate(windows(*[5] * 20)):
            read.append(index)
            yield window

    results = Lanes([Lane()]).run(source(), 0, each)
    assert read == []
    next(results)
    assert len(read) <= 4
    results.close()
    assert len(read) <= 4


def test_an_error_comes_with_the_window_that_is_due():
    def lane(batch):
        if batch.max() == 3:
            raise OutOfMemory("no memory")
        return batch

    done = []
    with pytest.raises(OutOfMemory):
        done.extend(int(result.max()) for result in Lanes([lane]).run(windows(*[5] * 6), 0, each))
    results = Lanes([lane]).run(windows(*[5] * 6), 0, each)
    assert [int(next(results).max()) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(OutOfMemory, match="no memory"):
        next(results)


def test_nothing_to_do():
    assert list(Lanes([Lane()]).run([], 100, each)) == []
    assert list(run_in_turn([], Lane())) == []


def test_in_turn_runs_only_what_is_asked_for():
    lane = Lane()
    results = run_in_turn(windows(5, 6, 7), lane)
    assert lane.fed == []
    next(results)
    assert lane.fed == [(1, [0])]


def test_lanes_keep_their_threads():
    lane = Lane()
    lanes = Lanes([lane])
    for _ in range(3):
        check(list(lanes.run(windows(5, 6), 0, each)), windows(5, 6))
    assert len(lane.threads) == 1


def test_who_stops_early_waits_for_what_runs():
    running = threading.Event()
    done = []

    def lane(batch):
        running.set()
        done.append(int(batch.max()))
        return batch

    results = Lanes([lane]).run(windows(*[5] * 9), 0, each)
    next(results)
    running.wait()
    results.close()
    finished = len(done)
    assert finished <= 3
    running.wait(0.01)
    assert len(done) == finished
