"""A study from its page in a real browser to its score: a rater with known preferences, and one without."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run
from srcli.pipeline.opinion.answers import read_answers
from tests.cli.browser import downloaded, open_browser, schemes_asked, why_absent

pytestmark = pytest.mark.skipif(why_absent() is not None, reason=str(why_absent()))

CROPS = 10
QUALITY = {"original": 4.6, "lanczos": 3.5, "bicubic": 2.6, "nearest": 1.4}
METHODS = ("nearest", "bicubic", "lanczos")
TRIAL = "return state.answers.length < state.trials.length ? state.trials[state.answers.length] : null"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    (folder / "large").mkdir()
    rows, columns = np.mgrid[0:48, 0:72]
    for index in range(CROPS):
        waves = np.sin(rows / (2 + index))[:, :, None] * np.cos(columns[:, :, None] / np.array([4, 5, 6]))
        Image.fromarray(np.rint(127 + 110 * waves).astype(np.uint8)).save(folder / "large" / f"a,{index}.png")
    assert run(["degrade", str(folder / "large"), "-o", f"{folder / 'small'}/", "-s", "2"]) == 0
    return folder


def make(pictures, name, *words):
    methods = [word for method in METHODS for word in ("-m", method)]
    words = [str(pictures / "small"), "-s", "2", *methods, "--references", str(pictures / "large"), *words]
    assert run(["opinion", "make", *words, "-o", str(pictures / name)]) == 0
    return pictures / name


@pytest.fixture(scope="module")
def rating(pictures):
    return make(pictures, "rate.html", "--title", "Which <b> is best?")


@pytest.fixture(scope="module")
def choosing(pictures):
    return make(pictures, "pairs.html", "--pairs")


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    with open_browser(folder) as browser:
        browser.downloads = folder
        yield browser


def start(window, page, name=""):
    window.open(page)
    window.run("localStorage.clear()")
    # Not by a reload, which a script only asks for: what comes next might still meet the old page.
    window.open(page)
    window.wait("return !document.getElementById('start').hidden")
    window.run("document.getElementById('name').value = arguments[0]", name)
    window.click("#begin")


def save(window):
    before = set(window.downloads.glob("*.csv"))
    window.click("#save")
    return downloaded(lambda: next(iter(set(window.downloads.glob("*.csv")) - before), None))


def rate(window):
    """Rate up or down as often as makes the mean of each method its quality; the same when asked again."""
    memory, counts = {}, dict.fromkeys(QUALITY, 0)
    while trial := window.run(TRIAL):
        method, key = trial["left"], (trial["picture"], trial["left"])
        if key not in memory:
            counts[method] += 1
            memory[key] = int(QUALITY[method] + counts[method] * 0.618034 % 1)
        window.press(str(memory[key]))


def test_a_rater_whose_name_is_a_formula(window, rating):
    start(window, rating, "=1+1")
    while window.run(TRIAL):
        window.press("3")
    rows = save(window).read_text(encoding="utf-8").splitlines()[1:]
    assert rows
    assert all(row.split(",")[1].startswith("'=1+1") for row in rows)


def test_ratings_come_back_as_they_were_meant(window, rating, tmp_path, capsys):
    start(window, rating, 'Ann "A", B')
    rate(window)
    honest = save(window)
    start(window, rating, "random")
    while trial := window.run(TRIAL):
        window.press("1" if trial["left"] == "original" else "5")
    careless = save(window)
    capsys.readouterr()
    plot = tmp_path / "scores.svg"
    assert run(["opinion", "score", str(honest), str(careless), "--json", "--plot", str(plot)]) == 0
    captured = capsys.readouterr()
    outcome = json.loads(captured.out)
    assert [method["method"] for method in outcome["methods"]] == list(QUALITY)
    for method in outcome["methods"]:
        low, high = method["interval"]
        assert low <= QUALITY[method["method"]] <= high
        assert high - low < 1
        assert method["answers"] == CROPS
    assert len(outcome["raters"]) == 1
    assert outcome["raters"][0].startswith('Ann "A", B-')
    (bad,) = outcome["left_out"]
    assert f"{bad} is left out: originals are rated 1.0" in captured.err
    assert "lanczos" in plot.read_text(encoding="utf-8")


def test_pairs_come_back_in_the_order_that_was_meant(window, choosing, capsys):
    start(window, choosing)
    lost, memory = dict.fromkeys(METHODS, 0), {}
    while trial := window.run(TRIAL):
        left, right = trial["left"], trial["right"]
        pair = (trial["picture"], frozenset((left, right)))
        if pair not in memory:
            memory[pair] = max(left, right, key=QUALITY.__getitem__)
            if "original" not in (left, right):
                # Every fourth pair of results goes to the worse one.
                lost[memory[pair]] += 1
                if lost[memory[pair]] % 4 == 0:
                    memory[pair] = min(left, right, key=QUALITY.__getitem__)
        window.press("\ue012" if memory[pair] == left else "\ue014")
    answers = save(window)
    capsys.readouterr()
    assert run(["opinion", "score", str(answers), "--json"]) == 0
    outcome = json.loads(capsys.readouterr().out)
    assert [method["method"] for method in outcome["methods"]] == list(QUALITY)
    assert all(
        low <= method["score"] <= high for method in outcome["methods"] for low, high in [method["interval"]]
    )
    assert outcome["left_out"] == {}
    assert outcome["methods"][0]["wins"] == 3 * CROPS


def test_every_rater_has_an_order_of_their_own(window, rating):
    orders = []
    for _ in range(2):
        start(window, rating)
        orders.append(window.run("return state.trials.map((trial) => `${trial.picture} ${trial.left}`)"))
    assert sorted(set(orders[0])) == sorted(set(orders[1]))
    assert orders[0] != orders[1]
    assert len(orders[0]) == 44


def test_methods_are_hidden(window, rating):
    start(window, rating)
    shown = window.run(
        "return document.body.innerText + [...document.images].map((image) => image.alt).join()"
    )
    assert not any(method in shown for method in QUALITY)


def test_progress_survives_closing_the_page(window, rating):
    start(window, rating)
    window.press("3", "4")
    before = window.run("return JSON.stringify(state)")
    window.open(rating)
    window.wait("return !document.getElementById('trial').hidden")
    assert window.run("return JSON.stringify(state)") == before
    assert window.run("return document.getElementById('count').textContent") == "2 of 44"


def test_the_last_answer_can_be_taken_back(window, rating):
    start(window, rating)
    window.press("3", "4", "\ue003")
    assert window.run("return state.answers.map((answer) => answer.value)") == ["3"]
    window.click("#back")
    assert window.run("return state.answers.length") == 0


def test_buttons_answer_as_keys_do(window, choosing):
    start(window, choosing)
    window.click("[data-answer=right]")
    assert window.run("return state.answers.map((answer) => answer.value)") == ["right"]
    assert window.run("return document.images.length") == 2


def test_nothing_is_asked_of_the_network_and_nothing_fails(window, rating):
    window.log("performance")
    window.log("browser")
    start(window, rating)
    window.press("3")
    assert schemes_asked(window) <= {"file", "data", "blob"}
    assert window.log("browser") == []


def test_page_fits_a_phone(rating, choosing, tmp_path):
    with open_browser(tmp_path, phone=(390, 844)) as phone:
        for page in (rating, choosing):
            phone.open(page)
            phone.click("#begin")
            assert phone.run("return document.documentElement.scrollWidth") == 390
            smallest = "return Math.min(...[...document.querySelectorAll('#answers button')]"
            assert phone.run(f"{smallest}.map((button) => button.getBoundingClientRect().height))") >= 46
            assert phone.run("return document.documentElement.scrollHeight") <= 844


def test_the_answers_say_what_was_asked(window, rating):
    start(window, rating)
    window.run("for (const key of Array(44).fill('4')) answer(key)")
    answers = read_answers([save(window)])
    assert len(answers) == 44
    assert sum(answer.is_repeat for answer in answers) == 4
    assert {answer.picture for answer in answers} == {f"a,{index}" for index in range(CROPS)}
