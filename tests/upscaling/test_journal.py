"""A large picture whose making was cut short goes on where it stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import corpus
import numpy as np
import pytest

from srcli.cli.app import run
from srcli.engine.sessions.session import Session
from srcli.imaging.decode import open_picture
from srcli.upscaling.journal import Journal
from tests import tiny_models

OPTIONS = ["-m", "tiny", "-s", "2", "-q", "--tile", "32", "--resume"]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def picture(tmp_path, monkeypatch):
    """A picture of four rows of windows, and a generator; every picture counts as large."""
    (tmp_path / "models").mkdir()
    tiny_models.install(tmp_path / "models", name="tiny", scale=2)
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr("srcli.upscaling.estimates.RESUMABLE_FROM_PIXELS", 0)
    monkeypatch.setattr("srcli.upscaling.journal.NOTE_EVERY_S", 0.0)
    monkeypatch.setattr("srcli.imaging.writers.tiff_writer._STRIP_BYTES", 480)
    path = tmp_path / "in" / "picture.png"
    path.parent.mkdir()
    path.write_bytes(corpus.pillow_file(corpus.pixels(3, 8, 85, 40), "PNG"))
    return path


@pytest.fixture
def runs(monkeypatch):
    """Counts the windows that run."""
    counted, infer = [], Session.run

    def counting(self, batch):
        counted.append(batch.shape)
        return infer(self, batch)

    monkeypatch.setattr(Session, "run", counting)
    return counted


def upscale(picture, target, *words):
    return run(["upscale", str(picture), "-o", str(target), *OPTIONS, *words])


def pixels(path):
    with open_picture(path) as opened:
        return next(opened.frames()).colour


def interrupt_after(monkeypatch, notes):
    """Ctrl-C once that many notes were made."""
    note, made = Journal.note_when_due, []

    def noting(self, checkpoint):
        note(self, checkpoint)
        made.append(1)
        if len(made) == notes:
            raise KeyboardInterrupt

    monkeypatch.setattr(Journal, "note_when_due", noting)


@pytest.mark.parametrize("extension", ["png", "tif", "ppm"])
@pytest.mark.parametrize("notes", [1, 2, 4])
def test_an_interrupted_picture_goes_on(extension, notes, picture, runs, tmp_path, monkeypatch):
    whole, target = tmp_path / f"whole.{extension}", tmp_path / "out" / f"larger.{extension}"
    assert upscale(picture, whole) == 0
    every = len(runs)
    with monkeypatch.context() as patch:
        interrupt_after(patch, notes)
        assert upscale(picture, target) in (70, 130)
    assert sorted(path.suffix for path in target.parent.iterdir()) == [".json", ".part"]
    runs.clear()
    assert upscale(picture, target) == 0
    assert len(runs) == every - notes * every // 4
    np.testing.assert_array_equal(pixels(target), pixels(whole))
    assert [path.name for path in target.parent.iterdir() if path.name != ".srcli-manifest.jsonl"] == [
        target.name
    ]


def test_a_killed_picture_goes_on(picture, runs, tmp_path):
    target = tmp_path / "out" / "larger.png"
    killed = f"""
import os
from srcli.cli.app import run
from srcli.upscaling import estimates, journal
estimates.RESUMABLE_FROM_PIXELS, journal.NOTE_EVERY_S = 0, 0.0
note, made = journal.Journal.note_when_due, []
def noting(self, checkpoint):
    note(self, checkpoint)
    made.append(1)
    if len(made) == 2:
        os.kill(os.getpid(), 9)
