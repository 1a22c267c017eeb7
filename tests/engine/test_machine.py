"""Cores and memory within what a container allows."""

from __future__ import annotations

import pytest

from srcli.engine import machine


def test_this_machine_has_a_core_and_memory():
    assert machine.usable_cores() >= 1
    assert machine.available_memory_bytes() > 2**20


@pytest.fixture
def system(tmp_path, monkeypatch):
    """Stands for a machine of two cores with two hardware threads each."""
    for cpu, core in enumerate((0, 1, 0, 1)):
        topology = tmp_path / "cpu" / f"cpu{cpu}" / "topology"
        topology.mkdir(parents=True)
        (topology / "core_id").write_text(f"{core}\n")
        (topology / "physical_package_id").write_text("0\n")
    (tmp_path / "meminfo").write_text("MemTotal: 100 kB\nMemAvailable:      64 kB\n")
    group = tmp_path / "group"
    group.mkdir()
    monkeypatch.setattr(machine, "CPUS", tmp_path / "cpu")
    monkeypatch.setattr(machine, "CGROUP", group)
    monkeypatch.setattr(machine, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(machine, "allowed_processors", lambda: [0, 1, 2, 3])
    return group


def test_hardware_threads_of_a_core_count_once(system):
    assert machine.usable_cores() == 2


def test_affinity_counts(system, monkeypatch):
    monkeypatch.setattr(machine, "allowed_processors", lambda: [1, 3])
    assert machine.usable_cores() == 1


@pytest.mark.parametrize(
    ("quota", "cores"), [("max 100000", 2), ("150000 100000", 1), ("50000 100000", 1), ("900000 100000", 2)]
)
def test_the_containers_time_counts(quota, cores, system):
    (system / "cpu.max").write_text(quota)
    assert machine.usable_cores() == cores


def test_unknown_cores_count_each(system, monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "CPUS", tmp_path / "nothing")
    assert machine.usable_cores() == 4


def test_memory_without_a_limit(system):
    (system / "memory.max").write_text("max\n")
    assert machine.available_memory_bytes() == 64 * 1024


def test_the_containers_memory_counts(system):
    (system / "memory.max").write_text("50000\n")
    (system / "memory.current").write_text("20000\n")
    assert machine.available_memory_bytes() == 30000


def test_memory_that_nobody_tells(system, monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "MEMINFO", tmp_path / "nothing")
    assert machine.available_memory_bytes() == machine.ASSUMED_MEMORY_BYTES


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("flags\t\t: fpu avx2 avx512_vnni", True),
        ("flags\t\t: fpu avx2 avx_vnni", True),
        ("Features\t: fp asimd asimddp", True),
        ("flags\t\t: fpu avx2", False),
        ("bogomips\t: 4890.84", None),
    ],
)
def test_integer_dot_products(line, answer, tmp_path, monkeypatch):
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nmodel name\t: Ten GHz\n{line}\n")
    monkeypatch.setattr(machine, "CPUINFO", tmp_path / "cpuinfo")
    assert machine.has_integer_dot_product() is answer
    assert machine.processor_name() == "Ten GHz"


def test_a_processor_always_has_a_name(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "CPUINFO", tmp_path / "nothing")
    assert machine.processor_name()
