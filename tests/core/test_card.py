"""Model cards: what is written is read again, and numbers that people edited wrongly are refused by name."""

from __future__ import annotations

import dataclasses
import json

import pytest

from srcli.core.card import ModelCard, Provenance, Quality, TrainingRecord, Variant, read_card, write_card
from srcli.core.errors import DamagedModel

CARD = ModelCard("fast", 2, "gated", 1000, 990, 12, 12, True, "MIT", "ab" * 32)


@pytest.fixture
def edited(tmp_path):
    """A card with some of its fields changed in the file."""

    def edit(**fields):
        path = tmp_path / "card.json"
        path.write_text(json.dumps(json.loads(CARD.to_json()) | fields))
        return path

    return edit


def test_a_card_with_everything_is_read_as_it_was_written(tmp_path):
    card = dataclasses.replace(
        CARD,
        purpose="für Fotos",
        training=TrainingRecord("gb82", "CC0", "everyday", "l1=1", 1000, 12.5, "2 cores"),
        quality=(Quality("Set5", "bicubic", "y", 2, 37.9, 0.96),),
        variants={"fp16": Variant("fast-x2.fp16.onnx", "cd" * 32), "int8": Variant("i.onnx", "", 0.01)},
        bf16_loss_db={"BSD100": 0.002},
        provenance=Provenance("pytorch", "net.pth", parity_levels=0.25),
        value_range=255.0,
        least_side=8,
        whole=True,
    )
    write_card(card, tmp_path / "card.json")
    assert read_card(tmp_path / "card.json") == card


def test_fields_that_newer_cards_have_may_be_missing(edited):
    old = json.loads(CARD.to_json())
    for name in ("bf16_loss_db", "least_side", "whole", "provenance"):
        del old[name]
    path = edited()
    path.write_text(json.dumps(old))
    assert read_card(path) == CARD


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"scale": 0}, "scale is 0"),
        ({"overlap": -1}, "overlap is -1"),
        ({"receptive_field": -3}, "receptive_field is -3"),
        ({"least_side": 0}, "least_side is 0"),
        ({"value_range": 2.0}, "value_range is 2.0, not 1.0 or 255.0"),
        (
            {"variants": {"fp16": {"file": "../x.onnx", "sha256": ""}}},
            "'../x.onnx' is not the name",
        ),
        ({"name": None}, "name"),
        ({"scale": "two"}, "scale"),
        ({"scale": 10**30}, "scale is 1000"),
        ({"overlap": 10**9}, "overlap is 1000000000, not from 0 to 8192"),
        ({"receptive_field": 10**9}, "receptive_field is 1000000000"),
        ({"least_side": 10**9}, "least_side is 1000000000"),
        ({"parameters": 10**40}, "parameters is 1000"),
        ({"name": "../up"}, "name is '../up'"),
    ],
)
def test_a_card_that_was_edited_wrongly_says_what_is_wrong(edited, fields, complaint):
    with pytest.raises(DamagedModel, match="cannot read the model card") as caught:
        read_card(edited(**fields))
    assert complaint in caught.value.message


def test_the_rim_is_the_overlap_where_the_receptive_field_is_unbounded():
    assert CARD.rim == 12
    assert dataclasses.replace(CARD, receptive_field=None, overlap=32).rim == 32


@pytest.mark.parametrize(
    ("fields", "adversarial"),
    [({}, False), ({"name": "realesrgan"}, True), ({"purpose": "taught by an adversary"}, True)],
)
def test_who_was_taught_by_an_adversary(fields, adversarial):
    assert dataclasses.replace(CARD, **fields).is_adversarial is adversarial
