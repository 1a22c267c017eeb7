"""The page of ``srcli compare`` in a real browser: what a person does with it, and what it must never do."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run
from tests.cli.browser import Browser, downloaded, open_browser, schemes_asked, why_absent

pytestmark = pytest.mark.skipif(why_absent() is not None, reason=str(why_absent()))

SIZE = (96, 144)
TRANSFORMS = "return [...document.querySelectorAll('.layer > *')].map((shown) => shown.style.transform)"
CLIP = "return document.getElementById('over').style.clipPath"
CAPTIONS = (
    "return [...document.querySelectorAll('.caption')].map((caption) => caption.firstChild.textContent)"
)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare")
    rows, columns = np.mgrid[0 : SIZE[0], 0 : SIZE[1]]
    waves = np.sin(rows / 3)[:, :, None] * np.cos(columns[:, :, None] / np.array([4, 5, 6]))
    Image.fromarray(np.rint(127 + 110 * waves).astype(np.uint8)).save(folder / "large.png")
    large, small = folder / "large.png", folder / "<!--<script>small.png"
    assert run(["degrade", str(large), "-o", str(small), "-s", "2"]) == 0
    words = ["compare", str(small), "--reference", str(large), "-s", "2", "-m", "nearest", "-m", "lanczos"]
    assert run([*words, "-o", str(folder / "page.html")]) == 0
    return folder / "page.html"


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    with open_browser(folder) as browser:
        browser.downloads = folder
        yield browser


@pytest.fixture
def browser(window, page) -> Browser:
    window.open(page)
    window.wait(
        "return [...document.images].length > 0 && [...document.images].every((image) => image.complete)"
    )
    return window


def _middle(browser, selector):
    script = "const area = document.querySelector(arguments[0]).getBoundingClientRect();"
    script += "return [area.left + area.width / 2, area.top + area.height / 2, area.width]"
    x, y, width = browser.run(script, selector)
    return (x, y), width


def _zoom(browser):
    return float(re.search(r"scale\((.+)\)", browser.run(TRANSFORMS)[0])[1])


def _translation(transform):
    return tuple(map(float, re.findall(r"(-?[\d.]+)px", transform)))


def _under(browser, place):
    """The point of the picture under a point of the window."""
    corner = browser.run(
        "const area = document.querySelector('.view').getBoundingClientRect();return [area.x, area.y]"
    )
    shift, zoom = _translation(browser.run(TRANSFORMS)[0]), _zoom(browser)
    return [(place[axis] - corner[axis] - shift[axis]) / zoom for axis in (0, 1)]


def test_page_opens_with_everything_on_it(browser):
    assert browser.run("return document.title") == "<!--<script>small.png - srcli compare"
    assert browser.run("return document.querySelector('h1').textContent") == "<!--<script>small.png"
    assert "luma (BT.601), shave 2, 8 bit" in browser.run(
        "return document.getElementById('about').textContent"
    )
    names = browser.run("return [...document.querySelectorAll('.card b')].map((name) => name.textContent)")
    assert names == ["bicubic", "nearest", "lanczos", "reference"]
    assert browser.run(CAPTIONS) == ["bicubic", "lanczos"]
    assert re.search(r"\d+\.\d\d dB", browser.run("return document.querySelector('.card small').textContent"))


def test_slider_moves_with_the_mouse_and_with_keys(browser):
    handle, _ = _middle(browser, "#handle")
    _, width = _middle(browser, ".view")
    assert browser.run(CLIP).endswith(" 50%)")
    browser.drag(handle, (handle[0] + width / 4, handle[1]))
    shown = browser.run("return Number(document.getElementById('handle').getAttribute('aria-valuenow'))")
    assert shown == pytest.approx(75, abs=1)
    assert float(re.search(r"([\d.]+)%\)", browser.run(CLIP))[1]) == pytest.approx(75, abs=1)
    # The version on the left ends where the other begins, or it would show through transparent parts.
    left = browser.run("return document.querySelector('.layer').style.clipPath")
    assert float(re.search(r"([\d.]+)%", left)[1]) == pytest.approx(25, abs=1)
    browser.press("\ue012", "\ue012")
    moved = browser.run("return Number(document.getElementById('handle').getAttribute('aria-valuenow'))")
    assert moved == pytest.approx(shown - 4, abs=1)


def test_zoom_and_pan_are_the_same_in_every_pane(browser):
    browser.press("g")
    assert browser.run("return document.querySelectorAll('.view').length") == 4
    before = _zoom(browser)
    second, _ = _middle(browser, ".view:nth-child(2)")
    browser.turn_wheel(second, -360)
    transforms = browser.run(TRANSFORMS)
    assert len(set(transforms)) == 1
    assert _zoom(browser) > 1.2 * before
    browser.drag(second, (second[0] + 40, second[1] + 15))
    moved = browser.run(TRANSFORMS)
    assert len(set(moved)) == 1
    (x, y), (old_x, old_y) = (_translation(found[0]) for found in (moved, transforms))
    shift = [x - old_x, y - old_y]
    assert shift == pytest.approx([40, 15], abs=0.5)


def test_wheel_keeps_the_point_under_the_mouse(browser):
    (x, y), width = _middle(browser, ".view")
    place = (x + width / 8, y + 20)
    place = tuple(map(round, place))
    before = _under(browser, place)
    browser.turn_wheel(place, -360)
    assert _under(browser, place) == pytest.approx(before, abs=0.1)


def test_difference_shows_what_differs(browser, page):
    browser.press("d", "z")
    left, right = (_pane(browser, index) for index in (0, 2))
    expected = np.minimum(5 * np.abs(left.astype(int) - right), 255)
    shown = browser.screenshot()
    x, y = _corner(browser)
    np.testing.assert_array_equal(shown[y + 40 : y + SIZE[0], x : x + SIZE[1]], expected[40:])
    assert expected.max() > 0


def _corner(browser):
    """Where the picture begins in the window: below the caption it is free."""
    script = "const area = document.querySelector('.layer > img').getBoundingClientRect();"
    return [round(place) for place in browser.run(script + "return [area.left, area.top]")]


def _pane(browser, index):
    """A pane's (height, width, 3) levels, from the very bytes that can be saved."""
    script = "return (async (index) => { const source = new Image();"
    script += "source.src = document.querySelectorAll('.save')[index].href;"
    script += "await source.decode(); const canvas = document.createElement('canvas');"
    script += "Object.assign(canvas, {width: source.width, height: source.height});"
    script += "const context = canvas.getContext('2d'); context.drawImage(source, 0, 0);"
    script += "return [...context.getImageData(0, 0, source.width, source.height).data]; })(arguments[0])"
    return np.reshape(browser.run(script, index), (*SIZE, 4))[:, :, :3].astype(np.uint8)


