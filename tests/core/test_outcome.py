"""Failures, and the exit code of many inputs."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

import pytest

from srcli.core.errors import InputError, MissingExtra, OutOfMemory, SrcliError, UsageError
from srcli.core.outcome import Failure, Outcome, exit_code_of


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ([], 0),
        ([0, 0], 0),
        ([3, 3], 3),
        ([4], 4),
        ([0, 4], 1),
        ([1, 4], 1),
        ([0, 1, 70], 70),
        ([70], 70),
    ],
)
def test_exit_code_of_a_run(codes, code):
    assert exit_code_of(iter(codes)) == code


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (InputError("cannot read a", hint="try b"), Failure("cannot read a", "try b", 1)),
        (UsageError("no"), Failure("no", None, 2)),
        (OutOfMemory("too large for it"), Failure("too large for it", None, 3)),
        (MemoryError(), Failure("there is not enough memory for a.png", None, 3)),
        (RuntimeError("std::bad_alloc"), Failure("there is not enough memory for a.png", None, 3)),
        # The words of an error of srcli's own count as they stand.
        (InputError("out of memory.png is no picture"), Failure("out of memory.png is no picture", None, 1)),
    ],
)
def test_an_error_that_a_person_can_act_on(error, failure):
    assert Failure.of(error, "a.png") == failure


def test_a_bug_says_so_and_keeps_its_traceback():
    try:
        raise KeyError("x")
    except KeyError as error:
        failure = Failure.of(error, "a.png")
    assert failure.message == "internal error: KeyError: 'x'"
    assert (failure.exit_code, "report the traceback" in failure.hint) == (70, True)
    assert "test_outcome.py" in failure.traceback


@pytest.mark.parametrize(
    "error", [MissingExtra("a plot", "train"), UsageError("no"), ZeroDivisionError("oops")]
)
def test_a_failure_becomes_an_error_of_the_same_code(error):
    failure = Failure.of(error, "a.png")
    again = failure.to_error("a.png")
    assert isinstance(again, SrcliError)
    assert (again.exit_code, again.hint) == (failure.exit_code, failure.hint)
    assert again.message == f"a.png: {failure.message}"
    assert pickle.loads(pickle.dumps(again)).exit_code == failure.exit_code
    assert SrcliError.exit_code == 1


@dataclass(frozen=True, slots=True)
class _Report(Outcome):
    input: str
    seconds: float = 0.0


def test_a_report_tells_its_failure_last():
    report = _Report("a", failure=Failure("no", "try b", 3))
    assert (report.error, report.exit_code) == ("no", 3)
    assert list(report.to_json().items()) == [
        ("input", "a"),
        ("seconds", 0.0),
        ("error", "no"),
        ("hint", "try b"),
        ("exit_code", 3),
        ("traceback", None),
    ]


def test_a_report_of_what_was_done():
    report = _Report("a")
    assert (report.error, report.exit_code) == (None, 0)
    assert report.failure_to_json() == {"error": None, "hint": None, "exit_code": 0, "traceback": None}
