from __future__ import annotations

import os

import pytest

from srcli.core.errors import OutputError
from srcli.pipeline.files import atomic_path


def test_file_appears_whole(tmp_path):
    target = tmp_path / "deep" / "er" / "x.bin"
    with atomic_path(target) as temporary:
        temporary.write_bytes(b"whole")
        assert not target.exists()
    assert target.read_bytes() == b"whole"
    assert os.listdir(target.parent) == ["x.bin"]


def test_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "x.bin"
    target.write_bytes(b"old")
    with pytest.raises(ValueError, match="boom"), atomic_path(target) as temporary:
        temporary.write_bytes(b"half")
        raise ValueError("boom")
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x.bin"]


def test_interrupt_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), atomic_path(tmp_path / "x.bin"):
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == []


def test_full_disk_is_an_output_error(tmp_path):
    with pytest.raises(OutputError, match="No space left"), atomic_path(tmp_path / "x.bin"):
        raise OSError(28, "No space left on device")


def test_file_that_appeared_meanwhile_is_kept(tmp_path):
    target = tmp_path / "x.bin"
    with pytest.raises(OutputError, match="appeared while"), atomic_path(target, overwrite=False) as new:
        new.write_bytes(b"new")
        target.write_bytes(b"other")
    assert target.read_bytes() == b"other"


def test_output_has_ordinary_rights(tmp_path):
    with atomic_path(tmp_path / "x.bin") as temporary:
        temporary.write_bytes(b"")
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    assert (tmp_path / "x.bin").stat().st_mode == plain.stat().st_mode


def test_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot write into"), atomic_path(tmp_path / "file" / "x.bin"):
        pass


def test_link_stays_a_link(tmp_path):
    (tmp_path / "real.bin").write_bytes(b"old")
    (tmp_path / "link.bin").symlink_to("real.bin")
    with atomic_path(tmp_path / "link.bin") as temporary:
        temporary.write_bytes(b"new")
    assert (tmp_path / "link.bin").is_symlink()
    assert (tmp_path / "real.bin").read_bytes() == b"new"


def test_longest_name(tmp_path):
    target = tmp_path / ("n" * 255)
    with atomic_path(target) as temporary:
        temporary.write_bytes(b"x")
    assert target.exists()
