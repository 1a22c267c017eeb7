"""What a device compiled is kept whole, or not at all."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from srcli.engine.runtimes import compiled

KEY = compiled.key_of(b"model", device="CPU")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(compiled.CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def entry(folder):
    (path,) = folder.glob("*.compiled")
    return path


def test_nothing_is_made_before_something_is_kept(folder):
    assert compiled.recall(KEY) is None
    assert not folder.exists()


def test_what_is_kept_is_recalled(folder):
    assert compiled.keep(KEY, b"compiled") is None
    assert compiled.recall(KEY) == b"compiled"
    assert compiled.keep(KEY, b"again") is None
    assert compiled.recall(KEY) == b"again"
    assert len(list(folder.iterdir())) == 1


def test_the_platform_names_the_folder_where_nobody_does(monkeypatch):
    monkeypatch.delenv(compiled.CACHE_VARIABLE)
    assert compiled.cache_folder().parts[-2:] == ("srcli", "compiled")


@pytest.mark.parametrize(
    ("model", "facts"),
    [
        (b"another", {"device": "CPU"}),
        (b"model", {"device": "GPU"}),
        (b"model", {"device": "CPU", "driver": "2"}),
        (b"model", {"device": "CPU", "options": {"hint": "bf16"}}),
    ],
)
def test_everything_that_it_depends_on_is_in_the_key(model, facts):
    assert compiled.key_of(model, **facts) != KEY


@pytest.mark.parametrize("damage", ["empty", "short", "shorter than a digest", "changed", "longer"])
def test_a_damaged_entry_is_never_used(damage, folder):
    compiled.keep(KEY, bytes(1000))
    path = entry(folder)
    whole = path.read_bytes()
    path.write_bytes(
        {
            "empty": b"",
            "short": whole[:-1],
            "shorter than a digest": whole[:20],
            "changed": whole[:500] + b"x" + whole[501:],
            "longer": whole + b"x",
        }[damage]
    )
    assert compiled.recall(KEY) is None
    assert not path.exists()


def test_a_forgotten_entry_is_gone():
    compiled.keep(KEY, b"compiled")
    compiled.forget(KEY)
    compiled.forget(KEY)
    assert compiled.recall(KEY) is None


def test_the_entries_that_were_used_last_stay(folder, monkeypatch):
    monkeypatch.setattr(compiled, "MOST_ENTRIES", 2)
    keys = [compiled.key_of(bytes([index])) for index in range(3)]
    for age, key in enumerate(keys[:2]):
        compiled.keep(key, key.encode())
        os.utime(folder / f"{key}.compiled", (time.time() - 60 + age,) * 2)
    assert compiled.recall(keys[0]) is not None
    compiled.keep(keys[2], b"third")
    assert [compiled.recall(key) is None for key in keys] == [False, True, False]


def test_a_folder_that_can_not_be_made(folder):
    folder.write_text("a file in its place")
    assert compiled.keep(KEY, b"compiled") in ("file exists", "not a directory")
    assert compiled.recall(KEY) is None


def test_a_folder_that_can_only_be_read(folder, monkeypatch):
    compiled.keep(KEY, b"compiled")

    def refuse(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("srcli.core.files.create", refuse)
    monkeypatch.setattr(compiled.os, "utime", refuse)
    assert compiled.recall(KEY) == b"compiled"
    assert compiled.keep(KEY, b"again") == "read-only file system"
    assert compiled.recall(KEY) == b"compiled"


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of a file's size on Windows")
def test_a_disk_without_room(folder):
    """A limit of a file's size leaves half of what was to be written, as a full disk does."""
    program = (
        "import resource, signal, sys\n"
        "from srcli.engine.runtimes import compiled\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        f"print(compiled.keep({KEY!r}, bytes(100_000)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "file too large\n"
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL on Windows")
def test_a_run_that_is_killed_while_it_writes(folder):
    program = (
        "from srcli.engine.runtimes import compiled\n"
        "print('ready', flush=True)\n"
        f"while True: compiled.keep({KEY!r}, bytes(20_000_000))\n"
    )
    for delay_s in (0.01, 0.03, 0.06):
        writer = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        writer.stdout.readline()
        time.sleep(delay_s)
        writer.kill()
        assert writer.wait() == -signal.SIGKILL
        writer.stdout.close()
        assert compiled.recall(KEY) in (None, bytes(20_000_000))
    compiled.keep(KEY, b"compiled")
    assert [path.suffix for path in folder.iterdir()] == [".compiled"]


def test_two_runs_at_once(folder):
    contents = [bytes([index]) * 200_000 for index in range(4)]

    def write_and_read(content):
        for _ in range(10):
            assert compiled.keep(KEY, content) is None
            assert compiled.recall(KEY) in contents

    with ThreadPoolExecutor(len(contents)) as threads:
        list(threads.map(write_and_read, contents))
    assert len(list(folder.iterdir())) == 1
