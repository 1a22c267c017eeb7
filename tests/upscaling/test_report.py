from __future__ import annotations

import pytest

from srcli.core.errors import InputError, OutOfMemory, OutputError
from srcli.core.outcome import Failure
from srcli.upscaling.report import FileReport, Status, Summary, failed


def summary_of(*reports):
    summary = Summary()
    for report in reports:
        summary.add(report)
    return summary


DONE = FileReport("a", "b", Status.DONE)
SKIPPED = FileReport("a", "b", Status.SKIPPED)


@pytest.mark.parametrize(
    ("reports", "code"),
    [
        ([DONE, SKIPPED], 0),
        ([failed("a", "b", InputError("x"))], 1),
        ([failed("a", "b", OutOfMemory("x"))], 3),
        ([DONE, failed("a", "b", OutOfMemory("x"))], 1),
        ([failed("a", "b", OutOfMemory("x")), failed("a", "b", OutputError("x"))], 1),
        ([DONE, failed("a", "b", ZeroDivisionError("x"))], 70),
    ],
)
def test_exit_code(reports, code):
    assert summary_of(*reports).exit_code == code


def test_failure_keeps_message_and_hint():
    report = failed("a", "b", InputError("cannot read a", hint="try b"))
    assert report.failure == Failure("cannot read a", "try b", 1)


def test_bug_is_named_as_one():
    report = failed("a", "b", ZeroDivisionError("oops"))
    assert report.error == "internal error: ZeroDivisionError: oops"
    assert "ZeroDivisionError" in report.failure.traceback


def test_only_failures_are_kept():
    summary = summary_of(DONE, DONE, SKIPPED)
    assert (summary.done, summary.skipped, summary.failures) == (2, 1, [])
