"""Outputs of runs that were killed, run beside one another, or whose inputs changed meanwhile."""

from __future__ import annotations

import json
import os

import pytest

from srcli.cli.app import run
from srcli.core.files import atomic_path
from srcli.upscaling import outputs
from srcli.upscaling.manifest import MANIFEST_NAME
from tests.cli.conftest import save_picture

OPTIONS = ["-m", "nearest", "-s", "2", "--json"]


@pytest.fixture
def folders(tmp_path):
    for seed, name in enumerate(("a.png", "b.png")):
        save_picture(tmp_path / "in" / name, seed=seed)
    return tmp_path / "in", tmp_path / "out"


def upscale(source, target, *words):
    return run(["upscale", str(source), "-o", str(target), *OPTIONS, *words])


def states(capsys):
    return [json.loads(line)["status"] for line in capsys.readouterr().out.splitlines()]


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != MANIFEST_NAME}


@pytest.mark.parametrize("kept", ["first line", "nothing"])
def test_a_picture_without_a_record_is_recognised(kept, folders, capsys):
    assert upscale(*folders) == 0
    manifest = folders[1] / MANIFEST_NAME
    first = manifest.read_text().split("\n\n")[0]
    manifest.write_text(f"{first}\n") if kept == "first line" else manifest.unlink()
    before = files(folders[1])
    capsys.readouterr()
    assert upscale(*folders, "--resume") == 0
    assert states(capsys) == ["skipped", "skipped"]
    assert files(folders[1]) == before
    assert len(manifest.read_text().split("\n\n")) == 2, "it is remembered from now on"


def test_a_foreign_file_of_that_name_is_neither_kept_for_done_nor_replaced(folders, capsys):
    folders[1].mkdir()
    (folders[1] / "a_x2.png").write_bytes(b"mine")
    assert upscale(*folders, "--resume") == 1
    assert states(capsys) == ["failed", "done"]
    assert files(folders[1])["a_x2.png"] == b"mine"
    assert sorted(files(folders[1])) == ["a_x2.png", "b_x2.png"]


def test_killed_between_record_and_name(folders, capsys, monkeypatch):
    """The record is there and the picture is not: it is made."""

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("srcli.core.files.move_into_place", killed)
        assert upscale(*folders) == 130
    assert (folders[1] / MANIFEST_NAME).exists()
    assert upscale(*folders, "--resume") == 0
    assert sorted(files(folders[1])) == ["a_x2.png", "b_x2.png"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data + b"more", "it was changed while it was read"),
        # At the second try there is no more of it.
        (lambda data: data[:50], "truncated: the file ends before its picture does"),
    ],
)
def test_an_input_that_changes_meanwhile_is_not_finished(change, words, folders, capsys, monkeypatch):
    picture = folders[0] / "a.png"

    def replacing(path, identity, check=outputs.check_unchanged):
        if path == picture:
            new = path.with_name("new")
            new.write_bytes(change(path.read_bytes()))
            new.replace(path)
        check(path, identity)

    with monkeypatch.context() as patch:
        patch.setattr(outputs, "check_unchanged", replacing)
        assert upscale(*folders) == 1
    assert words in capsys.readouterr().err
    assert sorted(files(folders[1])) == ["b_x2.png"]
    save_picture(picture, size=(9, 7))
    assert upscale(*folders, "--resume") == 0
    assert states(capsys) == ["done", "skipped"]


def test_a_picture_that_another_run_finished_meanwhile_is_skipped(folders, capsys, monkeypatch):
    def making(target, *, before=atomic_path, **words):
        # The other run is quicker by one picture.
        if target.name == "a_x2.png" and not target.exists():
            with monkeypatch.context() as patch:
                patch.setattr(outputs, "atomic_path", before)
                assert upscale(folders[0] / "a.png", f"{folders[1]}/", "--resume") == 0
        return before(target, **words)

    monkeypatch.setattr(outputs, "atomic_path", making)
    assert upscale(*folders, "--resume") == 0
    assert states(capsys)[-2:] == ["skipped", "done"]


def test_leftovers_go_with_the_next_run_into_the_folder(folders):
    folders[1].mkdir()
    for name in (".srcli-89abcdef", ".srcli-0123456789abcdef.part", ".srcli-fedcba9876543210.json"):
        (folders[1] / name).write_bytes(b"left by a run that was killed")
    assert upscale(*folders) == 0
    assert sorted(os.listdir(folders[1])) == [MANIFEST_NAME, "a_x2.png", "b_x2.png"]


def test_what_a_later_run_can_go_on_with_stays(folders):
    folders[1].mkdir()
    for name in (".srcli-0123456789abcdef.part", ".srcli-0123456789abcdef.json"):
        (folders[1] / name).write_bytes(b"of another output")
    assert upscale(*folders) == 0
    assert len(list(folders[1].glob(".srcli-0123456789abcdef.*"))) == 2
