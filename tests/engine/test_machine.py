"""Cores and memory within what a container allows."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from srcli.engine import cgroup, machine


def test_this_machine_has_a_core_and_memory():
    assert machine.usable_cores() >= 1
    assert machine.available_memory_bytes() > 2**20


@pytest.fixture
def system(tmp_path, monkeypatch):
    """Stands for a machine of two cores with two hardware threads each, and no control groups."""
    for cpu, core in enumerate((0, 1, 0, 1)):
        topology = tmp_path / "cpu" / f"cpu{cpu}" / "topology"
        topology.mkdir(parents=True)
        (topology / "core_id").write_text(f"{core}\n")
        (topology / "physical_package_id").write_text("0\n")
    monkeypatch.setattr(machine, "CPUS", tmp_path / "cpu")
    monkeypatch.setattr(cgroup, "ROOT", tmp_path / "groups")
    monkeypatch.setattr(machine, "allowed_processors", lambda: [0, 1, 2, 3])
    monkeypatch.setattr(machine.psutil, "virtual_memory", lambda: SimpleNamespace(available=7 * 2**30))
    return tmp_path


def test_hardware_threads_of_a_core_count_once(system):
    assert machine.usable_cores() == 2


def test_affinity_counts(system, monkeypatch):
    monkeypatch.setattr(machine, "allowed_processors", lambda: [1, 3])
    assert machine.usable_cores() == 1


@pytest.mark.parametrize(("physical", "allowed", "cores"), [(2, 4, 2), (8, 4, 4), (None, 4, 4), (1, 1, 1)])
def test_where_the_system_tells_no_cores_the_platform_does(physical, allowed, cores, system, monkeypatch):
    monkeypatch.setattr(machine, "CPUS", system / "nothing")
    monkeypatch.setattr(machine, "allowed_processors", lambda: list(range(allowed)))
    monkeypatch.setattr(machine.psutil, "cpu_count", lambda logical: physical)
    assert machine.usable_cores() == cores


@pytest.mark.parametrize(("quota", "cores"), [(None, 2), (1, 1), (9, 2)])
def test_the_containers_time_counts(quota, cores, system, monkeypatch):
    monkeypatch.setattr(cgroup, "processor_quota", lambda: quota)
    assert machine.usable_cores() == cores


def test_memory_is_what_the_platform_calls_available(system):
    assert machine.available_memory_bytes() == 7 * 2**30


@pytest.mark.parametrize(("limit", "free"), [(30_000, 30_000), (2**40, 7 * 2**30)])
def test_the_containers_memory_counts(limit, free, system, monkeypatch):
    monkeypatch.setattr(cgroup, "free_memory_bytes", lambda: limit)
    assert machine.available_memory_bytes() == free


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


def test_a_limit_on_addresses_bounds_the_memory(monkeypatch):
    monkeypatch.setattr(machine.psutil, "virtual_memory", lambda: SimpleNamespace(available=2**40))
    monkeypatch.setattr(machine.cgroup, "free_memory_bytes", lambda: None)
    taken = machine.psutil.Process().memory_info().vms
    monkeypatch.setattr(machine, "address_limit", lambda: taken + 2**33)
    assert 2**33 - 2**31 < machine.available_memory_bytes() <= 2**33 - machine.RESERVED_ADDRESSES
    monkeypatch.setattr(machine, "address_limit", lambda: 2**20)
    assert machine.available_memory_bytes() == 0
