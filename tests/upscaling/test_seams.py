"""The seam number: what tiles give against what a larger window gives."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run
from srcli.core.rows import rows_of
from srcli.upscaling.generator import RunOptions, load_generator
from srcli.upscaling.seams import Seams, seams_in
from tests import tiny_models


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def picture(height=188, width=250):
    """As long as three by four windows of 64 that overlap by no more than one pixel on either side."""
    levels = np.random.default_rng(0).integers(0, 256, (height, width, 3))
    return (levels / 255).astype(np.float32)


def generator(folder, build, overlap=6, **options):
    tiny_models.install(folder, build, name="tiny", overlap=overlap)
    return load_generator("tiny", scale=2, device="cpu", options=RunOptions(**options))


def test_tiles_of_an_exact_generator_have_none(folder):
    found = seams_in(rows_of(picture()), [generator(folder, tiny_models.deep, tile=64)])
    assert found == Seams(0.0, 0.0, 1)


def test_a_short_overlap_shows(folder):
    found = seams_in(rows_of(picture()), [generator(folder, tiny_models.deep, tile=64, overlap=1)])
    assert found.largest_levels > 1
    assert 0 < found.mean_levels < found.largest_levels


def test_a_generator_that_looks_at_the_whole_shows_the_truth(folder):
    dark_and_light = picture()
    dark_and_light[:, :120] *= 0.2
    one = generator(folder, tiny_models.pooled, tile=64, overlap=6)
    # A tenth of the mean colour: half of the picture differs by about 0.2 from the other half.
    assert seams_in(rows_of(dark_and_light), [one]).largest_levels > 2


def test_a_huge_picture_is_looked_at_in_three_places(folder):
    found = seams_in(rows_of(picture(500, 400)), [generator(folder, tiny_models.nearest, 0, tile=64)])
    assert found == Seams(0.0, 0.0, 3)


def test_every_generator_of_a_chain_counts(folder):
    one = generator(folder, tiny_models.deep, tile=64, overlap=1)
    twice = seams_in(rows_of(picture(126, 126)), [one, one])
    assert twice.places == 1
    assert twice.largest_levels > 1


def test_one_tile_has_no_borders(folder):
    assert seams_in(rows_of(picture()), [generator(folder, tiny_models.deep)]) == Seams()
    assert seams_in(rows_of(picture()), []) == Seams()


def upscale(tmp_path, capsys, *words):
    source = tmp_path / "a.png"
    Image.fromarray(np.rint(picture() * 255).astype(np.uint8)).save(source)
    words = [str(source), "-m", "tiny", "-s", "2", "-o", str(tmp_path / "b.png"), "--check-seams", *words]
    assert run(["upscale", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_report_tells(folder, tmp_path, capsys):
    tiny_models.install(folder, name="tiny")
    report = upscale(tmp_path, capsys, "--tile", "64")
    assert report["seams"] == {"largest_levels": 0.0, "mean_levels": 0.0, "places": 1}
    report = upscale(tmp_path, capsys, "--tile", "64", "--overlap", "1", "--overwrite")
    assert report["seams"]["largest_levels"] > 1


def test_a_generator_of_one_size_is_not_checked_and_says_so(folder, tmp_path, capsys):
    tiny_models.install(folder, tiny_models.fixed_size, name="tiny")
    report = upscale(tmp_path, capsys)
    assert report["seams"] is None
    assert "seams can't be checked" in report["warnings"][0]


def test_animations_are_checked_on_their_first_frame(folder, tmp_path, capsys):
    tiny_models.install(folder, name="tiny")
    frames = [Image.fromarray((picture() * 255).astype(np.uint8)).rotate(90 * turn) for turn in range(2)]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], lossless=True)
    words = ["-m", "tiny", "-s", "2", "--tile", "64", "--overlap", "1", "--check-seams", "--json"]
    assert run(["upscale", str(tmp_path / "a.webp"), *words]) == 0
    assert json.loads(capsys.readouterr().out)["seams"]["largest_levels"] > 1


def test_verify_measures_seams(folder, capsys):
    tiny_models.install(folder, name="tiny")
    assert run(["models", "verify", "tiny", "--seams", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["seams"] == {"largest_levels": 0.0, "mean_levels": 0.0}
    tiny_models.install(folder, name="tiny", overlap=1)
    assert run(["models", "verify", "tiny", "--seams"]) == 0
    assert "seams: at most" in capsys.readouterr().out
