"""The page of ``srcli serve`` in a real browser: what a person does with it, and what it must never do."""

from __future__ import annotations

import base64
import re
import zipfile

import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run
from tests.cli.browser import downloaded, open_browser
from tests.server.page.visits import open_page, requests_of, save_waves

PHASES = "return [...document.querySelectorAll('.row')].map((row) => row.dataset.phase)"
NAMES = "return [...document.querySelectorAll('.row-name')].map((name) => name.textContent)"
CAPTIONS = (
    "return [...document.querySelectorAll('.caption')].map((caption) => caption.firstChild.textContent)"
)
TRANSFORMS = "return [...document.querySelectorAll('.layer > img')].map((shown) => shown.style.transform)"
ALL_DONE = (
    "const rows = [...document.querySelectorAll('.row')];"
    "return rows.length === arguments[0] && rows.every((row) => row.dataset.phase === 'succeeded')"
)
LOADED = (
    "const shown = [...document.querySelectorAll('.view img')];"
    "return shown.length > 0 && shown.every((image) => image.complete && image.naturalWidth > 0)"
)
FILES = """
    const files = arguments[1].map(([name, data]) =>
      new File([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))], name));
    const transfer = new DataTransfer();
    files.forEach((file) => transfer.items.add(file));
"""
DROP = f"""{FILES}
    const target = document.querySelector(arguments[0]);
    const how = {{ bubbles: true, cancelable: true, dataTransfer: transfer }};
    for (const kind of ["dragenter", "dragover", "drop"]) target.dispatchEvent(new DragEvent(kind, how));
"""
PASTE = f"""{FILES}
    document.querySelector(arguments[0]).dispatchEvent(
      new ClipboardEvent("paste", {{ bubbles: true, cancelable: true, clipboardData: transfer }}));
"""


def _bring(page, script, selector, *paths):
    files = [(path.name, base64.b64encode(path.read_bytes()).decode()) for path in paths]
    page.run(script, selector, files)


def _start(page, count=1):
    page.wait(f"return document.querySelectorAll('.row[data-phase=staged]').length === {count}")
    page.click("#start")


def _finish(page, count=1):
    deadline_script = ALL_DONE.replace("arguments[0]", str(count))
    page.wait(deadline_script, 60)
    page.wait(LOADED)


def _enlarge(page, *paths):
    page.choose_files("#choose", *paths)
    _start(page, len(paths))
    _finish(page, len(paths))


def _save(page, selector, name):
    target = page.downloads / name
    target.unlink(missing_ok=True)
    page.click(selector)
    return downloaded(lambda: target if target.exists() else None)


def test_chosen_picture_is_enlarged_as_the_command_does(page, photo, tmp_path, models, monkeypatch):
    page.run("document.querySelector('[name=size][value=\"2\"]').click()")
    _enlarge(page, photo)
    assert page.run(CAPTIONS) == [
        "bicubic",
        page.run("return document.querySelectorAll('.card b')[2].textContent"),
    ]
    cards = page.run("return [...document.querySelectorAll('#cards .card b')].map((b) => b.textContent)")
    assert cards[:2] == ["original", "bicubic"]
    assert cards[2].startswith("tiny")
    saved = _save(page, "#download", "photo_x2.png")
    monkeypatch.setenv("SRCLI_MODELS", str(models))
    assert run(["upscale", str(photo), "-m", "tiny", "-s", "2", "-o", str(tmp_path / "own.png")]) == 0
    with Image.open(saved) as from_page, Image.open(tmp_path / "own.png") as own:
        assert from_page.size == (90, 72)
        np.testing.assert_array_equal(np.asarray(from_page), np.asarray(own))


@pytest.mark.parametrize("script", [DROP, PASTE], ids=["dropped", "pasted"])
def test_pictures_are_taken_that_are(page, photo, script):
    _bring(page, script, "body", photo)
    assert page.wait(NAMES) == ["photo.png"]
    assert page.run("return document.getElementById('veil').hidden")
    _start(page)
    _finish(page)
    assert page.run(PHASES) == ["succeeded"]


