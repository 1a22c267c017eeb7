"""A watched folder: when a file is whole, what is done once, and what becomes of originals."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import psutil
import pytest

from srcli.core.errors import MissingExtra, UsageError
from srcli.core.events import Events
from srcli.pipeline.watch import notices
from srcli.pipeline.watch.arrivals import Arrivals
from srcli.pipeline.watch.moving import move_below
from srcli.pipeline.watch.watch import Watch, WatchedFolder
from srcli.upscaling.report import Status
from srcli.upscaling.settings import UpscaleSettings
from srcli.upscaling.target import Target
from tests.cli.conftest import save_picture


class Ends(Events):
    def __init__(self):
        self.reports = []

    def finished(self, outcome):
        self.reports.append(outcome)

    @property
    def ends(self):
        return [(Path(report.input).name, report.status) for report in self.reports]


@pytest.fixture
def inbox(tmp_path):
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


def watch(inbox, *, polls=True, told=None, settings=None, **options):
    """Watch until nothing happens any more; gives what ended."""
    events = Ends()
    watched = WatchedFolder(inbox, inbox.parent / "out", poll_s=0.02, polls=polls, idle_s=0.1, **options)
    settings = settings or UpscaleSettings(Target(2.0), model="bicubic", resume=True)
    Watch(watched, settings, events, (told or []).append).run()
    return events.ends


def test_a_file_is_whole_once_it_stands_still(tmp_path):
    file, arrivals = tmp_path / "a.png", Arrivals()
    file.write_bytes(b"half")
    assert list(arrivals.whole([file])) == []
    file.write_bytes(b"half and more")
    assert list(arrivals.whole([file])) == []
    assert list(arrivals.whole([file])) == [file]
    assert list(arrivals.whole([file])) == []


def test_a_file_that_its_writer_closed_is_whole_at_once(tmp_path):
    file = tmp_path / "a.png"
    file.write_bytes(b"whole")
    assert list(Arrivals().whole([file], closed={file})) == [file]


def test_an_empty_file_is_waited_for(tmp_path):
    file, arrivals = tmp_path / "a.png", Arrivals()
    file.touch()
    assert [list(arrivals.whole([file], closed={file})) for _ in range(3)] == [[], [], []]


def test_a_file_that_changed_is_given_again(tmp_path):
    file, arrivals = tmp_path / "a.png", Arrivals()
    file.write_bytes(b"one")
    assert list(arrivals.whole([file], {file})) == [file]
    file.write_bytes(b"another")
    assert list(arrivals.whole([file], {file})) == [file]


def test_pictures_are_enlarged_once_over_restarts(inbox):
    save_picture(inbox / "a.png")
    assert watch(inbox) == [("a.png", Status.DONE)]
    save_picture(inbox / "b.png")
    assert watch(inbox) == [("a.png", Status.SKIPPED), ("b.png", Status.DONE)]
    assert sorted(os.listdir(inbox)) == ["a.png", "b.png"]


def test_a_file_that_is_no_picture_is_tried_again_once_it_changes(inbox):
    (inbox / "a.png").write_bytes(b"no picture")
    events = Ends()

    class Mending(Ends):
        def finished(self, outcome):
            events.finished(outcome)
            if outcome.status is Status.FAILED:
                save_picture(inbox / "a.png")

    watched = WatchedFolder(inbox, inbox.parent / "out", poll_s=0.02, polls=True, idle_s=0.1)
    Watch(watched, UpscaleSettings(Target(2.0), model="bicubic", resume=True), Mending(), print).run()
    assert events.ends == [("a.png", Status.FAILED), ("a.png", Status.DONE)]


def test_originals_move_and_keep_the_tree(inbox, tmp_path):
    save_picture(inbox / "trip" / "a.png")
    (inbox / "bad.png").write_bytes(b"no picture")
    watch(inbox, recursive=True, move_done=tmp_path / "done", move_failed=tmp_path / "failed")
    assert (tmp_path / "out" / "trip" / "a_x2.png").exists()
    assert (tmp_path / "done" / "trip" / "a.png").exists()
    assert (tmp_path / "failed" / "bad.png").exists()
    assert [path for path in inbox.rglob("*") if path.is_file()] == []


def test_an_original_that_a_killed_run_did_not_move_moves_now(inbox, tmp_path):
    save_picture(inbox / "a.png")
    watch(inbox)
    assert watch(inbox, move_done=tmp_path / "done") == [("a.png", Status.SKIPPED)]
    assert os.listdir(tmp_path / "done") == ["a.png"]


def test_moving_replaces_nothing(tmp_path):
    for content in (b"one", b"two", b"three"):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / "a.png").write_bytes(content)
        move_below(tmp_path / "in" / "a.png", tmp_path / "in", tmp_path / "done")
    kept = {path.name: path.read_bytes() for path in (tmp_path / "done").iterdir()}
    assert kept == {"a.png": b"one", "a-2.png": b"two", "a-3.png": b"three"}


def test_two_pictures_for_one_result_do_not_end_the_watch(inbox):
    save_picture(inbox / "a.png")
    save_picture(inbox / "a.bmp")
    settings = UpscaleSettings(Target(2.0), model="bicubic", resume=True, format="png")
    assert watch(inbox, settings=settings) == [("a.bmp", Status.DONE), ("a.png", Status.FAILED)]


def test_the_system_tells_of_pictures_that_are_written(inbox):
    pytest.importorskip("watchdog")
    events = Ends()
    # So long an interval passes in no test: what is found, was told of.
    watched = WatchedFolder(inbox, inbox.parent / "out", poll_s=60, polls=False)

    class Stopping(Ends):
        def finished(self, outcome):
            events.finished(outcome)
            work.stop()

    work = Watch(watched, UpscaleSettings(Target(2.0), model="bicubic", resume=True), Stopping(), print)
    began = []
    work._notices.wait, wait = lambda seconds: began.append(seconds) or wait(seconds), work._notices.wait
    thread = Thread(target=work.run)
    thread.start()
    while not began:
        thread.join(0.01)
    save_picture(inbox / "a.png")
    thread.join(50)
    assert events.ends == [("a.png", Status.DONE)]


def test_a_folder_that_vanishes_is_told_once_and_waited_for(inbox):
    told = []
    events = Ends()
    watched = WatchedFolder(inbox, inbox.parent / "out", poll_s=0.01, polls=True)
    work = Watch(watched, UpscaleSettings(Target(2.0), model="bicubic", resume=True), events, told.append)
    inbox.rmdir()
    thread = Thread(target=work.run)
    thread.start()
    while not told:
        thread.join(0.01)
    inbox.mkdir()
    while len(told) < 2:
        thread.join(0.01)
    work.stop()
    thread.join(50)
    assert [("cannot read the folder" in text, "can be read again" in text) for text in told] == [
        (True, False),
        (False, True),
    ]


def test_without_the_extra_it_is_named(inbox, monkeypatch):
    monkeypatch.setitem(sys.modules, "watchdog.events", None)
    with pytest.raises(MissingExtra) as raised:
        watch(inbox, polls=False)
    assert "'.[watch]'" in raised.value.hint


@pytest.mark.parametrize(
    ("kind", "network"), [("ext4", False), ("nfs4", True), ("cifs", True), ("fuse.sshfs", True)]
)
def test_network_folders_are_known_by_their_file_system(tmp_path, monkeypatch, kind, network):
    mounts = [
        SimpleNamespace(mountpoint="/", fstype="ext4"),
        SimpleNamespace(mountpoint=str(tmp_path.resolve()), fstype=kind),
    ]
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: mounts)
    assert notices.is_network_folder(tmp_path) is network


def test_results_may_not_arrive_in_the_folder(inbox):
    with pytest.raises(UsageError, match="would arrive in"):
        WatchedFolder(inbox, inbox)
    with pytest.raises(UsageError, match="would arrive in"):
        WatchedFolder(inbox, inbox / "out", recursive=True)
    with pytest.raises(UsageError, match="is no folder"):
        WatchedFolder(inbox / "none", inbox / "out")