journal.Journal.note_when_due = noting
run(["upscale", {str(picture)!r}, "-o", {str(target)!r}, *{OPTIONS[:-1]!r}])
"""
    done = subprocess.run([sys.executable, "-c", killed], cwd=ROOT, check=False)
    assert done.returncode == -9
    assert upscale(picture, target) == 0
    resumed = len(runs)
    runs.clear()
    assert upscale(picture, tmp_path / "whole.png") == 0
    assert resumed == len(runs) // 2
    np.testing.assert_array_equal(pixels(target), pixels(tmp_path / "whole.png"))


@pytest.mark.parametrize("change", [["--strength", "0.5"], ["--format", "tiff"]])
def test_other_settings_start_anew(change, picture, runs, tmp_path, monkeypatch):
    target, whole = tmp_path / "out" / "larger.png", tmp_path / "whole.png"
    with monkeypatch.context() as patch:
        interrupt_after(patch, 2)
        upscale(picture, target)
    assert upscale(picture, target, *change) == 0
    upscale(picture, whole, *change)
    np.testing.assert_array_equal(pixels(target), pixels(whole))
    assert not list(target.parent.glob("*.part"))


def test_another_input_starts_anew(picture, tmp_path, monkeypatch):
    target, whole = tmp_path / "out" / "larger.png", tmp_path / "whole.png"
    with monkeypatch.context() as patch:
        interrupt_after(patch, 2)
        upscale(picture, target)
    picture.write_bytes(corpus.pillow_file(corpus.pixels(3, 8, 85, 40, seed=8), "PNG"))
    assert upscale(picture, target) == 0
    upscale(picture, whole)
    np.testing.assert_array_equal(pixels(target), pixels(whole))


def test_without_resume_an_interrupted_picture_leaves_nothing(picture, tmp_path, monkeypatch):
    target = tmp_path / "out" / "larger.png"
    interrupt_after(monkeypatch, 2)
    assert run(["upscale", str(picture), "-o", str(target), *OPTIONS[:-1]]) in (70, 130)
    assert list(target.parent.iterdir()) == []


def test_without_resume_what_an_earlier_run_left_goes(picture, tmp_path, monkeypatch):
    target = tmp_path / "out" / "larger.png"
    with monkeypatch.context() as patch:
        interrupt_after(patch, 2)
        upscale(picture, target)
    monkeypatch.setattr("srcli.upscaling.estimates.RESUMABLE_FROM_PIXELS", 10**9)
    assert run(["upscale", str(picture), "-o", str(target), *OPTIONS[:-1]]) == 0
    assert [path.name for path in target.parent.iterdir()] == [target.name]


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"key": {}, "checkpoint": {"bytes": 3}}', b"\xff"])
def test_a_damaged_note_starts_anew(damage, picture, tmp_path, monkeypatch):
    target, whole = tmp_path / "out" / "larger.png", tmp_path / "whole.png"
    with monkeypatch.context() as patch:
        interrupt_after(patch, 2)
        upscale(picture, target)
    next(target.parent.glob("*.json")).write_bytes(damage)
    assert upscale(picture, target) == 0
    upscale(picture, whole)
    np.testing.assert_array_equal(pixels(target), pixels(whole))


def test_a_part_that_lost_its_end_starts_anew(picture, tmp_path, monkeypatch):
    target, whole = tmp_path / "out" / "larger.png", tmp_path / "whole.png"
    with monkeypatch.context() as patch:
        interrupt_after(patch, 2)
        upscale(picture, target)
    os.truncate(next(target.parent.glob("*.part")), 50)
    assert upscale(picture, target) == 0
    upscale(picture, whole)
    np.testing.assert_array_equal(pixels(target), pixels(whole))


def test_two_runs_do_not_write_one_output(picture, tmp_path, capsys):
    fcntl = pytest.importorskip("fcntl")
    target = tmp_path / "larger.png"
    import hashlib

    part = tmp_path / f".srcli-{hashlib.sha256(b'larger.png').hexdigest()[:16]}.part"
    with part.open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert run(["upscale", str(picture), "-o", str(target), "-m", "tiny", "-s", "2", "--json"]) == 1
    assert "another run is making" in json.loads(capsys.readouterr().out)["error"]
    assert part.exists()
