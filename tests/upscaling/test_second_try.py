"""A file that changes while it is read gets one more try, when the others are done."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srcli.core.events import Events
from srcli.upscaling.report import Status
from srcli.upscaling.run import prepare_run
from srcli.upscaling.second_try import NOTE
from srcli.upscaling.settings import UpscaleSettings
from srcli.upscaling.stages import Worker
from srcli.upscaling.target import Target


class Heard(Events):
    """Remembers what it was told."""

    def __init__(self):
        self.reports = []

    def finished(self, outcome):
        self.reports.append(outcome)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    for name, level in (("a", 10), ("b", 20), ("c", 30)):
        save(Path("in") / f"{name}.png", level)
    return tmp_path


def save(path, level):
    """Put a picture of one level in place of what is there, at another time."""
    made = path.with_suffix(".new")
    Image.fromarray(np.full((9, 12, 3), level, np.uint8)).save(made, "PNG")
    os.utime(made, (level, level))
    made.replace(path)


def changing(monkeypatch, stage, times, change):
    """Change b.png behind its first times of decoding, or before its first times of enlarging."""
    run, seen = getattr(Worker, stage), []

    def changed(worker, subject, *words):
        name = (subject if stage == "load" else subject.inspection.job).source.name
        begun = ExitStack()
        if name == "in/b.png":
            seen.append(name)
            if len(seen) <= times:
                begun.callback(change, len(seen))
        if stage == "enlarge":
            begun.close()
        with begun:
            return run(worker, subject, *words)

    monkeypatch.setattr(Worker, stage, changed)
    return seen


def run():
    heard = Heard()
    settings = UpscaleSettings(model="nearest", target=Target(factor=2))
    summary = prepare_run(["in"], "out", settings).start(heard)
    assert len(heard.reports) == 3
    return summary, {Path(report.input).stem: report for report in heard.reports}


@pytest.mark.parametrize("stage", ["load", "enlarge"])
def test_it_is_read_once_more_and_the_report_says_so(folder, monkeypatch, stage):
    seen = changing(monkeypatch, stage, 1, lambda time: save(Path("in/b.png"), 200))
    summary, reports = run()
    assert len(seen) == 2
    assert summary.exit_code == 0
    assert list(reports) == ["a", "c", "b"]
    assert NOTE in reports["b"].warnings
    assert NOTE not in reports["a"].warnings + reports["c"].warnings
    assert (np.asarray(Image.open("out/b_x2.png")) == 200).all()


def test_one_that_changes_all_the_time_fails_at_the_second_try(folder, monkeypatch):
    seen = changing(monkeypatch, "enlarge", 9, lambda time: save(Path("in/b.png"), 100 + time))
    summary, reports = run()
    assert len(seen) == 2
    assert summary.exit_code == 1
    assert reports["b"].status is Status.FAILED
    assert "changed while it was read" in reports["b"].failure.message
    assert sorted(os.listdir("out")) == [".srcli-manifest.jsonl", "a_x2.png", "c_x2.png"]


def test_one_that_is_damaged_from_the_beginning_is_not_tried_again(folder, monkeypatch):
    Path("in/b.png").write_bytes(Path("in/b.png").read_bytes()[:60])
    seen = changing(monkeypatch, "load", 0, lambda time: None)
    summary, reports = run()
    assert len(seen) == 1
    assert list(reports) == ["a", "b", "c"]
    assert summary.exit_code == 1


def test_one_that_was_damaged_when_it_was_opened_and_is_whole_now(folder, monkeypatch):
    whole = Path("in/b.png").read_bytes()
    Path("in/b.png").write_bytes(whole[:60])
    seen = changing(monkeypatch, "load", 1, lambda time: Path("in/b.png").write_bytes(whole))
    summary, reports = run()
    assert len(seen) == 2
    assert summary.exit_code == 0
    assert NOTE in reports["b"].warnings
