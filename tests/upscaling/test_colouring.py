"""Grey pictures to coloured ones, by a generator that sees a small view of the whole."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run
from srcli.core.errors import InputError
from srcli.core.rows import rows_of, whole
from srcli.imaging.colour.chroma import take_chroma, take_luma
from srcli.imaging.colour.colorimetry import colorimetry_of
from srcli.upscaling.generator import RunOptions, load_generator
from tests import tiny_models


@pytest.fixture
def colours(tmp_path, monkeypatch):
    """The name of a generator that gives all one chroma, beside ``tiny`` at x2."""
    folder = tmp_path / "models"
    folder.mkdir()
    tiny_models.install(folder, tiny_models.colouring, "colours", 1, overlap=0, value_range=1.0, colours=True)
    tiny_models.install(folder, name="tiny", scale=2)
    monkeypatch.setenv("SRCLI_MODELS", str(folder))
    return "colours"


@pytest.fixture
def grey(tmp_path):
    """A smooth grey picture, 61 x 45."""
    path = tmp_path / "grey.png"
    Image.fromarray(levels()).save(path)
    return path


def levels(size=(45, 61)):
    rows, columns = np.mgrid[: size[0], : size[1]]
    return (60 + rows + columns).astype(np.uint8)


def restore(*words):
    return run(["restore", *map(str, words)])


def colour_of(path):
    with Image.open(path) as picture:
        assert picture.mode == "RGB"
        return np.asarray(picture).astype(np.float32) / 255


def test_grey_gets_the_chroma_of_the_view_and_keeps_its_luma(colours, grey):
    assert restore(grey, "-m", colours) == 0
    made = colour_of(grey.with_name("grey_colours.png"))
    # Three roundings of a channel move luma by no more than half a level.
    assert take_luma(made) * 255 == pytest.approx(levels(), abs=0.51)
    inside = take_chroma(made)[levels() < 150]
    assert inside == pytest.approx(np.broadcast_to((-0.1, 0.1), inside.shape), abs=0.006)


def test_before_rounding_luma_is_that_of_the_picture_bit_for_bit(colours):
    generator = load_generator(colours)
    made = generator.upscale(levels().astype(np.float32) / 255)
    assert made.shape == (45, 61, 3)
    assert np.array_equal(np.rint(take_luma(made) * 255), levels())
    assert take_luma(made) * 255 == pytest.approx(levels(), abs=1e-4)


def test_bands_are_those_of_the_whole_from_any_row(colours):
    picture = np.repeat(levels((300, 37))[:, :, None], 3, axis=2).astype(np.float32) / 255
    generator = load_generator(colours)
    told = []
    run = generator.start(rows_of(picture), lambda done, total: told.append((done, total)))
    at_once = whole(run.rows)
    assert told[-1] == (run.tiles, run.tiles) == (2, 2)
    for start in (1, 64, 299):
        later = np.concatenate(list(generator.start(rows_of(picture)).rows.read(start)))
        assert np.array_equal(later, at_once[start:])


def test_before_and_after_enlarging_is_one_command(colours, grey, tmp_path):
    for order in ("colours,tiny", "tiny,colours"):
        output = tmp_path / f"{order}.png"
        assert run(["upscale", str(grey), "-s", "2", "-m", order, "-o", str(output)]) == 0
        made = colour_of(output)
        assert made.shape == (90, 122, 3)
        assert take_chroma(made)[5:60, 5:60].mean((0, 1)) == pytest.approx((-0.1, 0.1), abs=0.03)


def test_what_has_colours_is_refused_unless_forced(colours, tmp_path, capsys):
    path = tmp_path / "colour.png"
    coloured = np.stack([levels(), levels()[:, ::-1], levels()[::-1]], axis=2)
    Image.fromarray(coloured).save(path)
    assert restore(path, "-m", colours) == 1
    assert "colour.png has colours already" in capsys.readouterr().err
    assert not path.with_name("colour_colours.png").exists()
    assert restore(path, "-m", colours, "--force-colour") == 0
    made = colour_of(path.with_name("colour_colours.png"))
    assert take_luma(made) == pytest.approx(take_luma(coloured.astype(np.float32) / 255), abs=0.003)


def test_sepia_is_taken_for_grey(colours, tmp_path):
    path = tmp_path / "sepia.jpg"
    unit = levels().astype(np.float32) / 255
    sepia = np.stack([unit**0.8, unit * 0.92, unit**1.3 * 0.8], axis=2)
    Image.fromarray(np.rint(sepia * 255).astype(np.uint8)).save(path, quality=90)
    assert restore(path, "-m", colours, "--format", "png") == 0
    made = colour_of(path.with_name("sepia_colours.png"))
    assert take_chroma(made)[10:30, 10:30].mean((0, 1)) == pytest.approx((-0.1, 0.1), abs=0.01)


def test_transparency_stays(colours, tmp_path):
    path = tmp_path / "clear.png"
    alpha = np.tile(np.arange(61, dtype=np.uint8) * 4, (45, 1))
    Image.merge("LA", [Image.fromarray(levels()), Image.fromarray(alpha)]).save(path)
    assert restore(path, "-m", colours) == 0
    with Image.open(path.with_name("clear_colours.png")) as made:
        assert made.mode == "RGBA"
        assert np.array_equal(np.asarray(made)[:, :, 3], alpha)


def test_a_profile_of_grey_is_applied(colours, tmp_path, capsys):
    path = tmp_path / "linear.png"
    linear = colorimetry_of(((b"gAMA", struct.pack(">I", 100000)),)).to_profile(grey=True)
    Image.fromarray(levels()).save(path, icc_profile=linear)
    assert restore(path, "-m", colours) == 0
    assert "its grey profile can't describe colours: converted to sRGB" in capsys.readouterr().err
    made = path.with_name("linear_colours.png")
    with Image.open(made) as picture:
        assert "icc_profile" not in picture.info
    unit = levels() / 255
    # IEC 61966-2-1.
    assert take_luma(colour_of(made)) == pytest.approx(1.055 * unit ** (1 / 2.4) - 0.055, abs=0.006)


def test_inks_are_refused(colours, tmp_path, capsys):
    path = tmp_path / "ink.tif"
    Image.fromarray(levels()).convert("CMYK").save(path)
    assert restore(path, "-m", colours) == 1
    assert "ink.tif is of inks (CMYK)" in capsys.readouterr().err


def test_kinds_of_the_python_api(colours):
    generator = load_generator(colours)
    image = generator.upscale(Image.fromarray(levels()))
    assert (image.mode, image.size) == ("RGB", (61, 45))
    array = generator.upscale(levels().astype(np.uint16) * 257)
    assert (array.shape, array.dtype) == ((45, 61, 3), np.uint16)
    assert generator.upscale(np.dstack([levels(), levels()])).shape == (45, 61, 4)
    coloured = np.dstack([levels(), levels()[::-1], levels()[:, ::-1]])
    with pytest.raises(InputError, match="colours already"):
        generator.upscale(coloured)
    forced = load_generator(colours, options=RunOptions(force_colour=True))
    assert forced.upscale(coloured).shape == (45, 61, 3)