def test_preview_says_what_the_picture_becomes(page, photo):
    page.choose_files("#choose", photo)
    about = "return document.querySelector('.preview .about')?.textContent"
    page.wait("return document.querySelector('.portrait img') !== null")
    assert page.run(about) == "45 \u00d7 36 becomes 180 \u00d7 144"
    page.run("document.querySelector('[name=size][value=custom]').click()")
    page.run(
        "const amount = document.querySelector('[name=amount]'); amount.value = 90;"
        "amount.dispatchEvent(new Event('input', { bubbles: true }))"
    )
    assert page.run(about) == "45 \u00d7 36 becomes 90 \u00d7 72"
    _start(page)
    _finish(page)
    assert page.run("return document.querySelector('.row-line').textContent") == "90 \u00d7 72"


def test_progress_is_seen_and_told(page, tmp_path):
    pictures = [save_waves(tmp_path / f"{name}.png", (600, 700)) for name in ("first", "second", "third")]
    page.run(
        "window.lines = new Set(); window.told = [];"
        "new MutationObserver(() => document.querySelectorAll('.row-line').forEach((line) =>"
        "  window.lines.add(line.textContent))).observe(document.getElementById('pictures'),"
        "  { subtree: true, childList: true, characterData: true });"
        "new MutationObserver(() => window.told.push(document.getElementById('live').textContent))"
        "  .observe(document.getElementById('live'), { childList: true });"
        "window.lost = []; const offline = document.getElementById('offline');"
        "new MutationObserver(() => offline.hidden || window.lost.push(offline.textContent))"
        "  .observe(offline, { attributes: true })"
    )
    _enlarge(page, *pictures)
    assert page.run("return window.lost") == []
    lines = page.run("return [...window.lines]")
    for wanted in (r"sending, \d+ %", r"next in line|2nd in line", r"tile \d+ of \d+"):
        assert any(re.match(wanted, line) for line in lines), (wanted, lines)
    told = page.run("return window.told")
    assert "first.png is being enlarged." in told
    assert "third.png is finished." in told


def test_more_pictures_than_may_be_in_line_are_sent_as_places_come_free(page, tmp_path):
    limit = page.run("return fetch('v1/limits').then((answer) => answer.json())")["per_client"]
    pictures = [save_waves(tmp_path / f"{index}.png", (11, 13 + index)) for index in range(limit + 3)]
    _enlarge(page, *pictures)
    assert page.run(NAMES) == [path.name for path in pictures]
    assert page.run("return document.getElementById('download-all').href").count("id=") == limit + 3


def test_all_results_are_saved_as_one_zip(page, tmp_path):
    pictures = [save_waves(tmp_path / f"{name}.png", (20, 31)) for name in ("one", "two")]
    _enlarge(page, *pictures)
    address = page.run("return document.getElementById('download-all').href")
    page.click("#download-all")
    saved = downloaded(lambda: next(iter(page.downloads.glob("*.zip")), None))
    with zipfile.ZipFile(saved) as archive:
        assert sorted(archive.namelist()) == ["one_x4.png", "two_x4.png"]
        assert archive.testzip() is None
    assert address.count("id=") == 2


def test_slider_zoom_and_reset(page, photo):
    _enlarge(page, photo)
    start = page.run(TRANSFORMS)
    assert len(start) == 2
    area = page.run(
        "const area = document.querySelector('.view').getBoundingClientRect();"
        "return [area.left + area.width / 2, area.top + area.height / 2, area.width]"
    )
    page.drag((area[0], area[1]), (area[0] + area[2] / 4, area[1]))
    value = "return Number(document.getElementById('handle').getAttribute('aria-valuenow'))"
    assert page.run(value) == pytest.approx(75, abs=1)
    page.click("[data-mode=grid]")
    page.turn_wheel((area[0], area[1]), -360)
    moved = page.run(TRANSFORMS)
    assert len(moved) == 3
    assert len(set(moved)) == 1
    zoom = "return document.getElementById('zoom').textContent"
    page.click("#actual")
    assert page.run(zoom) == "100 %"
    page.click("#reset")
    page.click("[data-mode=slider]")
    assert page.run(TRANSFORMS) == start
    assert page.run(value) == 50


