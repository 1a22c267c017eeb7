"""Running functions in a process that may die."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest

from srcli.core import allowance
from srcli.core.child import Child, ChildLost
from srcli.core.errors import MissingExtra, UnsuitableModel

LIMIT_S = 60


@pytest.fixture
def child():
    with Child() as made:
        yield made


def call(child, function, *arguments, tell=lambda _: None, limit_s=LIMIT_S):
    return child.call(function, *arguments, tell=tell, limit_s=limit_s)


def add(first, second, tell):
    tell(f"adding {second}")
    print("what a library prints")
    return first + second, os.getpid()


def refuse(tell):
    raise UnsuitableModel("no generator", hint="another one")


def lack(tell):
    raise MissingExtra("this", "import")


def fail(tell):
    raise ZeroDivisionError("a bug")


def die(number, tell):
    tell("dying")
    os.kill(os.getpid(), number)


def leave(tell):
    os._exit(3)


def sleep(tell):
    time.sleep(LIMIT_S)


def test_results_and_what_is_told(child):
    told = []
    first, process = call(child, add, 1, 2, tell=told.append)
    second, same = call(child, add, 3, 4, tell=told.append)
    assert (first, second, told) == (3, 7, ["adding 2", "adding 4"])
    assert process == same != os.getpid()


def test_errors_come_as_they_were(child):
    with pytest.raises(UnsuitableModel, match="no generator") as refused:
        call(child, refuse)
    assert refused.value.hint == "another one"
    with pytest.raises(MissingExtra, match="this needs the extra 'import'") as lacking:
        call(child, lack)
    assert lacking.value.hint == "pip install '.[import]' in a copy of srcli's repository"


def test_a_bug_brings_its_traceback(child):
    with pytest.raises(RuntimeError, match="ZeroDivisionError: a bug") as failed:
        call(child, fail)
    assert "in fail" in failed.value.__notes__[0]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(("name", "crashed"), [("SIGFPE", True), ("SIGSEGV", True), ("SIGKILL", False)])
def test_a_death_is_told_and_survived(name, crashed, child):
    told = []
    with pytest.raises(ChildLost, match=f"was killed by {name}") as lost:
        call(child, die, getattr(signal, name), tell=told.append)
    assert (told, lost.value.crashed) == (["dying"], crashed)
    assert call(child, add, 1, 2)[0] == 3


def test_an_exit_is_a_death(child):
    with pytest.raises(ChildLost, match="ended with code 3"):
        call(child, leave)


def rest(duration_s, tell):
    time.sleep(duration_s)
    return duration_s


def spin(tell):
    started_s = time.process_time()
    while time.process_time() - started_s < LIMIT_S:
        pass


def test_one_that_sleeps_has_a_limit_on_the_clock(child):
    call(child, add, 1, 2)
    started_s = time.monotonic()
    with pytest.raises(ChildLost, match=r"gave no sign of life for 2 seconds$") as lost:
        call(child, sleep, limit_s=0.2)
    assert not lost.value.crashed
    assert time.monotonic() - started_s < LIMIT_S / 2


def test_one_that_works_has_a_limit_of_processor_time(child, monkeypatch):
    # However little this machine gives it.
    monkeypatch.setattr(allowance, "ON_THE_CLOCK", LIMIT_S)
    call(child, add, 1, 2)
    with pytest.raises(ChildLost, match=r"gave no sign of life for 0\.5 seconds of processor time$") as lost:
        call(child, spin, limit_s=0.5)
    assert not lost.value.crashed


def test_one_that_waits_for_others_is_not_ended_by_the_clock(child):
    call(child, add, 1, 2)
    assert call(child, rest, 2.0, limit_s=1.0) == 2.0


def test_an_interrupt_ends_it(child):
    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call(child, die, signal.SIGTERM, tell=interrupt)
    assert call(child, add, 1, 2)[0] == 3
