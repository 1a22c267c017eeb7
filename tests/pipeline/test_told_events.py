"""Use cases tell how they go by the one protocol of events: each item once begun and once ended, in order."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from srcli.core.events import TILE, Events
from srcli.imaging.degradation.degradation import Degradation
from srcli.pipeline.degrade.files import DegradeSettings, degrade_files, find_tasks
from srcli.pipeline.evaluate.evaluation import evaluate
from srcli.pipeline.evaluate.figure import EvaluationSettings
from srcli.pipeline.evaluate.ledger import Ledger
from srcli.pipeline.measure.pair import MeasureSettings, measure_pairs
from srcli.pipeline.opinion.study import StudySettings, make_study
from srcli.upscaling.methods import Method
from tests.upscaling.fakes import FakeGenerator


class Heard(Events):
    """Notes what is told."""

    def __init__(self):
        self.told = []
        self.tiles = []

    def started(self, item):
        self.told.append(f"begin {item}")

    def progress(self, item, unit, done, total):
        self.tiles.append((item, unit, done, total))

    def finished(self, outcome):
        self.told.append(f"end {outcome.exit_code}")


@pytest.fixture
def pictures(tmp_path):
    """A picture, a file that is none, and another picture."""
    found = {}
    for name in ("a", "b", "c"):
        found[name] = tmp_path / f"{name}.png"
        noise = np.random.default_rng(ord(name)).integers(0, 256, (40, 48, 3), np.uint8)
        Image.fromarray(noise).save(found[name])
    found["b"].write_bytes(b"no picture")
    return found


def test_degrade_tells_each_file(pictures, tmp_path):
    settings = DegradeSettings(Degradation(2))
    heard = Heard()
    tasks = find_tasks(list(map(str, pictures.values())), f"{tmp_path}/low/", settings)
    reports = degrade_files(tasks, settings, heard)
    a, b, c = pictures.values()
    assert heard.told == [f"begin {a}", "end 0", f"begin {b}", "end 1", f"begin {c}", "end 0"]
    assert [report.exit_code for report in reports] == [0, 1, 0]


def test_metrics_tell_each_pair(pictures):
    heard = Heard()
    pairs = [(path, path) for path in pictures.values()]
    reports = measure_pairs(pairs, MeasureSettings(), heard)
    a, b, c = pictures.values()
    assert heard.told == [f"begin {a}", "end 0", f"begin {b}", "end 1", f"begin {c}", "end 0"]
    assert [bool(report.figures) for report in reports] == [True, False, True]


def test_evaluate_tells_each_picture_once_for_each_method_and_its_tiles(pictures):
    del pictures["b"]
    heard = Heard()
    methods = [Method("bicubic", 2), Method("fake", 2, (FakeGenerator(),))]
    figures = evaluate(pictures, methods, EvaluationSettings(2), Ledger(), heard)
    assert heard.told == ["begin a", "end 0", "begin a", "end 0", "begin c", "end 0", "begin c", "end 0"]
    assert [(figure.picture, figure.method) for figure in figures] == [
        ("a", "bicubic"),
        ("a", "fake"),
        ("c", "bicubic"),
        ("c", "fake"),
    ]
    # The generator of the tests tells one tile; an interpolation has none.
    assert heard.tiles == [("a", TILE, 1, 1), ("c", TILE, 1, 1)]


def test_a_study_tells_each_picture_and_the_tiles_of_each_method(pictures):
    del pictures["b"]
    heard = Heard()
    methods = [Method("bicubic", 2), Method("fake", 2, (FakeGenerator(),))]
    make_study(pictures, None, methods, StudySettings(), heard)
    assert heard.told == ["begin a", "end 0", "begin c", "end 0"]
    assert {item for item, *_ in heard.tiles} == {"fake"}
