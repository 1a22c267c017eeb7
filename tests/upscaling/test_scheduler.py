"""Many pictures: which go side by side, and that nothing but the time depends on it."""

from __future__ import annotations

import os
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srcli.core.events import Events
from srcli.engine.inference.batches import infer, infer_levels
from srcli.upscaling import stages
from srcli.upscaling.generator import RunOptions
from srcli.upscaling.pool import share_threads
from srcli.upscaling.report import Status
from srcli.upscaling.run import prepare_run
from srcli.upscaling.settings import UpscaleSettings
from srcli.upscaling.target import Target
from tests import fake_gpu, tiny_models

SEVERAL = 4
PATIENCE_S = 20.0


class Heard(Events):
    """Remembers what it was told."""

    def __init__(self):
        self.reports = []

    def finished(self, outcome):
        self.reports.append(outcome)


class Counter:
    """Stands before the inference and counts how many runs there are at a time."""

    def __init__(self, infer=infer):
        self.most = 0
        self._infer = infer
        self._now = 0
        self._lock = threading.Lock()

    def __call__(self, *words, **named):
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            return self._infer(*words, **named)
        finally:
            with self._lock:
                self._now -= 1


class Meeting:
    """Stands before the inference and lets nobody through until as many have come as were invited."""

    def __init__(self, invited):
        self._barrier = threading.Barrier(invited)

    def __call__(self, *words, **named):
        self._barrier.wait(PATIENCE_S)
        return infer(*words, **named)


class Watch:
    """Looks on as pictures are enlarged: with how many threads, beside how many other open sessions."""

    def __init__(self, run):
        self.threads = {}
        self.beside = {}
        self._opened = []
        self._enlarge = run.worker.enlarge

    def __call__(self, work):
        (generator,) = work.inspection.generators
        name = Path(work.name).name
        self.threads[name] = generator.options.threads
        (own,) = generator.session.runtimes
        self.beside[name] = sum(opened() not in (None, own) for opened in self._opened)
        self._opened.append(weakref.ref(own))
        self._enlarge(work)


@pytest.fixture(autouse=True)
def tiny(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    tiny_models.install(tmp_path / "models", name="tiny", scale=2)
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path / "models"))


@pytest.fixture
def pictures(tmp_path):
    """Eight pictures of odd sizes, in their order."""
    (tmp_path / "in").mkdir()
    for number in range(2 * SEVERAL):
        noise(tmp_path / "in" / f"{number}.png", (21 + 3 * number, 40 - number))
    return tmp_path / "in"


def noise(path, size):
    levels = np.random.default_rng(size[0]).integers(0, 256, (*size, 3), dtype=np.uint8)
    Image.fromarray(levels).save(path)


def batch(pictures, folder, threads=SEVERAL, device="cpu", **settings):
    options = RunOptions(threads=threads)
    return prepare_run(
        [str(pictures)], f"{folder}/", UpscaleSettings(Target(2.0), "tiny", device, options, **settings)
    )


def enlarge(pictures, folder, **settings):
    heard = Heard()
    batch(pictures, folder, **settings).start(heard)
    return heard.reports


def written(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".png"}


@pytest.mark.parametrize(
    ("threads", "shared"), [(1, (1, 1)), (2, (2, 1)), (8, (8, 1)), (9, (5, 2)), (16, (8, 2)), (64, (8, 8))]
)
def test_threads_are_shared_out(threads, shared):
    assert share_threads(threads) == shared


