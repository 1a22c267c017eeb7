"""Runs that a program cancels, from another thread or from within."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srcli.core.cancel import CancelToken
from srcli.core.errors import Cancelled
from srcli.core.events import FRAME, TILE, Events
from srcli.upscaling.generator import RunOptions
from srcli.upscaling.in_flight import Work
from srcli.upscaling.jobs import Job
from srcli.upscaling.report import Status
from srcli.upscaling.run import open_pool, prepare_jobs
from srcli.upscaling.settings import UpscaleSettings
from srcli.upscaling.sinks import BytesSink, FileSink, StreamSink
from srcli.upscaling.sources import BytesSource, FileSource
from srcli.upscaling.target import Target
from tests import tiny_models


class Heard(Events):
    """Remembers what it was told, and calls what it was given at an event."""

    def __init__(self, at=None, then=None):
        self.told = []
        self.reports = []
        self._at = at
        self._then = then

    def _take(self, *event):
        self.told.append(event)
        if self._then and event[: len(self._at)] == self._at:
            self._then()

    def started(self, item):
        self._take("started", item)

    def progress(self, item, unit, done, total):
        self._take(unit, item, done, total)

    def warning(self, item, text):
        self._take("warning", item, text)

    def finished(self, outcome):
        self.reports.append(outcome)
        self._take("finished", outcome.input)


@pytest.fixture(autouse=True)
def tiny(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    tiny_models.install(tmp_path / "models", name="tiny", scale=2)
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path / "models"))


def settings(threads=1, **more):
    options = RunOptions(threads=threads, tile=32, overlap=3)
    return UpscaleSettings(Target(2.0), "tiny", "cpu", options, **more)


def picture(seed=0, size=(41, 75)):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8))


def png(seed=0, **more):
    file = io.BytesIO()
    picture(seed).save(file, "PNG", **more)
    return file.getvalue()


def gif():
    file = io.BytesIO()
    picture(0).save(file, "GIF", save_all=True, append_images=[picture(1), picture(2)])
    return file.getvalue()


def jobs_in(folder, count):
    found = []
    for number in range(count):
        (folder / f"{number}.png").write_bytes(png(number))
        found.append(Job(FileSource(folder / f"{number}.png"), FileSink(folder / "out" / f"{number}.png")))
    return found


def left_in(folder):
    return sorted(os.listdir(folder)) if folder.exists() else []


def test_bytes_become_bytes():
    sink = BytesSink()
    run = prepare_jobs([Job(BytesSource(png(), "sea.png"), sink)], settings())
    heard = Heard()
    assert run.start(heard).done == 1
    with Image.open(io.BytesIO(sink.data)) as larger:
        assert (larger.format, larger.size) == ("PNG", (150, 82))
    assert heard.told[0] == ("started", "sea.png")
    tiles = [event for event in heard.told if event[0] == TILE]
    assert tiles[-1][2] == tiles[-1][3] == len(tiles) > 1
    assert heard.told[-1] == ("finished", "sea.png")


def test_bytes_are_those_of_a_file(tmp_path):
    (job,) = jobs_in(tmp_path, 1)
    sink = BytesSink()
    prepare_jobs([job, Job(BytesSource(png(), "sea.png"), sink)], settings()).start(Heard())
    assert sink.data == (tmp_path / "out" / "0.png").read_bytes()


def test_a_stream_gets_the_whole_file_and_stays_open():
    stream = io.BytesIO()
    run = prepare_jobs([Job(BytesSource(png()), StreamSink(lambda: stream))], settings(format="webp"))
    assert run.start(Heard()).exit_code == 0
    with Image.open(io.BytesIO(stream.getvalue())) as larger:
        assert larger.format == "WEBP"


def test_what_is_no_picture_is_reported_by_its_name():
    sink = BytesSink()
    heard = Heard()
    summary = prepare_jobs([Job(BytesSource(b"rubbish", "sea.png"), sink)], settings()).start(heard)
    assert summary.exit_code == 1
    assert "sea.png" in heard.reports[0].error
    assert sink.data is None


def test_generators_stay_open_for_the_next_run():
    wanted = settings()
    pool = open_pool(wanted)
    for _ in range(2):
        prepare_jobs([Job(BytesSource(png()), BytesSink())], wanted, pool).start(Heard())
    (generator,) = pool.chain(2.0)
    assert "session" in vars(generator)


def test_pictures_side_by_side_tell_their_tiles(tmp_path):
    heard = Heard()
    prepare_jobs(jobs_in(tmp_path, 4), settings(threads=4)).start(heard)
    for number in range(4):
        name = str(tmp_path / f"{number}.png")
        tiles = [event[2:] for event in heard.told if event[:2] == (TILE, name)]
        assert tiles == [(done, len(tiles)) for done in range(1, len(tiles) + 1)]


def test_an_animation_tells_its_frames():
    heard = Heard()
    prepare_jobs([Job(BytesSource(gif(), "sea.gif"), BytesSink())], settings()).start(heard)
    assert [event[2:] for event in heard.told if event[0] == FRAME] == [(0, 3), (1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("resume", [False, True])
def test_a_cancelled_run_leaves_whole_files_only(threads, resume, tmp_path):
    cancel = CancelToken()
    heard = Heard((TILE, str(tmp_path / "2.png")), cancel.cancel)
    with pytest.raises(Cancelled):
        prepare_jobs(jobs_in(tmp_path, 4), settings(threads, resume=resume)).start(heard, cancel)
    done = [Path(report.output).name for report in heard.reports]
    assert all(report.status is Status.DONE for report in heard.reports)
    found = left_in(tmp_path / "out")
    assert set(done) <= set(found) < {f"{number}.png" for number in range(4)}
    for name in found:
        with Image.open(tmp_path / "out" / name) as larger:
            larger.load()


def test_a_cancelled_run_lets_go_of_what_was_decoded_ahead(tmp_path, monkeypatch):
    loaded, closed = [], []
    close = Work.close

    def note(work):
        closed.append(work.name)
        close(work)

    monkeypatch.setattr(Work, "close", note)
    jobs = jobs_in(tmp_path, 3)
    run = prepare_jobs(jobs, settings())
    load = run.worker.load

    def loading(job, cancel):
        work = load(job, cancel)
        loaded.append(work.name)
        return work

    monkeypatch.setattr(run.worker, "load", loading)
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        run.start(Heard((TILE, jobs[0].source.name), cancel.cancel), cancel)
    assert set(loaded) == set(closed)


def test_a_run_that_is_cancelled_before_it_begins_does_nothing(tmp_path):
    cancel, heard = CancelToken(), Heard()
    cancel.cancel()
    with pytest.raises(Cancelled):
        prepare_jobs(jobs_in(tmp_path, 2), settings()).start(heard, cancel)
    assert heard.told == []
    assert left_in(tmp_path / "out") == []


@pytest.mark.parametrize("threads", [1, 4])
def test_one_picture_is_cancelled_and_the_others_go_on(threads, tmp_path):
    jobs = jobs_in(tmp_path, 4)
    heard = Heard((TILE, jobs[1].source.name), jobs[1].cancel.cancel)
    summary = prepare_jobs(jobs, settings(threads)).start(heard)
    assert [report.exit_code for report in heard.reports] == [0, 130, 0, 0]
    assert summary.done == 3
    assert left_in(tmp_path / "out") == ["0.png", "2.png", "3.png"]


def test_an_animation_is_cancelled_between_its_frames():
    cancel, sink = CancelToken(), BytesSink()
    heard = Heard((FRAME, "sea.gif", 1), cancel.cancel)
    with pytest.raises(Cancelled):
        prepare_jobs([Job(BytesSource(gif(), "sea.gif"), sink)], settings()).start(heard, cancel)
    assert [event[2] for event in heard.told if event[0] == FRAME] == [0, 1]
    assert sink.data is None


def test_an_interpolation_is_cancelled_as_its_rows_are_sent():
    job, sink = Job(BytesSource(png()), BytesSink()), BytesSink()
    wanted = UpscaleSettings(Target(2.0), "bicubic")
    heard = Heard(("started",), job.cancel.cancel)
    assert prepare_jobs([job], wanted).start(heard).exit_code == 130
    assert sink.data is None
