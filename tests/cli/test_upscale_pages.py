"""Files of several pictures: which are enlarged, and how the outputs are named."""

from __future__ import annotations

import io
import json
import struct
import sys

import corpus
import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run
from srcli.core.errors import UsageError
from srcli.imaging.readers.pages import Pages, pages_of
from srcli.upscaling.pages import parse_pages

tifffile = pytest.importorskip("tifffile")


def page(number, step=1):
    return np.roll(corpus.pixels(3), 40 * number, axis=0)[:: step or 1, :: step or 1]


@pytest.fixture
def scan(tmp_path, monkeypatch):
    """Three pages of different sizes, a thumbnail among them."""
    monkeypatch.chdir(tmp_path)
    with tifffile.TiffWriter("scan.tif") as file:
        file.write(page(0), photometric="rgb", metadata=None)
        file.write(page(0, 2), photometric="rgb", subfiletype=1, metadata=None)
        file.write(page(1)[:9], photometric="rgb", metadata=None)
        file.write(page(2), photometric="rgb", metadata=None)
    return tmp_path / "scan.tif"


@pytest.fixture
def stereo(tmp_path, monkeypatch):
    """Two views in one JPEG file, the second with a title of its own."""
    monkeypatch.chdir(tmp_path)
    views = [Image.fromarray(page(0)), Image.fromarray(page(1)[:, ::-1].copy())]
    exif = Image.Exif()
    exif[0x010E] = "left"
    views[0].save("stereo.jpg", "MPO", save_all=True, append_images=views[1:], quality=95, exif=exif)
    return tmp_path / "stereo.jpg"


def upscale(*words):
    return run(["upscale", *map(str, words), "-m", "nearest", "-s", "2", "--quiet"])


def names(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def shown(path):
    with Image.open(path) as image:
        return np.asarray(image)[::2, ::2]


def test_one_page_is_named_after_it(scan, tmp_path):
    assert upscale(scan, "--page", "3") == 0
    assert names(tmp_path) == ["scan.tif", "scan_p3_x2.tif"]
    np.testing.assert_array_equal(shown("scan_p3_x2.tif"), page(1)[:9])


def test_all_pages_are_files_of_their_own_and_thumbnails_are_left_out(scan, tmp_path):
    assert upscale(scan, "--page", "all", "--format", "png") == 0
    assert names(tmp_path) == ["scan.tif", "scan_p1_x2.png", "scan_p3_x2.png", "scan_p4_x2.png"]
    np.testing.assert_array_equal(shown("scan_p4_x2.png"), page(2))


def test_the_main_page_is_the_default_with_one_warning(scan, tmp_path, capsys):
    assert run(["upscale", str(scan), "-m", "nearest", "-s", "2"]) == 0
    assert names(tmp_path) == ["scan.tif", "scan_x2.tif"]
    assert capsys.readouterr().err.count("warning: ") == 1


def test_a_page_that_is_asked_for_needs_no_warning(scan, capsys):
    assert run(["upscale", str(scan), "-m", "nearest", "--page", "1", "-o", "first.png"]) == 0
    assert "warning" not in capsys.readouterr().err


def test_a_page_that_is_not_there(scan, tmp_path, capsys):
    assert upscale(scan, "--page", "5") == 1
    assert "scan.tif, page 5: it has 4 pages" in capsys.readouterr().err
    assert names(tmp_path) == ["scan.tif"]


def test_a_second_run_skips_pages_and_takes_none_for_an_input(scan, tmp_path, capsys):
    assert upscale(tmp_path, "--page", "all") == 0
    made = names(tmp_path)
    capsys.readouterr()
    assert upscale(tmp_path, "--page", "all", "--resume", "--json") == 0
    statuses = [json.loads(line)["status"] for line in capsys.readouterr().out.splitlines()]
    assert statuses == ["skipped"] * 3
    assert names(tmp_path) == made


def test_another_page_to_the_same_name_is_not_finished_before(scan, capsys):
    assert upscale(scan, "--page", "1", "-o", "out.tif", "--resume") == 0
    assert upscale(scan, "--page", "4", "-o", "out.tif", "--resume") == 1
    assert "exists already" in capsys.readouterr().err


def test_a_file_of_one_picture_keeps_its_plain_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(page(0)).save("a.png")
    assert upscale("a.png", "--page", "all") == 0
    assert upscale("a.png", "--page", "1", "--overwrite") == 0
    assert names(tmp_path) == ["a.png", "a_x2.png"]
    assert upscale("a.png", "--page", "2", "--overwrite") == 1


def test_several_pages_do_not_go_to_one_file(scan, capsys):
    assert upscale(scan, "--page", "all", "-o", "out.tif") == 2
    assert "3 pictures can't go to the one file out.tif" in capsys.readouterr().err


def test_pages_of_standard_input(scan, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(scan.read_bytes())))
    assert upscale("-", "--page", "all", "-o", f"{tmp_path}/out/") == 0
    assert names(tmp_path / "out") == ["stdin_p1_x2.tif", "stdin_p3_x2.tif", "stdin_p4_x2.tif"]


def test_views_of_a_jpeg(stereo, tmp_path):
    assert upscale(stereo, "--page", "all") == 0
    assert names(tmp_path) == ["stereo.jpg", "stereo_p1_x2.jpg", "stereo_p2_x2.jpg"]
    for number, expected in ((1, page(0)), (2, page(1)[:, ::-1])):
        with Image.open(f"stereo_p{number}_x2.jpg") as image:
            assert image.format == "JPEG"
            assert np.abs(np.asarray(image)[::2, ::2].astype(int) - expected).mean() < 20
            assert image.getexif()[0x010E] == "left"


def indexed(first, *others, repeated=1):
    """A JPEG file with others behind it and an index that names each of them so many times."""
    entries = 1 + len(others) * repeated
    size = 10 + 2 * 12 + 4 + 16 * entries
    start = len(first) + 8 + size
    table = struct.pack("<4I", 0x030000, start, 0, 0)
    for other in others:
        # Places are counted from the index on, which begins behind ten bytes.
        table += struct.pack("<4I", 0, len(other), start - 10, 0) * repeated
        start += len(other)
    fields = struct.pack("<H2HII2HII", 2, 0xB001, 4, 1, entries, 0xB002, 7, len(table), 38) + bytes(4)
    body = b"MPF\0" + b"II*\0\x08\0\0\0" + fields + table
    return first[:2] + struct.pack(">2sH", b"\xff\xe2", len(body) + 2) + body + first[2:] + b"".join(others)


def test_a_gain_map_is_a_page_for_who_asks_for_it_alone():
    first, view, gain = (corpus.pillow_file(corpus.smooth_pixels(3), "JPEG", quality=90) for _ in range(3))
    packet = b'http://ns.adobe.com/xap/1.0/\0<x xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"/>'
    gain = gain[:2] + struct.pack(">2sH", b"\xff\xe1", len(packet) + 2) + packet + gain[2:]
    assert pages_of(indexed(first, gain)) == Pages(2, (1,))
    assert pages_of(indexed(first, gain, view)) == Pages(3, (1, 3))


def test_views_over_one_another_are_not_counted():
    jpeg = corpus.pillow_file(corpus.smooth_pixels(3), "JPEG", quality=90)
    assert pages_of(indexed(jpeg, jpeg, repeated=1000)).count < 50


@pytest.mark.parametrize("word", ["0", "-1", "two", "1.5", "", "²"])
def test_a_page_is_a_number_or_all(word):
    with pytest.raises(UsageError, match="there is no page"):
        parse_pages(word)
