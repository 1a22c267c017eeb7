"""Limits of control groups, of both versions, at any depth."""

from __future__ import annotations

import pytest

from srcli.engine import cgroup


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """A folder that stands for the hierarchy; the process is in the group ``/user/session``."""
    monkeypatch.setattr(cgroup, "ROOT", tmp_path / "groups")
    monkeypatch.setattr(cgroup, "MEMBERSHIP", tmp_path / "membership")
    (tmp_path / "membership").write_text("4:cpu,cpuacct:/old\n3:memory:/old/job\n0::/user/session\n")
    return tmp_path / "groups"


def write(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(f"{text}\n")


def test_without_groups_nothing_limits(groups):
    assert cgroup.free_memory_bytes() is None
    assert cgroup.processor_quota() is None


def test_the_word_max_is_no_limit(groups):
    write(groups / "user/session", memory__max="max", memory__current="5", cpu__max="max 100000")
    assert cgroup.free_memory_bytes() is None
    assert cgroup.processor_quota() is None


def test_the_tightest_of_the_groups_above_counts(groups):
    write(groups / "user/session", memory__max="90000", memory__current="20000", cpu__max="800000 100000")
    write(groups / "user", memory__max="50000", memory__current="30000", cpu__max="300000 100000")
    write(groups, memory__max="max", memory__current="40000", cpu__max="max 100000")
    assert cgroup.free_memory_bytes() == 20000
    assert cgroup.processor_quota() == 3


def test_pages_that_the_kernel_gives_back_are_free(groups):
    write(
        groups / "user/session",
        memory__max="50000",
        memory__current="45000",
        memory__stat="anon 5000\ninactive_file 30000\nactive_file 10000",
    )
    assert cgroup.free_memory_bytes() == 35000


def test_a_group_beyond_its_limit_leaves_nothing(groups):
    write(groups / "user/session", memory__max="50000", memory__current="60000")
    assert cgroup.free_memory_bytes() == 0


def test_the_root_counts_where_the_membership_is_hidden(groups, monkeypatch):
    monkeypatch.setattr(cgroup, "MEMBERSHIP", groups / "nothing")
    write(groups, memory__max="50000", memory__current="20000", cpu__max="50000 100000")
    assert cgroup.free_memory_bytes() == 30000
    assert cgroup.processor_quota() == 1


def test_version_one(groups):
    write(
        groups / "memory/old/job",
        memory__limit_in_bytes="50000",
        memory__usage_in_bytes="20000",
        memory__stat="total_inactive_file 5000",
    )
    write(groups / "cpu/old", cpu__cfs_quota_us="250000", cpu__cfs_period_us="100000")
    assert cgroup.free_memory_bytes() == 35000
    assert cgroup.processor_quota() == 2


@pytest.mark.parametrize("text", ["", "nonsense", "100000", "x 100000", "100000 0"])
def test_what_makes_no_sense_limits_nothing(text, groups):
    write(groups, cpu__max=text, memory__max=text, memory__current=text)
    assert cgroup.processor_quota() is None
    assert cgroup.free_memory_bytes() in (None, 0)