def test_original_keeps_its_own_pixels(page, photo):
    _enlarge(page, photo)
    page.click("[data-mode=grid]")
    page.wait(LOADED)
    sizes = page.run(
        "return [...document.querySelectorAll('.view img')].map((i) => [i.naturalWidth, i.width])"
    )
    assert sizes == [[45, 180], [180, 180], [180, 180]]
    assert page.run("return document.querySelector('.layer').classList.contains('sharp')")


def test_reference_beside_the_result_is_measured(page, tmp_path):
    large = save_waves(tmp_path / "large.png", (96, 144))
    assert run(["degrade", str(large), "-o", str(tmp_path / "small.png"), "-s", "4"]) == 0
    _enlarge(page, tmp_path / "small.png")
    _bring(page, DROP, "#reference", large)
    page.wait("return document.querySelectorAll('#cards .card').length === 4")
    lines = page.run("return [...document.querySelectorAll('#cards small')].map((line) => line.textContent)")
    assert re.match(r"\d+\.\d\d dB, 0\.\d{4}", lines[1])
    assert re.match(r"\d+\.\d\d dB, 0\.\d{4}", lines[2])
    assert page.run("return document.querySelectorAll('#cards .best').length") == 1


def test_reference_of_another_size_is_refused_with_the_reason(page, photo):
    _enlarge(page, photo)
    _bring(page, DROP, "#reference", photo)
    words = page.wait(
        "const card = document.getElementById('reference');"
        "return card.classList.contains('wrong') && document.getElementById('reference-words').textContent"
    )
    assert "45x36" in words
    assert page.run(PHASES) == ["succeeded"]


def test_panes_belong_to_the_picture_that_is_chosen(page, tmp_path):
    pictures = [
        save_waves(tmp_path / f"{name}.png", size) for name, size in (("a", (20, 31)), ("b", (24, 17)))
    ]
    _enlarge(page, *pictures)
    jobs = []
    for row in (1, 2):
        page.click(f".row:nth-child({row}) .row-choose")
        page.wait(LOADED)
        job = page.run("return document.getElementById('stage').dataset.job")
        addresses = page.run("return [...document.querySelectorAll('.view img')].map((shown) => shown.src)")
        assert all(job in address for address in addresses)
        assert job in page.address()
        jobs.append(job)
    assert jobs[0] != jobs[1]


def test_page_finds_its_pictures_again(page, tmp_path):
    pictures = [save_waves(tmp_path / f"{name}.png", (20, 31)) for name in ("first", "second")]
    _enlarge(page, *pictures)
    page.click(".row:nth-child(1) .row-choose")
    address = page.address()
    page.open("about:blank")
    page.open(address)
    _finish(page, 2)
    assert page.run(NAMES) == ["first.png", "second.png"]
    assert page.run("return document.querySelector('.scene-title').textContent") == "first.png"
    assert page.address() == address


def test_work_goes_on_while_nobody_looks(page, tmp_path):
    page.choose_files("#choose", save_waves(tmp_path / "photo.png", (600, 700)))
    _start(page)
    page.wait("return location.hash.startsWith('#job=')")
    address = page.address()
    page.open("about:blank")
    page.open(address)
    _finish(page)
    assert page.run(NAMES) == ["photo.png"]


