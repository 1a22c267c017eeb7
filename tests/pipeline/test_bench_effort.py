"""How long ``srcli bench`` takes for a case, by a clock that only runs move."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from srcli.pipeline.bench import bench
from srcli.pipeline.bench.measurement import Case, Effort


@pytest.fixture
def measured(monkeypatch):
    """Measures a case whose every run takes some seconds; gives them all, and how many rounds there were."""

    def measure(effort, run_s):
        now = SimpleNamespace(seconds=0.0)

        def lasts(result):
            def act(*_):
                now.seconds += run_s
                return result

            return act

        rounds = SimpleNamespace(
            whole=lasts((run_s, [])),
            raw=lasts(run_s),
            stages=lasts({}),
            generator=SimpleNamespace(session=SimpleNamespace(device=None, precision="fp32")),
        )
        monkeypatch.setattr(bench, "Rounds", lambda *_: rounds)
        monkeypatch.setattr(bench, "peak_gops", lambda *_: 1.0)
        monkeypatch.setattr(bench.time, "perf_counter", lambda: now.seconds)
        monkeypatch.setattr(bench, "_conclude", lambda *given: len(given[3].whole))
        return now.seconds, bench.measure(Case("fast"), ["a.png"], effort), now.seconds

    return measure


@pytest.mark.parametrize(
    ("effort", "run_s", "rounds", "total_s"),
    [
        (Effort(1, 5, 1000), 10, 5, 160),
        (Effort(1, 5, 60), 10, 1, 40),
        (Effort(1, 5, 75), 10, 2, 70),
        (Effort(5, 5, 60), 10, 1, 60),
        (Effort(1, 5, 0), 10, 1, 40),
    ],
)
def test_a_case_keeps_to_its_seconds(effort, run_s, rounds, total_s, measured):
    _, found, now_s = measured(effort, run_s)
    assert (found, now_s) == (rounds, total_s)
