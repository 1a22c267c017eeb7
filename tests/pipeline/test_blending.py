"""Blending generators that are installed, or lie in files."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from srcli.core.card import read_card, write_card
from srcli.core.errors import DamagedModel, OutputError, UnknownModel, UnsuitableModel, UsageError
from srcli.core.geometry import Size
from srcli.engine.probing.trial_picture import draw_picture
from srcli.models.store import default_store
from srcli.models.verify import sha256_of
from srcli.pipeline.importing.blending import BlendRequest, blend_models
from srcli.upscaling.generator import load_generator
from tests import tiny_models


@pytest.fixture(autouse=True)
def own(tmp_path, monkeypatch):
    """Two generators of one shape at x2 and x3, and one of another shape at x2."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("SRCLI_MODELS", str(folder))
    for scale in (2, 3):
        put(folder, "a", scale, seed=0)
        put(folder, "b", scale, seed=1, licence="CC0")
    put(folder, "wide", 2, width=9)
    return folder


def put(folder, name, scale, licence="MIT", **shape):
    def build(path, factor):
        return tiny_models.deep(path, factor, **shape)

    card = tiny_models.install(folder, build, name, scale)
    write_card(dataclasses.replace(card, licence=licence), folder / f"{name}-x{scale}.json")


def blend(first="a", second="b", alpha=0.25, name="between", scale=2):
    return blend_models(BlendRequest(first, second, alpha, name, scale))


def enlarge(name):
    return load_generator(name, scale=2, device="cpu").run(draw_picture(Size(23, 31)))[0]


def test_the_card_says_what_it_was_made_of(own):
    card = blend().card
    hashes = [sha256_of(own / f"{name}-x2.onnx")[:12] for name in "ab"]
    assert card.provenance.form == "blend"
    assert card.provenance.source == f"0.75 a x2 (sha256 {hashes[0]}) + 0.25 b x2 (sha256 {hashes[1]})"
    assert card.licence == "MIT (a) and CC0 (b)"
    assert (card.receptive_field, card.provenance.seam_levels) == (tiny_models.DEEP_REACH, 0.0)
    assert default_store().find("between", 2).card == card


def test_one_licence_stands_once(own):
    put(own, "c", 2, seed=2)
    assert blend("a", "c").card.licence == "MIT"


def test_the_ends_are_the_generators():
    blend(alpha=0, name="first")
    blend(alpha=1, name="second")
    for end, name in (("first", "a"), ("second", "b")):
        np.testing.assert_array_equal(enlarge(end), enlarge(name))
    assert np.abs(enlarge("first") - enlarge("second")).max() > 1 / 255


def test_files(own, tmp_path):
    outside = tiny_models.deep(tmp_path / "outside.onnx", seed=3)
    card = blend(str(outside), str(own / "b-x2.onnx"), scale=None).card
    assert card.provenance.source.startswith("0.75 outside x2")
    assert card.licence == "unknown (outside) and CC0 (b)"


def test_a_name_and_a_file(own, tmp_path):
    outside = tiny_models.deep(tmp_path / "outside.onnx", 3, seed=3)
    assert blend("a", str(outside), scale=3).card.scale == 3


@pytest.mark.parametrize("alpha", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_share_that_is_none(alpha):
    with pytest.raises(UsageError, match="share of"):
        blend(alpha=alpha)


def test_a_scale_that_is_not_clear():
    with pytest.raises(UsageError, match="share more than one scale") as caught:
        blend(scale=None)
    assert caught.value.hint == "choose -s 2 or -s 3"
    assert blend("a", "b", scale=3).card.scale == 3


def test_no_common_scale(own, tmp_path):
    put(own, "four", 4)
    with pytest.raises(UsageError, match="share no scale"):
        blend("a", "four", scale=None)
    paths = [str(tiny_models.deep(tmp_path / f"{scale}.onnx", scale)) for scale in (2, 3)]
    with pytest.raises(UsageError, match="is x2"):
        blend(*paths, scale=None)


def test_other_shapes(own):
    before = sorted(own.iterdir())
    with pytest.raises(UnsuitableModel, match="not of one shape"):
        blend("a", "wide")
    assert sorted(own.iterdir()) == before


def test_names(own):
    with pytest.raises(OutputError, match="there is a generator a x2 already"):
        blend(name="a")
    with pytest.raises(UsageError, match="ships with srcli"):
        blend(name="fast")
    with pytest.raises(UnknownModel, match="no generator named 'none'"):
        blend("none")


def test_a_damaged_part(own):
    card = read_card(own / "a-x2.json")
    write_card(dataclasses.replace(card, sha256="0" * 64), own / "a-x2.json")
    with pytest.raises(DamagedModel, match=r"a-x2\.onnx is damaged"):
        blend()
