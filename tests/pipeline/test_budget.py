"""Time budgets: which generator is taken, and what is told where the promise is missed."""

from __future__ import annotations

import dataclasses
import json

import pytest

from srcli.cli.app import run
from srcli.core.card import Quality, TrainingRecord, write_card
from srcli.core.errors import UsageError
from srcli.pipeline import budget as budgets
from srcli.pipeline.budget import Budget, parse_budget, rivals
from tests import tiny_models
from tests.cli.conftest import save_picture

SECONDS = {"best": 30.0, "good": 3.0, "quick": 0.5, "scans": 0.1}
"""What a picture is pretended to take."""


@pytest.fixture
def generators(tmp_path, monkeypatch):
    """Three generators for clean pictures, and a quick one for scans."""
    folder = tmp_path / "models"
    folder.mkdir()
    for name, psnr_db in {"quick": 30.0, "best": 32.0, "good": 31.0, "scans": 33.0}.items():
        card = tiny_models.install(folder, name=name)
        degradation = "scanned" if name == "scans" else "drawn"
        training = TrainingRecord("data", "CC0", degradation, "1 l1", 1, 1.0, "a computer")
        quality = (Quality("Set5", "bicubic", "y", 2, psnr_db, 0.9),)
        write_card(dataclasses.replace(card, training=training, quality=quality), folder / f"{name}-x2.json")
    monkeypatch.setenv("SRCLI_MODELS", str(folder))
    monkeypatch.setattr(budgets, "_seconds", lambda run: [SECONDS[run.pool.model]] * len(run.jobs))
    return folder


def upscale(tmp_path, *words, count=1):
    for index in range(count):
        save_picture(tmp_path / "in" / f"{index}.png")
    return run(
        ["upscale", str(tmp_path / "in"), "-s", "2", "-m", "good", "-o", f"{tmp_path / 'out'}/", *words]
    )


@pytest.mark.parametrize(("words", "model"), [("60s", "best"), ("5s", "good"), ("1.5s", "quick")])
def test_the_best_that_fits_is_taken(generators, tmp_path, capsys, words, model):
    assert upscale(tmp_path, "--budget", words, "--json") == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["model"] == f"{model}-x2"
    assert f"{words}: {model}, estimated at {SECONDS[model]:.1f} s, is the best that fits" in captured.err
    slower = [name for name in ("best", "good", "quick") if SECONDS[name] > SECONDS[model]]
    assert all(f"{name} would take {SECONDS[name]:.1f} s" in captured.err for name in slower)


def test_minutes_are_for_the_run(generators, tmp_path, capsys):
    assert upscale(tmp_path, "--budget", "1m", "--json", count=3) == 0
    assert {json.loads(line)["model"] for line in capsys.readouterr().out.splitlines()} == {"good-x2"}


def test_only_generators_of_the_same_purpose_take_part(generators):
    assert rivals("good") == ["best", "good", "quick"]
    assert rivals("scans") == ["scans"]


def test_shipped_generators_by_purpose(monkeypatch):
    monkeypatch.delenv("SRCLI_MODELS", raising=False)
    assert rivals("fast")[:2] == ["fast", "plain"]
    assert "photo" not in rivals("fast")
    assert "fast" not in rivals("photo")


def test_generators_take_part_where_they_have_the_scale(monkeypatch):
    monkeypatch.delenv("SRCLI_MODELS", raising=False)
    assert rivals("fast", 4)[:3] == ["balanced", "fast", "plain"]
    assert "balanced" not in rivals("fast", 2) + rivals("fast")
    assert rivals("auto", 4)[:2] == ["auto", "balanced"]


def test_texture_that_is_invented_is_another_purpose(monkeypatch):
    monkeypatch.delenv("SRCLI_MODELS", raising=False)
    assert "crisp" not in rivals("fast", 4)
    assert rivals("crisp", 4) == ["crisp"]


def test_nothing_fits(generators, tmp_path, capsys):
    assert upscale(tmp_path, "--budget", "0.2s") == 2
    assert "no generator fits 0.2s: quick, the quickest, is estimated at 0.5 s" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_missed_promise_is_told(generators, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(budgets, "_seconds", lambda run: [0.0])
    assert upscale(tmp_path, "--budget", "0.0001s", "--json") == 0
    (warning,) = json.loads(capsys.readouterr().out)["warnings"]
    assert "more than the budget of 0.0001s" in warning
    assert upscale(tmp_path, "--budget", "0.000001m", "--overwrite") == 0
    assert "the run took" in capsys.readouterr().err


def test_a_fifth_more_is_no_miss():
    budget = Budget("10s", 10.0, per_picture=True)
    assert budget.missed(12.0) is None
    assert budget.missed(15.0) == "took 15.0 s, 50% more than the budget of 10s"


def test_budgets_in_words():
    assert parse_budget("2.5s") == Budget("2.5s", 2.5, per_picture=True)
    assert parse_budget("10m") == Budget("10m", 600.0, per_picture=False)
    assert parse_budget("1h") == Budget("1h", 3600.0, per_picture=False)
    for words in ("", "2", "-2s", "0s", "s", "2 days", "nans"):
        with pytest.raises(UsageError, match="cannot understand"):
            parse_budget(words)


def test_what_can_not_be_chosen(generators, tmp_path, capsys):
    save_picture(tmp_path / "a.png")
    for model in ("bicubic", str(generators / "good-x2.onnx")):
        assert run(["upscale", str(tmp_path / "a.png"), "-m", model, "--budget", "2s"]) == 2
        assert "among installed generators" in capsys.readouterr().err


def test_estimates_are_those_of_the_plan(generators, tmp_path, monkeypatch, capsys):
    monkeypatch.undo()
    monkeypatch.setenv("SRCLI_MODELS", str(generators))
    assert upscale(tmp_path, "--budget", "1h", "--json") == 0
    assert json.loads(capsys.readouterr().out)["model"] == "best-x2"
