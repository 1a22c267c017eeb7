"""A short version of tests/benchmarks/serve.py: many clients, others who misbehave, each result right."""

from __future__ import annotations

import psutil
import pytest

from tests.server.running import until


@pytest.fixture(scope="module")
def benchmark():
    pytest.importorskip("starlette", reason="needs the extra serve")
    from tests.benchmarks import serve

    return serve


def test_every_result_is_right_whatever_others_do(benchmark, start, tmp_path):
    pictures = benchmark.make_pictures(tmp_path, "plain")
    server = start("-m", "plain")
    mischief = (benchmark.send_half, benchmark.go_away, benchmark.send_bomb, benchmark.kill)
    figures = benchmark.run_load(server, pictures, clients=10, seconds=6, mischief=mischief)
    right = figures.outcomes.pop("right")
    assert right > 0
    # What a killed process was at work on fails, and so may what comes before the next one is ready.
    assert set(figures.outcomes) <= {"500 worker-died", "422 worker-died", "429 busy", "429 queue-full"}
    assert figures.mischief["send_bomb: 422 too-many-pixels"] > 0
    assert until(lambda: b"srcli_running 0.0" in server.get("/metrics").body)
    assert until(lambda: not server.files())


def test_memory_stays_flat_over_many_requests(benchmark, start, tmp_path):
    pictures = benchmark.make_pictures(tmp_path, "nearest")
    server = start("-m", "nearest")
    web = psutil.Process(server.process.pid)
    benchmark.run_load(server, pictures, clients=6, seconds=2)
    before = web.memory_info().rss
    figures = benchmark.run_load(server, pictures, clients=6, seconds=4)
    assert set(figures.outcomes) <= {"right", "429 busy"}
    assert web.memory_info().rss < before + 10 * 2**20
