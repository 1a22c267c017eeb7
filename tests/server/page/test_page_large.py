"""Results of many megapixels: the page holds tiles, and only those in view."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.server.page.visits import open_page

SIDE = 1440
SHOWN = "[...document.querySelectorAll('.view img')]"
LOADED = f"const shown = {SHOWN}; return shown.length > 0 && shown.every((image) => image.naturalWidth > 0)"
ADDRESSES = f"return {SHOWN}.map((image) => new URL(image.src).pathname)"


@pytest.fixture(scope="module")
def large(window, address, tmp_path_factory):
    """The page with a result of 33 megapixels."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    path = tmp_path_factory.mktemp("large") / "large.png"
    Image.fromarray(((rows // 90 + columns // 90) % 2 * 200).astype(np.uint8)).save(path)
    open_page(window, address)
    window.run(
        "const model = document.getElementById('model'); model.value = 'nearest';"
        "model.dispatchEvent(new Event('input', { bubbles: true }))"
    )
    window.choose_files("#choose", path)
    window.wait("return document.querySelectorAll('.row[data-phase=staged]').length === 1")
    window.click("#start")
    window.wait("return document.querySelector('.tiles') !== null", 120)
    window.wait(LOADED, 120)
    return window


def _levels(browser):
    return {int(path.split("/")[-2]) for path in browser.run(ADDRESSES)}


def test_one_tile_of_each_version_is_waited_for_first(large):
    asked = large.run(
        "return performance.getEntriesByType('resource').filter((entry) => entry.name.includes('/tiles/'))"
        ".map((entry) => [entry.name.split('/tiles/')[1], entry.startTime, entry.responseEnd])"
    )
    for version in ("bicubic", "generator"):
        first, *others = sorted((entry for entry in asked if entry[0].startswith(version)), key=_start_of)
        assert first[0] == f"{version}/0/0_0"
        assert others
        assert all(_start_of(other) >= first[2] for other in others)


def _start_of(entry):
    return entry[1]


def test_whole_picture_is_shown_by_few_small_tiles(large):
    large.click("[data-mode=slider]")
    large.click("#reset")
    large.wait(LOADED, 60)
    sizes = large.run(f"return {SHOWN}.flatMap((image) => [image.naturalWidth, image.naturalHeight])")
    assert max(sizes) <= 512
    assert len(sizes) < 2 * 40
    assert max(_levels(large)) < 3


def test_pixel_for_pixel_shows_the_full_size_in_step(large):
    large.click("[data-mode=slider]")
    large.click("#actual")
    large.wait(LOADED, 60)
    large.wait(f"return {SHOWN}.some((image) => image.src.includes('/4/'))")
    left, right = large.run(
        "return [...document.querySelectorAll('.tiles')].map((tiles) => [...tiles.children].map((tile) =>"
        " tile.src.split('/').slice(-2).join('/') + ' ' + tile.style.cssText).sort())"
    )
    assert left == right
    assert max(_levels(large)) == 4
    assert len(left) < 30


def test_tiles_meet_without_gaps(large):
    large.click("[data-mode=grid]")
    large.click("#reset")
    for _ in range(4):
        large.click("#in")
    large.wait(LOADED, 60)
    boxes = large.run(
        "const tiles = [...document.querySelector('.tiles').children];"
        "const deepest = Math.max(...tiles.map((tile) => +tile.style.zIndex));"
        "return tiles.filter((tile) => +tile.style.zIndex === deepest)"
        ".map((t) => { const a = t.getBoundingClientRect(); return [a.left, a.right, a.top, a.bottom]; })"
    )
    for edge in (0, 2):
        starts, ends = ({round(box[edge + side], 3) for box in boxes} for side in (0, 1))
        assert starts - {min(starts)} == ends - {max(ends)}
    assert len(boxes) > 1


def test_what_leaves_the_view_leaves_the_page(large):
    large.click("[data-mode=slider]")
    large.click("#actual")
    large.wait(LOADED, 60)
    first = set(large.run(ADDRESSES))
    large.run("document.getElementById('stage').focus()")
    large.press(*["\ue015"] * 30)
    large.wait(LOADED, 60)
    second = set(large.run(ADDRESSES))
    assert len([path for path in second if "/4/" in path]) < 40
    assert not {path for path in first & second if "/4/" in path}
