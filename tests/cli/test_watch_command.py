"""``srcli watch`` as a process: what it says, and how signals end it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from PIL import Image

from srcli.cli.app import run
from tests.cli.conftest import save_picture
from tests.processes import HEEDING

posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")


@pytest.fixture
def inbox(tmp_path):
    save_picture(tmp_path / "inbox" / "a.png")
    return tmp_path / "inbox"


@pytest.fixture
def start():
    """Starts ``srcli`` with messages to read; what a failed test leaves behind is ended."""
    started = []

    def start_process(*words):
        command = [sys.executable, "-m", "srcli", *map(str, words)]
        started.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **HEEDING))
        return started[-1]

    yield start_process
    for process in started:
        process.kill()
        process.communicate()


def test_reports_are_those_of_upscale(tiny, inbox, tmp_path, capsys):
    words = ["watch", str(inbox), "-o", f"{tmp_path}/out", "-m", tiny, "-s", "2", "--poll", "--json"]
    assert run([*words, "--interval", "0.05", "--until-idle", "0.1"]) == 0
    (report,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (report["status"], report["output_size"]) == ("done", [66, 48])


def test_a_picture_that_failed_gives_the_exit_code(tiny, inbox, tmp_path, capsys):
    (inbox / "b.png").write_bytes(b"no picture")
    words = ["watch", str(inbox), "-o", f"{tmp_path}/out", "-m", tiny, "--poll", "--interval", "0.05"]
    assert run([*words, "--until-idle", "0.1"]) == 1
    assert "1 done, 0 finished before, 1 failed" in capsys.readouterr().err


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_well(tiny, inbox, tmp_path, number, start):
    process = start("watch", inbox, "-o", tmp_path / "out", "-m", tiny, "--poll", "--interval", "0.05")
    assert "watching" in process.stderr.readline()
    assert "a_x4.png: 132x96 pixels" in process.stderr.readline()
    process.send_signal(number)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert said == "1 done, 0 finished before, 0 failed\n"
    assert sorted(os.listdir(tmp_path / "out")) == [".srcli-manifest.jsonl", "a_x4.png"]


@posix
def test_a_picture_at_work_is_given_up(tiny, inbox, tmp_path, start):
    """One that takes minutes leaves nothing but what resuming it needs."""
    save_picture(inbox / "a.png", (2000, 2500))
    words = ["watch", inbox, "-o", tmp_path / "out", "-m", tiny, "--poll", "--interval", "0.05", "-s", "4"]
    process = start(*words, "--tile", "48")
    assert "watching" in process.stderr.readline()
    while not (tmp_path / "out").exists():
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert not (tmp_path / "out" / "a_x4.png").exists()


@pytest.mark.parametrize(
    ("words", "name", "size"),
    [
        (("-s", "1"), "a_clean.png", (33, 24)),
        (("-s", "1", "-m", "clean"), "a_clean.png", (33, 24)),
        (("-s", "2", "-m", "clean,bicubic"), "a_x2.png", (66, 48)),
    ],
)
def test_pictures_are_repaired_at_their_size_and_by_chains(inbox, tmp_path, words, name, size):
    out = tmp_path / "out"
    watch = ("watch", str(inbox), "-o", str(out), "--poll", "--interval", "0.05", "--until-idle", "0", "-q")
    assert run([*watch, *words]) == 0
    with Image.open(out / name) as made:
        assert made.size == size


def test_a_generator_that_keeps_the_size_wants_to_be_asked_for_that(inbox, tmp_path, capsys):
    assert run(["watch", str(inbox), "-o", str(tmp_path / "out"), "-m", "clean"]) == 2
    said = capsys.readouterr().err
    assert "clean keeps the size of pictures" in said
    assert "watch -s 1" in said
