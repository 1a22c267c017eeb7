"""Work in a thread behind whoever hands it over."""

from __future__ import annotations

import threading

import pytest

from srcli.pipeline.video.behind import WorkBehind


def test_all_that_was_handed_over_is_done_in_order_when_the_block_ends():
    done = []
    with WorkBehind(done.extend).sending() as send:
        for number in range(20):
            send(number)
    assert done == list(range(20))


def test_what_the_work_raises_reaches_whoever_hands_things_over():
    def work(things):
        for thing in things:
            if thing == 3:
                raise ValueError("three")

    with pytest.raises(ValueError, match="three"), WorkBehind(work).sending() as send:
        for number in range(100):
            send(number)


def test_an_error_of_the_sender_ends_the_work_and_stays_the_error():
    ended = threading.Event()

    def work(things):
        try:
            for _ in things:
                pass
        finally:
            ended.set()

    with pytest.raises(KeyError), WorkBehind(work).sending() as send:
        send(1)
        raise KeyError
    assert ended.is_set()