def test_turned_photograph_is_shown_upright(page, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(save_waves(tmp_path / "lying.png", (36, 45))) as lying:
        lying.save(tmp_path / "turned.jpg", exif=exif)
    _enlarge(page, tmp_path / "turned.jpg")
    page.click("[data-mode=grid]")
    page.wait(LOADED)
    sizes = page.run(
        "return [...document.querySelectorAll('.view img')].map((i) => [i.naturalWidth, i.naturalHeight])"
    )
    assert sizes == [[36, 45], [144, 180], [144, 180]]


def test_real_pictures_of_all_kinds_are_shown(page, shared_data):
    folder = shared_data / "real" / "RealESRGAN-inputs"
    names = ("tree_alpha_16bit.png", "00017_gray.png", "children-alpha.png", "wolf_gray.jpg")
    page.run("document.querySelector('[name=size][value=\"2\"]').click()")
    _enlarge(page, *(folder / name for name in names))
    page.click("[data-mode=grid]")
    for row in range(1, len(names) + 1):
        page.click(f".row:nth-child({row}) .row-choose")
        page.wait(LOADED)
        assert page.run("return document.querySelectorAll('.view img').length") == 3
    page.click("[data-mode=slider]")


def test_phones_are_asked_for_what_every_server_reads(page):
    kinds = page.run("return document.getElementById('choose').accept").split(",")
    assert {"image/jpeg", "image/png", "image/webp", ".tiff"} <= set(kinds)
    assert not {"image/heic", ".heic", "image/*"} & set(kinds)


def test_two_users_see_nothing_of_each_other(page, address, photo, tmp_path):
    _enlarge(page, photo)
    foreign = page.address()
    with open_browser(tmp_path) as other:
        open_page(other, address)
        assert other.run(NAMES) == []
        other.open("about:blank")
        other.open(foreign)
        words = other.wait(
            "const notice = document.getElementById('notice'); return !notice.hidden && notice.textContent"
        )
        assert "belongs to another browser" in words
        assert other.run(NAMES) == []
        output = foreign.partition("#job=")[2]
        status = other.run("return fetch('v1/jobs/' + arguments[0]).then((answer) => answer.status)", output)
        assert status == 404


def test_what_is_no_picture_is_refused_with_reason_and_hint(page, tmp_path):
    (tmp_path / "letter.png").write_text("<!doctype html><p>not a picture")
    page.choose_files("#choose", tmp_path / "letter.png")
    _start(page)
    page.wait("return document.querySelector('.failure-box') !== null")
    assert page.run(PHASES)[0] in ("refused", "failed")
    assert "letter.png" in page.run("return document.querySelector('.failure-box h3').textContent")
    assert page.run("return document.querySelector('.failure-box .hint')?.textContent")
    assert "letter.png" in page.run("return document.getElementById('live').textContent")
    page.log("browser")


def test_limits_are_named_before_anything_is_sent(page, tmp_path):
    limits = page.run("return fetch('v1/limits').then((answer) => answer.json())")
    fine = page.run("return document.querySelector('.welcome-box .fine').textContent")
    assert f"{limits['upload_bytes'] // 2**20} MiB" in fine
    assert f"{limits['output_pixels'] // 10**6} megapixels" in fine
    huge = tmp_path / "huge.png"
    Image.new("1", (5000, 4000)).save(huge)
    page.choose_files("#choose", huge)
    page.wait("return document.querySelector('.row-line').textContent.includes('5000')")
    page.log("performance")
    _start(page)
    words = page.wait("return document.querySelector('.failure-box')?.textContent")
    assert "320 megapixels" in words
    assert "200 megapixels" in words
    assert not any("v1/jobs" in address for address in requests_of(page))


def test_lost_connection_is_told_and_another_try_succeeds(page, photo):
    page.choose_files("#choose", photo)
    page.wait("return document.querySelectorAll('.row[data-phase=staged]').length === 1")
    page.command("Network.enable")
    offline = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    page.command("Network.emulateNetworkConditions", offline=True, **offline)
    page.click("#start")
    words = page.wait("return document.querySelector('.failure-box')?.textContent")
    assert "does not answer" in words
    page.command("Network.emulateNetworkConditions", offline=False, **offline)
    page.click(".failure-box .primary")
    _start(page)
    _finish(page)
    page.log("browser")


def test_other_settings_begin_again_with_the_same_picture(page, photo):
    _enlarge(page, photo)
    page.run("[...document.querySelectorAll('.actions button')].at(-1).click()")
    page.wait("return document.querySelectorAll('.row[data-phase=staged]').length === 1")
    page.run("document.querySelector('[name=size][value=\"2\"]').click()")
    page.click("#start")
    _finish(page, 2)
    lines = page.run("return [...document.querySelectorAll('.row-line')].map((line) => line.textContent)")
    assert lines == ["180 \u00d7 144", "90 \u00d7 72"]


def test_clear_removes_everything_here_and_on_the_server(page, photo):
    _enlarge(page, photo)
    page.click("#clear")
    page.wait("return document.querySelector('.welcome-box') !== null")
    page.wait("return fetch('v1/jobs').then((answer) => answer.json()).then(({ jobs }) => jobs.length === 0)")
    assert "#job" not in page.address()


def test_keyboard_alone_is_enough(page, photo):
    page.choose_files("#choose", photo)
    page.wait("return document.querySelectorAll('.row[data-phase=staged]').length === 1")
    page.run("document.getElementById('model').focus()")
    for _ in range(12):
        if page.run("return document.activeElement.id") == "start":
            break
        page.press("\ue004")
    assert page.run("return document.activeElement.id") == "start"
    page.press("\ue007")
    _finish(page)
    page.run("document.getElementById('stage').focus()")
    page.press("g")
    assert page.run("return document.querySelectorAll('.view').length") == 3
    before = page.run(TRANSFORMS)
    page.press("+")
    assert page.run(TRANSFORMS) != before
    outline = "return getComputedStyle(document.activeElement).outlineStyle"
    assert page.run(outline) != "none"


def test_a_screen_reader_is_told_what_everything_is(page, photo):
    assert page.role_and_name("#model") == ("combobox", "Generator")
    assert page.role_and_name("#start") == ("button", "Enlarge")
    assert page.role_and_name("#strength")[0] == "slider"
    assert page.role_and_name("#panel") == ("main", "Picture")
    _enlarge(page, photo)
    role, name = page.role_and_name("#handle")
    assert role == "slider"
    assert "bicubic on the left" in name
    assert page.role_and_name(".row-drop") == ("button", "Remove photo.png")
    assert page.role_and_name(".tools") == ("toolbar", "Viewer")
    assert page.role_and_name(".card:nth-child(2) .save")[0] == "link"
    assert page.run("return document.getElementById('live').getAttribute('aria-live')") == "polite"
    assert page.run("return document.documentElement.lang") == "en"


def test_dark_mode_and_light_mode_are_readable(page):
    grounds = []
    for scheme in ("light", "dark"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        page.command("Emulation.setEmulatedMedia", features=features)
        colours = page.run(
            "const style = getComputedStyle(document.body); return [style.color, style.backgroundColor]"
        )
        ink, ground = (_luminance(colour) for colour in colours)
        assert (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05) > 7
        grounds.append(ground)
    page.command("Emulation.setEmulatedMedia", features=[])
    assert grounds[0] > 0.5 > grounds[1]


def _luminance(colour):
    """Relative luminance of ``rgb(...)``, WCAG 2."""
    levels = np.array([int(level) for level in re.findall(r"\d+", colour)[:3]]) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_nothing_is_asked_of_another_host_and_nothing_fails(window, address, photo):
    window.log("performance")
    window.log("browser")
    open_page(window, address)
    _enlarge(window, photo)
    window.click("[data-mode=difference]")
    window.wait(LOADED)
    asked = requests_of(window)
    assert len(asked) > 10
    assert all(url.startswith((address, "blob:", "data:", "about:")) for url in asked), asked
    assert window.log("browser") == []


def test_everything_fits_a_phone(phone, photo):
    assert phone.run("return innerWidth") == 390
    assert phone.run("return getComputedStyle(document.querySelector('[for=photograph]')).display") != "none"
    _enlarge(phone, photo)
    assert phone.run("return [innerWidth, document.documentElement.scrollWidth]") == [390, 390]
    smallest = phone.run(
        "return Math.min(...[...document.querySelectorAll('button, a.button, label.button')]"
        ".filter((shown) => shown.offsetParent).map((shown) => shown.getBoundingClientRect().height))"
    )
    assert smallest >= 44
    assert phone.run("return document.getElementById('stage').clientHeight") > 400
    place = phone.run(
        "document.getElementById('stage').scrollIntoView({block: 'center'});"
        "const area = document.querySelector('.view').getBoundingClientRect();"
        "return [area.left + area.width / 2, area.top + area.height / 2]"
    )
    zoom = "return Number(/scale\\((.+)\\)/.exec(document.querySelector('.layer > img').style.transform)[1])"
    before = phone.run(zoom)
    phone.pinch((place[0], place[1] + 120), 80, 240)
    assert phone.run(zoom) == pytest.approx(3 * before, rel=0.1)


def test_a_small_phone_scrolls_only_downwards(address, photo, tmp_path):
    with open_browser(tmp_path, phone=(320, 568)) as small:
        open_page(small, address)
        _enlarge(small, photo)
        assert small.run("return [innerWidth, document.documentElement.scrollWidth]") == [320, 320]
