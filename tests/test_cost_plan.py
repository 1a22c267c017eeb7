"""The plan of docs/cost.md: its formulas against the simulation, and its tables against the script."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.benchmarks import cost
from tests.benchmarks.cost import Fleet, Job, Simulation, bottleneck, run_seconds, seconds_a_picture

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cost.md"
JOB = Job(inference_core_s=20.0, other_core_s=4.0, operations=4e12, input_bytes=5e6, output_bytes=10e6)


def test_each_thing_by_hand():
    found = seconds_a_picture(JOB, Fleet(4, cores=10, line_bytes_s=1e9, store_bytes_s=2e9))
    assert found == pytest.approx(
        {"inference": 24 / 40, "coding": 4 / 40, "network": 15e6 / 4e9, "store": 15e6 / 2e9}
    )
    found = seconds_a_picture(JOB, Fleet(4, cores=10, gpu_operations_s=10e12))
    assert (found["inference"], found["coding"]) == pytest.approx((0.1, 0.1))


@pytest.mark.parametrize(
    ("fleet", "name"),
    [
        (Fleet(1), "inference"),
        (Fleet(1, gpu_operations_s=1e12), "inference"),
        (Fleet(1, gpu_operations_s=1e15), "coding"),
        (Fleet(1, cores=128, line_bytes_s=1e7), "network"),
        (Fleet(256, store_bytes_s=1e9), "store"),
    ],
)
def test_what_a_run_waits_for_decides_in_the_simulation_as_well(fleet, name):
    assert bottleneck(JOB, fleet)[0] == name
    pictures = 60 * fleet.machines
    took_s = Simulation(JOB, fleet, pictures, spread=0.3, seed=1).run()
    assert took_s == pytest.approx(run_seconds(JOB, fleet, pictures), rel=0.1)
    # Twice as much of anything else gains next to nothing.
    more = replace(fleet, store_bytes_s=fleet.store_bytes_s * (1 if name == "store" else 2))
    assert Simulation(JOB, more, pictures, spread=0.3, seed=1).run() == pytest.approx(took_s, rel=0.03)


def test_without_chance_a_picture_takes_its_way_and_the_rest_follow():
    fleet = Fleet(1, cores=1, line_bytes_s=1e9)
    took_s = Simulation(JOB, fleet, 10, spread=0.0, seed=0).run()
    assert took_s == pytest.approx(5e6 / 1e9 + 10 * 24 + 10e6 / 1e9)


def test_machines_share_the_store_fairly():
    job = Job(0.0, 0.0, 0.0, 0.0, 1e9)
    fleet = Fleet(2, line_bytes_s=1e9, store_bytes_s=1e9)
    simulation = Simulation(job, fleet, 8, spread=0.0, seed=3)
    assert simulation.run() == pytest.approx(8.0)


def test_the_page_has_the_tables_that_the_script_prints(capsys):
    text = PAGE.read_text(encoding="utf-8")
    cost.main([])
    for line in capsys.readouterr().out.splitlines():
        assert line in text, "run: python -m tests.benchmarks.cost"
