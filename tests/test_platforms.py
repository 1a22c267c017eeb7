"""What differs on Windows and macOS, tried here by putting their answers in place of this system's.

``docs/platforms.md`` lists the places; a place that is added has to be listed there.
"""

from __future__ import annotations

import ctypes
import re
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from srcli.cli import signals, streams
from srcli.core import locks
from srcli.core.files import atomic_path, remove_leftovers
from srcli.engine.devices import nvidia
from srcli.pipeline.bench import memory

ROOT = Path(__file__).resolve().parent.parent
_ASKS = re.compile(
    r"os\.name\b|sys\.platform\b|platform\.system\b|^\s*import (?:fcntl|resource)\b", re.MULTILINE
)


def test_every_place_that_asks_for_the_system_is_listed():
    asking = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "srcli").rglob("*.py")
        if _ASKS.search(path.read_text(encoding="utf-8"))
    }
    listed = set(
        re.findall(r"^\| `(srcli/[^`]+)`", (ROOT / "docs" / "platforms.md").read_text("utf-8"), re.MULTILINE)
    )
    assert listed == asking


def as_windows(monkeypatch, module):
    """Have one module see Windows: everywhere at once, paths of this system would break."""
    real = module.os
    names = {name: getattr(real, name) for name in dir(real)}
    monkeypatch.setattr(module, "os", SimpleNamespace(**{**names, "name": "nt"}))


@pytest.fixture
def without_locks(monkeypatch):
    """As on Windows, where an open file is neither renamed nor removed."""
    monkeypatch.setattr(locks, "fcntl", None)
    monkeypatch.setattr(locks, "AVAILABLE", False)


def test_files_appear_whole_without_locks(without_locks, tmp_path):
    with atomic_path(tmp_path / "a.png") as temporary:
        temporary.write_bytes(b"whole")
        assert not (tmp_path / "a.png").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_without_locks_nothing_is_taken_for_a_leftover(without_locks, tmp_path):
    (tmp_path / ".srcli-0123abcd").write_bytes(b"of a run that may live")
    remove_leftovers(tmp_path)
    assert (tmp_path / ".srcli-0123abcd").exists()


def test_a_file_system_without_hard_links_still_replaces_nothing(monkeypatch, tmp_path):
    def refuse(*_):
        raise OSError("not supported")

    monkeypatch.setattr("srcli.core.files.os.link", refuse)
    with atomic_path(tmp_path / "a.png", overwrite=False) as temporary:
        temporary.write_bytes(b"whole")
    assert (tmp_path / "a.png").read_bytes() == b"whole"


def test_signals_are_not_watched_for_on_windows(monkeypatch):
    as_windows(monkeypatch, signals)
    monkeypatch.setattr(signals.signal, "signal", lambda *_: None)
    started = []
    monkeypatch.setattr(signals.Signals, "_watch", lambda self: started.append(self))
    monkeypatch.setattr(signals.signal, "set_wakeup_fd", lambda *_, **__: started.append(None))
    interrupted = signals.Signals()
    with pytest.raises(KeyboardInterrupt):
        interrupted._interrupt(signal.SIGINT, None)
    with signals.handled_elsewhere():
        pass
    assert (started, interrupted.number) == ([], signal.SIGINT)


def test_what_libraries_write_is_left_alone_on_windows(monkeypatch):
    as_windows(monkeypatch, streams)
    monkeypatch.setattr(streams, "_fill_gaps", lambda: None)
    opened = []
    monkeypatch.setattr(streams, "_reopen", lambda stream, handle, _: opened.append(handle) or stream)
    assert streams.prepare_streams(keep_noise=False) is None
    assert opened == [1, 2]


def test_libraries_of_cuda_have_other_names_on_windows(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    asked = []
    monkeypatch.setattr(ctypes, "CDLL", lambda name, *_, **__: asked.append(name))
    assert nvidia._driver_name() == "nvcuda.dll"
    assert {Path(name).suffix for name in nvidia._library_names((12, 4))} == {".dll"}


def test_macos_counts_memory_in_bytes(monkeypatch):
    monkeypatch.setattr(memory, "_STATUS", Path("/nonexistent"))
    resource = SimpleNamespace(RUSAGE_SELF=0, getrusage=lambda _: SimpleNamespace(ru_maxrss=2**20))
    monkeypatch.setitem(sys.modules, "resource", resource)
    for platform, peak in (("darwin", 2**20), ("linux", 2**30)):
        monkeypatch.setattr(sys, "platform", platform)
        assert memory.peak_bytes() == peak


def test_windows_tells_the_peak_by_another_name(monkeypatch):
    psutil = pytest.importorskip("psutil")
    monkeypatch.setattr(memory, "_STATUS", Path("/nonexistent"))
    monkeypatch.setitem(sys.modules, "resource", None)
    process = SimpleNamespace(memory_info=lambda: SimpleNamespace(peak_wset=12345))
    monkeypatch.setattr(psutil, "Process", lambda: process)
    assert memory.peak_bytes() == 12345
