"""The law of rows: a picture that passes in bands comes out as it does whole, bit for bit."""

from __future__ import annotations

import threading

import corpus
import numpy as np
import pytest

from srcli.cli.app import run
from srcli.core.geometry import Size
from srcli.core.pixel_format import PixelFormat
from srcli.core.rows import Rows, SlidingRows, abreast, rows_of, whole
from srcli.engine.inference import ort_session
from srcli.engine.sessions.session import open_session
from srcli.engine.tiling.pad import pad_rows
from srcli.engine.tiling.tiled import TiledRun
from srcli.imaging.pixels.resize import METHODS, resize, resize_rows
from tests import tiny_models

HEIGHT, WIDTH = 71, 53


def noise(channels=3, height=HEIGHT, width=WIDTH):
    return np.random.default_rng(7).random((height, width, channels), dtype=np.float32)


def in_bands(picture, *heights):
    """The picture in bands of these heights, over and over."""

    def read(start):
        index = 0
        while start < len(picture):
            height = heights[index % len(heights)]
            yield picture[start : start + height]
            start, index = start + height, index + 1

    return Rows(Size(*picture.shape[:2]), read)


def test_sliding_rows_give_any_rows_not_dropped_yet():
    picture = noise()
    seen = SlidingRows(in_bands(picture, 3, 5).read(10), 10)
    for start, stop in [(10, 12), (10, 30), (12, 13), (29, 71)]:
        np.testing.assert_array_equal(seen.rows(start, stop), picture[start:stop])
        seen.drop(start)


def test_pictures_side_by_side_keep_step():
    picture, other = noise(), noise(1)
    bands = list(abreast(in_bands(picture, 7), in_bands(other, 4))(5))
    assert [len(first) for first, _ in bands] == [7] * 9 + [3]
    np.testing.assert_array_equal(np.concatenate([second for _, second in bands]), other[5:])


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (71, 53)])
@pytest.mark.parametrize("more", [(0, 4), (5, 0), (17, 9)])
@pytest.mark.parametrize("start", [0, 1, 60])
def test_padding_in_bands_is_numpys(size, more, start):
    picture = noise(3, *size)
    expected = np.pad(picture, ((0, more[0]), (0, more[1]), (0, 0)), mode="reflect")
    start %= len(expected)
    padded = pad_rows(in_bands(picture, 6), Size(*expected.shape[:2]))
    np.testing.assert_array_equal(np.concatenate(list(padded.read(start))), expected[start:])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [Size(30, 99), Size(72, 20), Size(200, 53), Size(3, 3)])
def test_resizing_in_bands_is_resizing(method, size, monkeypatch):
    picture = noise()
    expected = resize(picture, size, method=method)
    monkeypatch.setattr("srcli.imaging.pixels.resize._STRIP_VALUES", 1000)
    rows = resize_rows(in_bands(picture, 2, 9), size, 3, method=method)
    np.testing.assert_array_equal(whole(rows), expected)
    start = size.height // 2
    np.testing.assert_array_equal(np.concatenate(list(rows.read(start))), expected[start:])


@pytest.mark.parametrize("name", ["deep", "pairs_of_pixels", "fixed_size", "pooled"])
@pytest.mark.parametrize("overlap", [3, 6])
@pytest.mark.parametrize("start", [0, 1, 77, 141])
def test_a_generator_goes_on_from_any_row(name, overlap, start, tmp_path):
    session = open_session(getattr(tiny_models, name)(tmp_path / "tiny.onnx"), ort_session.CPU)
    picture = noise()

    def tiled(rows):
        return TiledRun(rows, session, window=Size(32, 40), overlap=overlap, explicit=False)

    expected = whole(tiled(rows_of(picture)).rows)
    read = list(tiled(in_bands(picture, 1, 13)).rows.read(start))
    np.testing.assert_array_equal(np.concatenate(read), expected[start:])


