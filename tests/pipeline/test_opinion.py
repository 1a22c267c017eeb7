"""Scoring studies: answers with a known truth, raters who fail, and files that are no answers."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from srcli.cli.app import run
from srcli.core.errors import InputError
from srcli.pipeline.opinion.answers import COLUMNS, Answer, read_answers, unreliable
from srcli.pipeline.opinion.score import score_study

pytest.importorskip("scipy")
pytest.importorskip("choix")

QUALITY = {"original": 4.4, "a": 3.5, "b": 2.4}


def rating(rater, trial, picture, method, grade, *, repeat=False):
    return Answer("s", rater, trial, repeat, picture, method, None, str(grade))


def choice(rater, trial, picture, left, right, value, *, repeat=False):
    return Answer("s", rater, trial, repeat, picture, left, right, value)


def ratings(rng, raters=8, pictures=6):
    """Each rater has a taste and each rating noise; the means over all raters are the qualities."""
    answers = []
    for rater in range(raters):
        for method, quality in QUALITY.items():
            taste = quality + rng.normal(0, 0.3)
            for picture in range(pictures):
                grade = int(np.clip(math.floor(taste + rng.random()), 1, 5))
                answers.append(rating(f"r{rater}", len(answers), f"p{picture}", method, grade))
    return answers


def test_intervals_cover_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(100):
        outcome = score_study(ratings(rng))
        for method in outcome.methods:
            if method.method != "original":
                low, high = method.interval
                covered.append(low <= QUALITY[method.method] <= high)
    assert 0.90 <= np.mean(covered) <= 0.99


def test_mean_opinion_scores_by_hand():
    answers = [rating("r", index, f"p{index}", "a", grade) for index, grade in enumerate((2, 3, 4))]
    answers += [rating("q", index, f"p{index}", "a", 5) for index in range(2)]
    (method,) = score_study(answers).methods
    assert method.score == 4.0
    assert method.answers == 5
    # Two raters with means of 3 and 5: t(0.975, 1) is 12.706, the standard error is 1.
    assert method.interval == pytest.approx((4 - 12.7062, 4 + 12.7062), abs=1e-3)
    assert score_study(answers[:1]).methods[0].interval is None


def test_strengths_are_those_that_the_choices_were_drawn_from():
    rng = np.random.default_rng(1)
    truth = {"a": 150.0, "b": 0.0, "c": -150.0}
    answers = []
    for trial in range(1500):
        left, right = rng.permutation(list(truth))[:2]
        odds = 10 ** ((truth[left] - truth[right]) / 400)
        value = "left" if rng.random() < odds / (1 + odds) else "right"
        answers.append(choice("r", trial, f"p{trial}", str(left), str(right), value))
    outcome = score_study(answers)
    assert [method.method for method in outcome.methods] == ["a", "b", "c"]
    for method in outcome.methods:
        assert method.interval[0] <= truth[method.method] <= method.interval[1]
        assert method.interval[1] - method.interval[0] < 80
    assert sum(method.wins for method in outcome.methods) == 1500


def test_a_method_that_always_wins_has_a_finite_strength():
    answers = [choice("r", trial, f"p{trial}", "a", "b", "left") for trial in range(10)]
    outcome = score_study(answers)
    assert all(math.isfinite(method.score) for method in outcome.methods)
    assert (outcome.methods[0].method, outcome.methods[0].wins) == ("a", 10)


def test_agreement():
    same = [rating(name, trial, f"p{trial}", "a", trial + 1) for name in "rq" for trial in range(5)]
    assert score_study(same).agreement == pytest.approx(1)
    opposed = same[:5] + [rating("q", trial, f"p{trial}", "a", 5 - trial) for trial in range(5)]
    assert score_study(opposed).agreement == pytest.approx(-1)
    assert score_study(same[:5]).agreement is None
    pairs = [choice("r", trial, f"p{trial}", "a", "b", "left") for trial in range(4)]
    pairs += [choice("q", trial, f"p{trial}", "b", "a", "right" if trial else "left") for trial in range(4)]
    assert score_study(pairs).agreement == pytest.approx(0.75)


def test_raters_who_fail_the_checks():
    steady = [rating("steady", trial, f"p{trial}", "a", 3) for trial in range(4)]
    steady += [rating("steady", 9 + trial, f"p{trial}", "a", 4, repeat=True) for trial in range(4)]
    wild = [rating("wild", trial, f"p{trial}", "a", 1) for trial in range(4)]
    wild += [rating("wild", 9 + trial, f"p{trial}", "a", 5, repeat=True) for trial in range(4)]
    odd = [
        rating("odd", trial, f"p{trial}", ("original", "a")[trial % 2], 1 + 3 * (trial % 2))
        for trial in range(6)
    ]
    found = unreliable([*steady, *wild, *odd])
    assert found == {
        "wild": "repeated ratings are 4.0 grades apart",
        "odd": "originals are rated 1.0, below the results with 4.0",
    }
    with pytest.raises(InputError, match="no rater passes the checks: wild"):
        score_study(wild)


def test_raters_of_pairs_who_fail_the_checks():
    sides = [choice("sides", trial, f"p{trial}", "a", "b", "left") for trial in range(4)]
    sides += [choice("sides", 9 + trial, f"p{trial}", "b", "a", "left", repeat=True) for trial in range(4)]
    true = [choice("true", trial, f"p{trial}", "a", "b", "left") for trial in range(4)]
    true += [choice("true", 9 + trial, f"p{trial}", "b", "a", "right", repeat=True) for trial in range(4)]
    blind = [choice("blind", trial, f"p{trial}", "original", "b", "right") for trial in range(4)]
    assert unreliable([*sides, *true, *blind]) == {
        "sides": "only 0% of the repeated choices are the same",
        "blind": "originals are chosen in only 0% of their pairs",
    }


def write(path, rows, header=COLUMNS):
    path.write_text("\r\n".join(",".join(map(str, row)) for row in (header, *rows)), encoding="utf-8")
    return path


def test_names_that_spreadsheets_would_take_for_formulas(tmp_path):
    rows = [("s", "'=1+1", 1, "new", "'@p", "a", "", 3, 1)]
    (answer,) = read_answers([write(tmp_path / "a.csv", rows)])
    assert (answer.rater, answer.picture) == ("=1+1", "@p")


def test_a_file_given_twice_counts_once(tmp_path):
    rows = [("s", "r", trial, "new", f"p{trial}", "a", "", 3, 1.5) for trial in range(3)]
    first, second = write(tmp_path / "a.csv", rows), write(tmp_path / "b.csv", rows)
    assert len(read_answers([first, second])) == 3
    assert len(read_answers([tmp_path])) == 3
    with pytest.raises(InputError, match="no CSV files"):
        (tmp_path / "none").mkdir()
        read_answers([tmp_path / "none"])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("s", "r", 1, "new", "p", "a", "", 6, 1)], "no such answer: '6'"),
        ([("s", "r", 1, "new", "p", "a", "b", "3", 1)], "no such answer: '3'"),
        ([("s", "r", 1, "new", "p", "", "", "3", 1)], "no such answer"),
        ([("s", "r", "x", "new", "p", "a", "", "3", 1)], "no such answer"),
        ([], "holds no answers"),
    ],
)
def test_files_that_are_no_answers(rows, message, tmp_path, capsys):
    assert run(["opinion", "score", str(write(tmp_path / "a.csv", rows))]) == 1
    assert message in capsys.readouterr().err


def test_files_of_other_kinds_and_other_studies(tmp_path, capsys):
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    assert run(["opinion", "score", str(tmp_path / "picture.csv")]) == 1
    assert run(["opinion", "score", str(tmp_path / "none.csv")]) == 1
    assert run(["opinion", "score", str(write(tmp_path / "x.csv", [], ("a", "b")))]) == 1
    assert "holds no answers of a study" in capsys.readouterr().err
    files = [write(tmp_path / f"{name}.csv", [(name, "r", 1, "new", "p", "a", "", 3, 1)]) for name in "st"]
    assert run(["opinion", "score", *map(str, files)]) == 2
    assert "2 studies: s, t" in capsys.readouterr().err


def test_the_table(tmp_path, capsys):
    rows = [("s", "r", trial, "new", f"p{trial}", "a", "", 3 + trial % 2, 1.5) for trial in range(4)]
    assert run(["opinion", "score", str(write(tmp_path / "a.csv", rows))]) == 0
    out = capsys.readouterr().out
    assert "MOS" in out
    assert "3.50" in out
    assert "1 rater" in out


def test_making_a_study_that_asks_nothing(tmp_path, capsys):
    from tests.cli.conftest import save_picture

    save_picture(tmp_path / "a.png")
    words = ["opinion", "make", str(tmp_path / "a.png"), "-s", "2", "-o", str(tmp_path / "s.html")]
    assert run([*words, "-m", "bicubic"]) == 2
    assert "needs two methods" in capsys.readouterr().err
    assert run([*words, "-m", "bicubic", "-m", "nearest", "--repeats", "1.5"]) == 2
    assert run([*words, "-m", "bicubic", "-m", "nearest"]) == 0
    assert run([*words, "-m", "bicubic", "-m", "nearest"]) == 1
    assert "exists already" in capsys.readouterr().err


def test_every_picture_needs_its_reference(tmp_path, capsys):
    from tests.cli.conftest import save_picture

    save_picture(tmp_path / "in" / "a.png")
    save_picture(tmp_path / "hr" / "b.png", (48, 66))
    words = [
        "opinion",
        "make",
        str(tmp_path / "in"),
        "-s",
        "2",
        "-m",
        "bicubic",
        "--references",
        str(tmp_path / "hr"),
    ]
    assert run([*words, "-o", str(tmp_path / "s.html")]) == 1
    assert "has no reference of its name" in capsys.readouterr().err
    assert not (tmp_path / "s.html").exists()


def test_json_is_json(tmp_path, capsys):
    rows = [("s", "r", 1, "new", "p", "a", "", 3, 1.5)]
    assert run(["opinion", "score", str(write(tmp_path / "a.csv", rows)), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["methods"][0]["interval"] is None
