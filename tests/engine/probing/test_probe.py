"""Deducing from an ONNX file how to drive it."""

from __future__ import annotations

import dataclasses

import pytest

from srcli.core.card import ModelCard
from srcli.core.errors import DamagedModel, UnknownModel, UnsuitableModel
from srcli.core.geometry import Size
from srcli.engine.inference.traits import BYTE, FLOAT, HALF
from srcli.engine.probing.probe import probe_model
from tests import tiny_models
from tests.tiny_models import DEEP_REACH


def probe(name, folder, *values):
    return probe_model(getattr(tiny_models, name)(folder / f"{name}.onnx", *values))


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_scale_and_receptive_field(scale, tmp_path):
    traits = probe("deep", tmp_path, scale)
    assert traits.scale == scale
    assert traits.receptive_field == DEEP_REACH
    assert traits.exact


@pytest.mark.parametrize("reach", [1, 3, 9])
def test_the_receptive_field_is_the_number_of_convolutions(reach, tmp_path):
    assert probe("deep", tmp_path, 2, reach).receptive_field == reach


def test_parameters_are_counted(tmp_path):
    traits = probe("deep", tmp_path, 2, 2, 8)
    convolutions = (3 * 8 * 9 + 8) + (8 * 12 * 9 + 12)
    sizes_for_resize = 4
    assert traits.parameters == convolutions + sizes_for_resize


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nearest", {"receptive_field": 0, "exact": True, "channels": 3}),
        (
            "deep",
            {"layout": "NCHW", "value_range": 1.0, "output_range": 1.0, "multiple": 1, "fixed_size": None},
        ),
        ("channels_last", {"layout": "NHWC", "channels": 3, "receptive_field": DEEP_REACH}),
        ("wide_range", {"value_range": 255.0, "output_range": 255.0}),
        ("bytes_in_and_out", {"input_type": BYTE, "output_type": BYTE, "value_range": 255.0}),
        ("half", {"input_type": HALF, "output_type": HALF, "value_range": 1.0}),
        ("grey", {"channels": 1, "input_type": FLOAT, "receptive_field": DEEP_REACH}),
        ("fixed_size", {"fixed_size": Size(40, 48), "fixed_batch": True, "receptive_field": DEEP_REACH}),
        ("pairs_of_pixels", {"multiple": 2, "minimum": 2, "exact": True}),
        ("pooled", {"receptive_field": None, "exact": False}),
        ("brighter", {"value_range": 255.0, "output_range": 255.0}),
        ("dark_rim", {"scale": 2, "value_range": 1.0}),
        ("without_colours", {"scale": 2, "channels": 3}),
        ("attention", {"minimum": 16}),
        ("same_size", {"scale": 1, "receptive_field": 0, "exact": True}),
        ("brightens", {"scale": 1, "value_range": 1.0, "output_range": 1.0}),
    ],
)
def test_traits(name, expected, tmp_path):
    traits = probe(name, tmp_path)
    assert {key: getattr(traits, key) for key in expected} == expected


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("not_a_generator", "the model gives arrays of 2 axes"),
        ("half_as_large_again", "no whole scale"),
        ("ignores_input", "the model's output does not show its input"),
        ("two_inputs", "the model has 2 inputs, not one: input, level"),
        ("video", "the model takes arrays of 5 axes"),
        ("four_channels", "the model takes 4 channels, not 1 or 3"),
    ],
)
def test_what_is_no_generator_is_refused_with_the_reason(name, reason, tmp_path):
    with pytest.raises(UnsuitableModel, match=reason):
        probe(name, tmp_path)


def test_one_of_the_same_size_has_to_show_its_input_as_well(tmp_path):
    with pytest.raises(UnsuitableModel, match="does not show its input"):
        probe_model(tiny_models.ignores_input(tmp_path / "grey.onnx", scale=1))


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"hello, this is no protobuf"])
def test_what_is_no_onnx_file_is_refused(content, tmp_path, capfd):
    path = tmp_path / "other.onnx"
    path.write_bytes(content)
    with pytest.raises((UnsuitableModel, DamagedModel), match=r"other\.onnx"):
        probe_model(path)
    assert capfd.readouterr() == ("", "")


def test_a_truncated_file_is_refused(tmp_path):
    path = tiny_models.deep(tmp_path / "cut.onnx")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises((UnsuitableModel, DamagedModel), match=r"cut\.onnx"):
        probe_model(path)


def test_names_in_the_graph_that_are_no_text(tmp_path):
    path = tiny_models.deep(tmp_path / "names.onnx")
    path.write_bytes(path.read_bytes().replace(b"input", b"inp\xff\xfe").replace(b"relu0", b"rel\xff0"))
    with pytest.raises((UnsuitableModel, DamagedModel), match=r"names\.onnx|the generator fails"):
        probe_model(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(UnknownModel, match="cannot read the model file"):
        probe_model(tmp_path / "none.onnx")


def test_a_changed_file_is_probed_again(tmp_path):
    path = tmp_path / "model.onnx"
    assert probe_model(tiny_models.deep(path, 2)).scale == 2
    assert probe_model(tiny_models.deep(path, 4)).scale == 4


def card(**values: object) -> ModelCard:
    known = ModelCard("fast", 2, "tiny", 0, 0, DEEP_REACH, DEEP_REACH, False, "MIT", "")
    return dataclasses.replace(known, **values)


def test_a_card_saves_measuring_the_receptive_field(tmp_path):
    path = tiny_models.deep(tmp_path / "deep.onnx")
    traits = probe_model(path, card(receptive_field=9, overlap=9))
    assert (traits.receptive_field, traits.exact) == (9, True)


def test_a_card_that_claims_too_small_a_receptive_field_is_not_believed(tmp_path):
    path = tiny_models.deep(tmp_path / "deep.onnx")
    assert not probe_model(path, card(receptive_field=2, overlap=2)).exact


@pytest.mark.parametrize("reach", [None, 9])
def test_a_card_whose_overlap_is_too_short_to_be_exact_is_believed(reach, tmp_path):
    traits = probe_model(tiny_models.deep(tmp_path / "deep.onnx"), card(receptive_field=reach, overlap=8))
    assert (traits.receptive_field, traits.exact) == (reach, False)


def test_a_card_that_tells_the_range_is_checked_but_not_doubted(tmp_path):
    path = tiny_models.nearest(tmp_path / "nearest.onnx")
    assert probe_model(path, card(value_range=255.0)).value_range == 255.0
    with pytest.raises(UnsuitableModel, match="does not show its input"):
        probe_model(tiny_models.ignores_input(tmp_path / "grey.onnx"), card(value_range=1.0))


def test_a_card_does_not_make_a_pooling_generator_exact(tmp_path):
    path = tiny_models.pooled(tmp_path / "pooled.onnx")
    assert not probe_model(path, card(receptive_field=32, overlap=32)).exact


def test_a_card_of_another_scale(tmp_path):
    path = tiny_models.deep(tmp_path / "deep.onnx", 3)
    with pytest.raises(DamagedModel, match="enlarges 3 times, its card says 2"):
        probe_model(path, card())