def test_finishing_windows_is_finishing_the_result(tmp_path):
    for name in ("deep", "pooled"):
        session = open_session(getattr(tiny_models, name)(tmp_path / f"{name}.onnx"), ort_session.CPU)

        def tiled(session=session, **more):
            run = TiledRun(rows_of(noise()), session, window=Size(32, 40), overlap=6, explicit=False, **more)
            return whole(run.rows)

        expected = np.rint(tiled() * 255).astype(np.uint8)[:, :, :1]
        found = tiled(pixels=PixelFormat(lambda band: np.rint(band[:, :, :1] * 255).astype(np.uint8)))
        np.testing.assert_array_equal(found, expected)


CASES = {
    "colour": (3, 8, []),
    "grey": (1, 8, []),
    "alpha": (4, 8, []),
    "wide": (3, 16, []),
    "wide alpha": (4, 16, []),
    "exact size": (3, 8, ["--longest", "150"]),
    "chain": (3, 8, ["-s", "6"]),
    "strength": (3, 8, ["--strength", "0.4"]),
    "blend": (3, 8, ["--overlap", "4", "--tile", "32"]),
    "blend alpha": (4, 8, ["--overlap", "5", "--tile", "32", "-s", "2.5"]),
    "interpolation": (3, 8, ["-m", "lanczos", "-s", "3"]),
    "smaller": (3, 8, ["--longest", "40"]),
}


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    for scale in (2, 3):
        tiny_models.install(tmp_path / "models", name="tiny", scale=scale)
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path / "models"))


def save(path, channels, depth):
    pixels = corpus.pixels(channels, depth, HEIGHT, WIDTH)
    pixels[20:40, 10:30, 3:] = 0
    kinds = {(1, 8): "b-w", (1, 16): "grey16"}
    kind = kinds.get((channels, depth), "srgb" if depth == 8 else "rgb16")
    path.write_bytes(corpus.vips_file(pixels, path.suffix, kind))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("read", "written"), [("png", "png"), ("tif", "tif"), ("png", "webp")])
def test_read_in_rows_or_whole_the_file_is_the_same(case, read, written, tiny, tmp_path, monkeypatch):
    channels, depth, options = CASES[case]
    picture = tmp_path / f"in.{read}"
    save(picture, channels, depth)

    words = ["upscale", str(picture), "-q", *options]
    words += [] if "-m" in options else ["-m", "tiny"]
    words += [] if {"-s", "--longest"} & {*options} else ["-s", "2"]

    def make(name):
        target = tmp_path / f"{name}.{written}"
        assert run([*words, "-o", str(target)]) == 0
        return target.read_bytes()

    expected = make("whole")
    monkeypatch.setattr("srcli.upscaling.estimates.ROWS_FROM_PIXELS", 0)
    monkeypatch.setattr("srcli.imaging.readers.band_reader._BAND_BYTES", 2000)
    assert make("rows") == expected
    assert not [thread for thread in threading.enumerate() if thread.name == "read"]


@pytest.mark.parametrize("name", ["a.png", "b.jpg", "d.png"])
def test_a_file_that_ends_too_early_leaves_nothing(name, tiny, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("srcli.upscaling.estimates.ROWS_FROM_PIXELS", 0)
    picture, target = tmp_path / name, tmp_path / "out" / "larger.png"
    pixels = corpus.pixels(3, 16 if name == "d.png" else 8, 400, 300)
    data = corpus.vips_file(pixels, picture.suffix, "rgb16" if name == "d.png" else "srgb")
    picture.write_bytes(data[: len(data) * 2 // 3])
    assert run(["upscale", str(picture), "-o", str(target), "-q", "-m", "tiny", "-s", "2"]) == 1
    assert "truncated: the file ends before its picture does" in capsys.readouterr().err
    assert not target.parent.exists() or list(target.parent.iterdir()) == []
    assert not [thread for thread in threading.enumerate() if thread.name in ("read", "encode_0")]
