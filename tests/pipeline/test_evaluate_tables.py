"""Evaluation: methods, the ledger, tables and the plot."""

from __future__ import annotations

import dataclasses
import math
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from srcli.core.errors import OutputError, UnknownModel, UsageError
from srcli.core.events import Events
from srcli.core.outcome import Failure
from srcli.pipeline.evaluate.evaluation import evaluate
from srcli.pipeline.evaluate.figure import EvaluationSettings, Figure
from srcli.pipeline.evaluate.ledger import LEDGER_NAME, Ledger
from srcli.pipeline.evaluate.outputs import open_ledger, write_outputs
from srcli.pipeline.evaluate.plot import draw_plot
from srcli.pipeline.evaluate.tables import best_in_column, caption, make_rows, to_csv, to_markdown
from srcli.pipeline.measure.pairs import named_pictures
from srcli.upscaling.methods import Method, open_methods
from tests.upscaling.fakes import FakeGenerator

SETTINGS = EvaluationSettings(2)


class _Generator(FakeGenerator):
    @property
    def card(self):
        card = super().card
        card.parameters = 2000
        return card


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "references"
    folder.mkdir()
    rows, columns = np.mgrid[0:33, 0:46]
    for index, name in enumerate(("a", "b")):
        waves = np.sin(rows / (4 + index))[:, :, None] * np.cos(columns[:, :, None] / np.array([5, 6, 7]))
        Image.fromarray(np.rint(127 + 110 * waves).astype(np.uint8)).save(folder / f"{name}.png")
    return named_pictures(folder)


def _methods(lift=0.0):
    return [Method("bicubic", 2), Method("fake", 2, (_Generator(2, lift),))]


def _evaluate(pictures, methods, ledger=None, settings=SETTINGS):
    return evaluate(pictures, methods, settings, ledger or Ledger(), Events())


def test_every_picture_and_method_gets_a_figure(pictures):
    figures = _evaluate(pictures, _methods())
    assert [(figure.picture, figure.method) for figure in figures] == [
        ("a", "bicubic"),
        ("a", "fake"),
        ("b", "bicubic"),
        ("b", "fake"),
    ]
    assert {figure.size for figure in figures} == {(46, 32)}
    assert {figure.protocol for figure in figures} == {"luma (BT.601), shave 2, 8 bit"}
    assert {figure.degradation for figure in figures} == {"bicubic /2"}
    assert figures[0].figures["psnr"] > figures[1].figures["psnr"] > 20


def test_bicubic_on_set5_meets_the_published_figure(shared_data):
    pictures = named_pictures(shared_data / "bench" / "Set5")
    settings = EvaluationSettings(4)
    methods = [Method("bicubic", 4)]
    (row,) = make_rows(_evaluate(pictures, methods, settings=settings), methods, settings.metrics)
    # The colour pipeline, which real tools run: pictures are shrunk as RGB, then luma is measured.
    assert row.statistics["psnr"].mean == pytest.approx(28.431, abs=0.01)
    assert row.statistics["ssim"].mean == pytest.approx(0.8113, abs=0.0005)


def test_a_bad_picture_does_not_end_the_run(pictures):
    pictures["a"].write_bytes(b"no picture")
    methods = _methods()
    figures = _evaluate(pictures, methods)
    assert [bool(figure.error) for figure in figures] == [True, True, False, False]
    assert [(row.pictures, row.failed) for row in make_rows(figures, methods, ("psnr",))] == [(1, 1)] * 2


def test_a_bug_in_one_method_does_not_end_the_run(pictures, monkeypatch):
    broken = _Generator(2)
    monkeypatch.setattr(type(broken), "run", lambda *_: 1 / 0)
    figures = _evaluate(pictures, [Method("fake", 2, (broken,)), Method("bicubic", 2)])
    assert [figure.exit_code for figure in figures] == [70, 0, 70, 0]
    assert figures[0].error == "internal error: ZeroDivisionError: division by zero"
    assert "ZeroDivisionError" in figures[0].to_json()["traceback"]


def test_a_bug_in_one_picture_is_told_for_every_method(pictures, monkeypatch):
    monkeypatch.setattr("srcli.pipeline.evaluate.evaluation.degrade", lambda *_, **__: 1 / 0)
    assert {figure.exit_code for figure in _evaluate(pictures, _methods())} == {70}


def test_settings_refuse_nonsense():
    with pytest.raises(UsageError, match="cannot evaluate at x0"):
        EvaluationSettings(0)
    with pytest.raises(UsageError, match="unknown metric"):
        EvaluationSettings(2, metrics=("lpips",))


class TestMethods:
    def test_interpolations_need_no_generator(self):
        (method,) = open_methods(["lanczos", "lanczos"], 3)
        assert (method.label, method.sha256, method.parameters) == ("lanczos", None, None)
        assert method.enlarge(np.zeros((4, 5, 1), np.float32)).shape == (12, 15, 1)

    def test_unknown_names_are_refused(self):
        with pytest.raises(UnknownModel, match="nobody"):
            open_methods(["nobody"], 2, device="cpu")


