"""The user's own folder: what goes in, and what is taken out again."""

from __future__ import annotations

import dataclasses

import pytest

from srcli.core.card import Variant, read_card, write_card
from srcli.core.errors import OutputError, UnknownModel, UsageError
from srcli.models import installation
from srcli.models.installation import check_free, check_name, install, open_workshop, remove_model
from srcli.models.store import default_store
from tests import tiny_models


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The user's folder, which is not there yet."""
    folder = tmp_path / "own" / "models"
    monkeypatch.setenv("SRCLI_MODELS", str(folder))
    return folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def put(name="mine", scale=2, **changes):
    """Install a tiny generator by way of a workshop."""
    with open_workshop() as workshop:
        card = tiny_models.install(workshop, name=name, scale=scale)
        for variant in changes.get("variants", {}).values():
            (workshop / variant.file).write_bytes(b"half")
        return install(dataclasses.replace(card, **changes), workshop / f"{name}-x{scale}.onnx")


def test_a_generator_is_found_once_it_is_installed(own):
    model = put()
    assert names(own) == ["mine-x2.json", "mine-x2.onnx"]
    assert default_store().find("mine", 2) == model


def test_a_workshop_leaves_nothing_behind(own):
    with pytest.raises(ZeroDivisionError), open_workshop() as workshop:
        tiny_models.install(workshop)
        assert workshop.parent == own
        raise ZeroDivisionError
    assert not own.exists()


def test_a_failing_disk_leaves_nothing_behind(own, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    put("other")
    monkeypatch.setattr(installation, "write_card", full)
    with pytest.raises(OutputError, match="No space left on device"):
        put(variants={"fp16": Variant("mine-x2.fp16.onnx", "0")})
    assert names(own) == ["other-x2.json", "other-x2.onnx"]


def test_a_folder_that_can_not_be_made(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path / "file" / "models"))
    with pytest.raises(OutputError, match="cannot write to") as caught, open_workshop():
        pass
    assert caught.value.hint == "srcli models path"


def test_the_same_name_and_scale_twice_is_refused(own):
    put()
    with pytest.raises(OutputError, match="there is a generator mine x2 already") as caught:
        put("MINE")
    assert caught.value.hint == "srcli models remove mine -s 2, or --name ANOTHER"
    check_free("mine", 3)


def test_the_place_of_a_broken_card_is_taken_as_well(own):
    own.mkdir(parents=True)
    (own / "mine-x2.json").write_text("{")
    with pytest.raises(OutputError):
        check_free("mine", 2)


@pytest.mark.parametrize("name", ["", ".", "-x", "a/b", "a b", "a\\b", "ä", "x" * 65, "mine.onnx", "a\n"])
def test_names_that_will_not_do(name):
    with pytest.raises(UsageError, match="no name for a generator"):
        check_name(name)


@pytest.mark.parametrize("name", ["fast", "Fast"])
def test_shipped_names_are_taken(name, tmp_path, monkeypatch):
    tiny_models.install(tmp_path, name="fast")
    monkeypatch.setattr(installation, "shipped_folder", lambda: tmp_path)
    with pytest.raises(UsageError, match="ships with srcli") as caught:
        check_name(name)
    assert caught.value.hint == "--name ANOTHER"


def test_remove_at_one_scale(own):
    put(scale=2)
    put(scale=3, variants={"fp16": Variant("mine-x3.fp16.onnx", "0")})
    put("other", 3)
    assert [path.name for path in remove_model("mine", 3)] == [
        "mine-x3.json",
        "mine-x3.onnx",
        "mine-x3.fp16.onnx",
    ]
    assert names(own) == ["mine-x2.json", "mine-x2.onnx", "other-x3.json", "other-x3.onnx"]


def test_remove_at_all_scales(own):
    for scale in (2, 3):
        put(scale=scale)
    remove_model("mine")
    assert names(own) == []


def test_remove_what_is_broken(own):
    put()
    (own / "mine-x2.json").write_text("{")
    remove_model("mine")
    assert names(own) == []


def test_a_card_of_another_name_keeps_its_file(own):
    put()
    card = read_card(own / "mine-x2.json")
    write_card(dataclasses.replace(card, name="renamed"), own / "mine-x2.json")
    with pytest.raises(UnknownModel):
        remove_model("mine")
    assert names(own) == ["mine-x2.json", "mine-x2.onnx"]


@pytest.mark.parametrize("name", ["min", "Mine", "*", "../mine"])
def test_remove_needs_the_exact_name(name, own):
    put()
    with pytest.raises(UnknownModel, match="there is no") as caught:
        remove_model(name)
    assert caught.value.hint == "srcli models list"
    with pytest.raises(UnknownModel, match="there is no mine x4 in"):
        remove_model("mine", 4)
    assert names(own) == ["mine-x2.json", "mine-x2.onnx"]


def test_shipped_generators_stay(own, tmp_path, monkeypatch):
    tiny_models.install(tmp_path, name="fast")
    monkeypatch.setattr(installation, "shipped_folder", lambda: tmp_path)
    with pytest.raises(UsageError, match="fast ships with srcli and stays"):
        remove_model("fast")
    assert (tmp_path / "fast-x2.onnx").is_file()


def test_removing_takes_no_file_of_another_generator(own):
    put("other")
    put("mine")
    card = read_card(own / "mine-x2.json")
    stray = {"fp16": Variant("other-x2.onnx", "0"), "int8": Variant("notes.txt", "0")}
    write_card(dataclasses.replace(card, variants=stray), own / "mine-x2.json")
    (own / "notes.txt").touch()
    remove_model("mine")
    assert names(own) == ["notes.txt", "other-x2.json", "other-x2.onnx"]


def killed_import(own, *, moved):
    """What an import leaves that was killed while it worked, or while it moved files to their place."""
    workshop = own / ".import-0123abcd"
    workshop.mkdir(parents=True)
    (workshop / "free.onnx").touch()
    (workshop / "moving.json").write_text('["half-x2.onnx", "half-x2.fp16.onnx", "half-x2.json"]')
    for name in ("half-x2.onnx", "own.onnx", *moved):
        (own / name).touch()


def test_the_next_import_removes_what_a_killed_one_left(own):
    killed_import(own, moved=["half-x2.fp16.onnx"])
    put()
    assert names(own) == ["mine-x2.json", "mine-x2.onnx", "own.onnx"]


def test_a_generator_that_was_whole_before_the_kill_stays(own):
    killed_import(own, moved=["half-x2.json"])
    put()
    assert names(own) == ["half-x2.json", "half-x2.onnx", "mine-x2.json", "mine-x2.onnx", "own.onnx"]


def test_a_workshop_at_work_is_left_alone(own):
    with open_workshop() as first, open_workshop():
        assert first.is_dir()