def test_amplification_is_chosen(browser):
    browser.press("d")
    browser.run(
        "const gain = document.getElementById('gain'); gain.value = 12;gain.dispatchEvent(new Event('input'))"
    )
    assert browser.run("return document.querySelector('.pictures').style.filter") == "brightness(12)"
    assert browser.run("return document.getElementById('gain-value').textContent") == "12 times"


def test_reset_brings_back_the_start(browser):
    start = browser.run(TRANSFORMS)
    browser.press("x", "+", "\ue015")
    browser.run("document.getElementById('handle').focus()")
    browser.press("\ue014", "\ue014")
    assert browser.run(TRANSFORMS) != start
    browser.click("#reset")
    assert browser.run(TRANSFORMS) == start
    assert browser.run(CAPTIONS) == ["bicubic", "lanczos"]
    assert browser.run(CLIP).endswith(" 50%)")


def test_scroll_bar_tells_the_place_and_moves_it(browser):
    shown = "return document.querySelector('.bar.horizontal').offsetParent !== null"
    assert not browser.run(shown)
    for _ in range(6):
        browser.press("+")
    assert browser.run(shown)
    thumb, _ = _middle(browser, ".horizontal .thumb")
    before = _translation(browser.run(TRANSFORMS)[0])[0]
    browser.drag(thumb, (thumb[0] + 60, thumb[1]))
    assert _translation(browser.run(TRANSFORMS)[0])[0] < before - 60
    assert _middle(browser, ".horizontal .thumb")[0][0] == pytest.approx(thumb[0] + 60, abs=2)


def test_keys_choose_swap_and_fit(browser):
    browser.press("4")
    assert browser.run(CAPTIONS) == ["bicubic", "reference"]
    browser.press("x")
    assert browser.run(CAPTIONS) == ["reference", "bicubic"]
    browser.press("z")
    assert browser.run("return document.getElementById('zoom').textContent") == "100 %"
    browser.press("c")
    assert _zoom(browser) > 2
    browser.press("0")
    fitted = _zoom(browser)
    browser.press("+")
    assert _zoom(browser) == pytest.approx(1.25 * fitted)
    browser.press("?")
    assert browser.run("return document.getElementById('help').open")


def test_held_space_shows_the_left_version(browser):
    flip = "document.body.dispatchEvent(new KeyboardEvent(arguments[0], {key: ' ', bubbles: true}))"
    browser.run(flip, "keydown")
    assert browser.run(CAPTIONS) == ["bicubic", "bicubic"]
    browser.run(flip, "keyup")
    assert browser.run(CAPTIONS) == ["bicubic", "lanczos"]


def test_buttons_do_what_keys_do(browser):
    browser.click('[data-side="left"][data-index="3"]')
    assert browser.run(CAPTIONS)[0] == "reference"
    browser.click('[data-mode="grid"]')
    assert browser.run(CAPTIONS) == ["bicubic", "nearest", "lanczos", "reference"]
    pressed = "return [...document.querySelectorAll('[data-mode]')].map((mode) => mode.ariaPressed)"
    assert browser.run(pressed) == ["false", "true", "false"]


def test_download_is_the_picture(browser, page):
    browser.click(".card:nth-child(4) .save")
    target = browser.downloads / "_!--_script_small_x2_reference.png"
    downloaded(lambda: target if target.exists() else None)
    with Image.open(target) as saved, Image.open(page.with_name("large.png")) as large:
        np.testing.assert_array_equal(np.asarray(saved), np.asarray(large))


def test_nothing_is_asked_of_the_network_and_nothing_fails(window, page):
    window.log("performance")
    window.log("browser")
    window.open(page)
    window.wait("return [...document.images].every((image) => image.complete)")
    window.press("g", "d")
    window.wait("return document.querySelector('.difference') !== null")
    assert schemes_asked(window) <= {"file", "data", "blob"}
    assert window.log("browser") == []


def test_page_fits_a_phone(page, tmp_path):
    with open_browser(tmp_path, phone=(390, 844)) as phone:
        phone.open(page)
        assert phone.run("return innerWidth") == 390
        assert phone.run("return document.documentElement.scrollWidth") == 390
        smallest = "return Math.min(...[...document.querySelectorAll('button')].filter((b) => b.offsetParent)"
        assert phone.run(f"{smallest}.map((button) => button.getBoundingClientRect().height))") >= 40
        assert phone.run("return document.getElementById('stage').clientHeight") > 400
        assert phone.run("return parseFloat(getComputedStyle(document.body).fontSize)") >= 14
        place, before = _middle(phone, ".view")[0], _zoom(phone)
        phone.pinch((place[0], place[1] + 120), 80, 240)
        assert _zoom(phone) == pytest.approx(3 * before, rel=0.1)