class TestLedger:
    def test_resuming_measures_nothing_twice(self, pictures, tmp_path):
        first = _evaluate(pictures, _methods(), Ledger(tmp_path / "out"))
        generator = _Generator(2)
        methods = [Method("bicubic", 2), Method("fake", 2, (generator,))]
        again = _evaluate(pictures, methods, Ledger(tmp_path / "out", resume=True))
        assert generator.seen == []
        assert again == first

    def test_other_settings_and_changed_pictures_are_measured_anew(self, pictures, tmp_path):
        _evaluate(pictures, _methods(), Ledger(tmp_path / "out"))
        ledger = Ledger(tmp_path / "out", resume=True)
        method = _methods()[1]
        assert ledger.find(pictures["a"], method, SETTINGS)
        assert not ledger.find(pictures["a"], method, dataclasses.replace(SETTINGS, channel="rgb"))
        Image.new("RGB", (40, 40)).save(pictures["a"])
        assert not ledger.find(pictures["a"], method, SETTINGS)

    def test_a_torn_line_is_measured_again(self, pictures, tmp_path):
        _evaluate(pictures, _methods(), Ledger(tmp_path / "out"))
        path = tmp_path / "out" / LEDGER_NAME
        text = path.read_text()
        path.write_text(text[: len(text) - 40])
        ledger = Ledger(tmp_path / "out", resume=True)
        assert ledger.find(pictures["b"], _methods()[0], SETTINGS)
        assert not ledger.find(pictures["b"], _methods()[1], SETTINGS)

    def test_infinite_figures_survive(self, tmp_path, pictures):
        ledger = Ledger(tmp_path)
        figure = Figure("a", "fake", None, 2, "bicubic /2", "p", (4, 6), 0.5, {"psnr": math.inf})
        ledger.note(pictures["a"], _methods()[0], SETTINGS, figure)
        again = Ledger(tmp_path, resume=True).find(pictures["a"], _methods()[0], SETTINGS)
        assert again == figure

    def test_an_evaluation_is_not_lost_by_accident(self, tmp_path, pictures):
        _evaluate(pictures, _methods(), Ledger(tmp_path / "out"))
        with pytest.raises(OutputError, match="holds an evaluation already") as caught:
            open_ledger(tmp_path / "out", resume=False, overwrite=False)
        assert "--resume" in caught.value.hint
        open_ledger(tmp_path / "out", resume=False, overwrite=True)
        assert (tmp_path / "out" / LEDGER_NAME).read_text() == ""


class TestTables:
    def _figures(self):
        return [
            Figure(name, method, None, 2, "bicubic /2", "p", (4, 6), seconds, {"psnr": psnr, "mse": 1 / psnr})
            for name, method, psnr, seconds in (
                ("a", "bicubic", 30.0, 0.5),
                ("b", "bicubic", 32.0, 0.7),
                ("a", "fake", 31.0, 0.01),
                ("b", "fake", 34.0, 0.03),
            )
        ]

    def test_rows_hold_means(self):
        rows = make_rows(self._figures(), _methods(), ("psnr",))
        assert [row.statistics["psnr"].mean for row in rows] == [31, 32.5]
        assert [row.seconds for row in rows] == [0.6, 0.02]

    def test_pictures_that_failed_once_count_for_none(self):
        figures = self._figures()
        figures[0] = dataclasses.replace(figures[0], figures={}, failure=Failure("no"))
        rows = make_rows(figures, _methods(), ("psnr",))
        assert [row.statistics["psnr"].mean for row in rows] == [32, 34]
        assert [(row.pictures, row.failed) for row in rows] == [(1, 1), (1, 0)]

    def test_the_best_depends_on_the_metric(self):
        rows = make_rows(self._figures(), _methods(), ("psnr", "mse"))
        assert best_in_column(rows, "psnr") == best_in_column(rows, "mse") == "fake"
        assert best_in_column([], "psnr") is None

    def test_markdown_marks_the_best(self):
        figures = self._figures()
        text = to_markdown(make_rows(figures, _methods(), ("psnr",)), ("psnr",), caption(figures))
        assert text.splitlines()[0] == "| method | PSNR dB | s/picture | parameters |"
        assert "| bicubic | 31.00 | 0.600 | - |" in text
        assert text.splitlines()[3].endswith("| 2 K |")
        assert "| **32.50** |" in text
        assert "2 pictures, bicubic /2 (MATLAB); p; means per picture" in text

    def test_csv_has_a_line_per_figure(self):
        lines = to_csv(self._figures(), ("psnr",)).splitlines()
        assert lines[0] == "picture,method,scale,protocol,width,height,psnr,seconds,error"
        assert lines[1] == "a,bicubic,2,p,4,6,30.0,0.5,"

    def test_plot_shows_every_method(self):
        rows = make_rows(self._figures(), _methods(), ("psnr",))
        svg = ElementTree.fromstring(draw_plot(rows, "psnr", "a < b"))
        words = [element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")]
        assert {"bicubic", "fake", "a < b", "seconds per picture"} <= set(words)
        assert len(list(svg.iter("{http://www.w3.org/2000/svg}circle"))) == 2

    def test_plot_of_nothing_says_so(self):
        assert "nothing was measured" in draw_plot([], "psnr", "")

    def test_outputs_are_written(self, tmp_path):
        figures = self._figures()
        write_outputs(tmp_path / "out", figures, make_rows(figures, _methods(), ("psnr",)), ("psnr",))
        assert {path.name for path in (tmp_path / "out").iterdir()} == {"table.md", "figures.csv", "plot.svg"}
