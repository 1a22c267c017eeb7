from __future__ import annotations

import os
import subprocess
import sys

import pytest

from srcli.core.errors import OutputError
from srcli.core.files import atomic_folder, atomic_path, remove_leftovers


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


def test_leftovers_of_the_dead_go_and_those_of_the_living_stay(tmp_path):
    for name in (".srcli-0123abcd", ".srcli-0123456789abcdef.part", ".srcli-note", "picture.png"):
        (tmp_path / name).write_bytes(b"x")
    with atomic_path(tmp_path / "x.bin") as temporary:
        remove_leftovers(tmp_path)
        assert temporary.exists()
        temporary.write_bytes(b"whole")
    assert sorted(os.listdir(tmp_path)) == [
        ".srcli-0123456789abcdef.part",
        ".srcli-note",
        "picture.png",
        "x.bin",
    ]


def test_leftovers_of_a_folder_that_is_not_there(tmp_path):
    remove_leftovers(tmp_path / "none")
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
@pytest.mark.parametrize(
    ("source", "replaced", "wanted"),
    [
        (0o600, None, 0o600),
        (0o640, None, 0o640),
        (0o444, None, 0o644),
        (0o777, None, 0o644),
        (0o600, 0o664, 0o664),
        (0o644, 0o600, 0o600),
    ],
)
def test_rights_follow_the_input_and_the_replaced_file(source, replaced, wanted, tmp_path):
    made_from, target = tmp_path / "in", tmp_path / "out"
    made_from.touch()
    made_from.chmod(source)
    if replaced is not None:
        target.touch()
        target.chmod(replaced)
    before = os.umask(0o022)
    try:
        with atomic_path(target, like=made_from) as temporary:
            assert temporary.stat().st_mode & 0o777 == wanted, "open to others while it is made"
    finally:
        os.umask(before)
    assert target.stat().st_mode & 0o777 == wanted


def test_file_system_without_hard_links(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    with atomic_path(tmp_path / "x.bin", overwrite=False) as temporary:
        temporary.write_bytes(b"new")
    assert os.listdir(tmp_path) == ["x.bin"]
    with pytest.raises(OutputError, match="appeared while"), atomic_path(tmp_path / "x.bin", overwrite=False):
        pass


def test_process_that_ends_at_once_leaves_nothing_unfinished(tmp_path):
    program = (
        "import os, sys; from pathlib import Path\n"
        "from srcli.core.files import atomic_path\n"
        "from srcli.core.unfinished import remove_unfinished\n"
        f"with atomic_path(Path({str(tmp_path)!r}) / 'x.bin') as path:\n"
        "    path.write_bytes(b'half')\n"
        "    remove_unfinished()\n"
        "    os._exit(7)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 7
    assert os.listdir(tmp_path) == []


def test_links_in_a_circle(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with atomic_path(tmp_path / "a") as temporary:
        temporary.write_bytes(b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


def test_folder_appears_whole_and_replaces_the_old_one(tmp_path):
    target = tmp_path / "deep" / "parts"
    for name in ("old", "new"):
        with atomic_folder(target) as temporary:
            (temporary / name).write_bytes(b"")
    assert os.listdir(target) == ["new"]
    assert os.listdir(target.parent) == ["parts"]


def test_folder_that_fails_leaves_the_old_one_and_nothing_else(tmp_path):
    target = tmp_path / "parts"
    target.mkdir()
    with pytest.raises(KeyboardInterrupt), atomic_folder(target) as temporary:
        (temporary / "half").write_bytes(b"")
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == ["parts"]
    assert os.listdir(target) == []


def test_folder_that_is_not_writable_is_an_output_error(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot write"), atomic_folder(tmp_path / "file" / "parts"):
        pass
