"""Results in the order of their jobs."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from srcli.core.ordered import OrderedResults


def ended(result):
    future = Future()
    future.set_result(result)
    return future


def test_results_come_in_the_order_of_their_jobs():
    held = OrderedResults(2)
    first = Future()
    given = [*held.add(first), *held.add(ended("second"))]
    assert given == []
    first.set_result("first")
    assert [*held.add(ended("third")), *held.drain()] == ["first", "second", "third"]


def test_no_more_jobs_are_held_than_allowed():
    held = OrderedResults(3)
    counts = [len(list(held.add(ended(number)))) for number in range(6)]
    assert counts == [0, 0, 0, 1, 1, 1]


def test_an_error_is_raised_where_its_result_is_due():
    held, failed = OrderedResults(2), Future()
    failed.set_exception(ValueError("oops"))
    assert [*held.add(ended("first")), *held.add(failed)] == []
    results = held.drain()
    assert next(results) == "first"
    with pytest.raises(ValueError, match="oops"):
        next(results)


def test_closing_drops_jobs_that_have_not_begun_and_waits_for_the_others():
    go, done = threading.Event(), []
    with ThreadPoolExecutor(1) as threads:
        held = OrderedResults(9)
        begun = threading.Event()

        def first():
            begun.set()
            go.wait()
            done.append("first")

        for job in (first, lambda: done.append("second")):
            assert list(held.add(threads.submit(job))) == []
        begun.wait()
        threading.Timer(0.05, go.set).start()
        held.close()
        assert done == ["first"]
    assert done == ["first"]