def test_small_pictures_go_side_by_side(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr("srcli.engine.sessions.session.infer", Meeting(SEVERAL))
    reports = enlarge(pictures, tmp_path / "out")
    assert [report.status for report in reports] == [Status.DONE] * 2 * SEVERAL


def test_files_and_reports_are_those_of_one_by_one(pictures, tmp_path):
    beside = enlarge(pictures, tmp_path / "beside")
    alone = enlarge(pictures, tmp_path / "alone", threads=1)
    assert written(tmp_path / "beside") == written(tmp_path / "alone")
    assert [report.input for report in beside] == [str(pictures / f"{n}.png") for n in range(2 * SEVERAL)]
    for one, other in zip(beside, alone, strict=True):
        assert (one.input, one.output_size, one.tile) == (other.input, other.output_size, other.tile)


@pytest.mark.parametrize(
    ("count", "threads", "expected"),
    [(8, 4, [1] * 8), (7, 4, [1, 1, 1, 1, 4, 4, 4]), (3, 4, [4] * 3), (8, 9, [2, 2, 2, 2, 2, 9, 9, 9])],
)
def test_the_last_few_have_all_threads_in_turn(pictures, tmp_path, monkeypatch, count, threads, expected):
    for number in range(count, 2 * SEVERAL):
        (pictures / f"{number}.png").unlink()
    run = batch(pictures, tmp_path / "out", threads)
    watch = Watch(run)
    monkeypatch.setattr(run.worker, "enlarge", watch)
    run.start(Heard())
    assert [watch.threads[f"{number}.png"] for number in range(count)] == expected


def test_pictures_go_alone_where_memory_is_short(pictures, tmp_path, monkeypatch):
    counter = Counter()
    monkeypatch.setattr("srcli.engine.sessions.session.infer", counter)
    needed = 2**30
    monkeypatch.setattr(stages, "memory_needed", lambda _: needed)
    monkeypatch.setattr(stages, "available_memory", lambda _: 2 * SEVERAL * needed - 1)
    assert len(enlarge(pictures, tmp_path / "out")) == 2 * SEVERAL
    assert counter.most == 1


def test_a_large_picture_waits_for_the_others_and_has_all_to_itself(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(stages, "_SMALL_PIXELS", 2000)
    noise(pictures / "3.png", (50, 41))
    run = batch(pictures, tmp_path / "out")
    watch = Watch(run)
    monkeypatch.setattr(run.worker, "enlarge", watch)
    heard = Heard()
    run.start(heard)
    assert watch.threads == {f"{number}.png": SEVERAL if number == 3 else 1 for number in range(2 * SEVERAL)}
    assert watch.beside["3.png"] == 0
    assert [report.output for report in heard.reports] == [
        str(tmp_path / "out" / f"{number}_x2.png") for number in range(2 * SEVERAL)
    ]


def test_a_gpu_runs_for_several_pictures_in_turn(pictures, tmp_path, monkeypatch):
    enlarge(pictures, tmp_path / "cpu")
    fake_gpu.pretend(monkeypatch)
    counter, meeting = Counter(infer_levels), threading.Barrier(SEVERAL)
    monkeypatch.setattr("srcli.engine.sessions.session.infer_levels", counter)
    run = batch(pictures, tmp_path / "out", device="cuda")
    enlarge_work = run.worker.enlarge

    def meet(work):
        meeting.wait(PATIENCE_S)
        enlarge_work(work)

    monkeypatch.setattr(run.worker, "enlarge", meet)
    heard = Heard()
    run.start(heard)
    assert [report.device for report in heard.reports] == ["cuda:0"] * 2 * SEVERAL
    assert counter.most == 1
    assert written(tmp_path / "out") == written(tmp_path / "cpu")


def test_failures_stay_with_their_pictures(pictures, tmp_path):
    (pictures / "2.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "5_x2.png").write_bytes(b"mine")
    reports = enlarge(pictures, tmp_path / "out")
    assert [index for index, report in enumerate(reports) if report.status is Status.FAILED] == [2, 5]
    assert (tmp_path / "out" / "5_x2.png").read_bytes() == b"mine"
    assert len(written(tmp_path / "out")) == 2 * SEVERAL - 1


def test_a_generator_that_fails_is_told_for_each_picture(pictures, tmp_path):
    (tmp_path / "models" / "tiny-x2.onnx").write_bytes(b"rubbish")
    reports = enlarge(pictures, tmp_path / "out")
    assert [report.status for report in reports] == [Status.FAILED] * 2 * SEVERAL
    assert not (tmp_path / "out").exists() or not os.listdir(tmp_path / "out")


@pytest.mark.parametrize("place", ["srcli.upscaling.stages.open_rows", "srcli.engine.sessions.session.infer"])
def test_what_fails_on_the_way_leaves_nothing(pictures, tmp_path, monkeypatch, place):
    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(place, fail)
    reports = enlarge(pictures, tmp_path / "out")
    assert all("No space left on device" in report.error for report in reports)
    assert len(reports) == 2 * SEVERAL
    assert os.listdir(tmp_path / "out") == []


def test_interrupt_leaves_whole_files_only(pictures, tmp_path):
    class Impatient(Heard):
        def finished(self, outcome):
            super().finished(outcome)
            raise KeyboardInterrupt

    heard = Impatient()
    with pytest.raises(KeyboardInterrupt):
        batch(pictures, tmp_path / "out").start(heard)
    assert len(heard.reports) == 1
    names = {name for name in os.listdir(tmp_path / "out") if name != ".srcli-manifest.jsonl"}
    assert names <= {f"{n}_x2.png" for n in range(2 * SEVERAL)}
    for name in names:
        with Image.open(tmp_path / "out" / name) as picture:
            picture.load()


def test_resumed_pictures_are_skipped_in_order(pictures, tmp_path):
    first = enlarge(pictures, tmp_path / "out")
    (tmp_path / "out" / "1_x2.png").unlink()
    again = enlarge(pictures, tmp_path / "out", resume=True)
    assert [report.status for report in again] == [
        Status.DONE if n == 1 else Status.SKIPPED for n in range(2 * SEVERAL)
    ]
    assert [report.output for report in again] == [report.output for report in first]
