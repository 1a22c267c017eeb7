"""What the words of a command name, and what is left out of folders."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from srcli.core.errors import InputError
from srcli.upscaling import inputs
from srcli.upscaling.inputs import count_kinds, find_inputs, read_list

unix = pytest.mark.skipif(os.name == "nt", reason="needs named pipes and links")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def make(*names):
        for name in names:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).touch()

    return make


@pytest.fixture
def without_heic(monkeypatch):
    """As where the extra `heic` is not installed."""
    readable = inputs.READABLE_EXTENSIONS - {".heic", ".heif", ".hif", ".jxl"}
    monkeypatch.setattr(inputs, "READABLE_EXTENSIONS", readable)


def found(*words, recursive=False, listed=()):
    return find_inputs(words, recursive=recursive, listed=listed)


def paths(*words, **options):
    return [str(each.source.path) for each in found(*words, **options).inputs]


def test_what_a_folder_left_out_is_counted_by_kind(here, without_heic):
    here("d/a.png", "d/b.heic", "d/c.HEIF", "d/d.jxl", "d/e.NEF", "d/f.cr3", "d/g.mov", "d/h", "d/i.txt")
    here("d/.hidden.heic", "d/below/j.png")
    assert found("d").left_out == {
        "HEIC file": 2,
        "JPEG XL file": 1,
        "raw photograph": 2,
        "video": 1,
        "file without an extension": 1,
        "other file": 1,
        "folder below (-r)": 1,
    }
    assert "folder below (-r)" not in found("d", recursive=True).left_out


def test_kinds_in_words():
    kinds = Counter({"HEIC file": 3, "video": 1, "raw photograph": 2, "file without an extension": 2})
    assert count_kinds(kinds) == "3 HEIC files, 1 video, 2 raw photographs, 2 files without an extension"
    assert count_kinds(Counter({"output of an earlier run": 2})) == "2 outputs of an earlier run"


def test_a_folder_of_heic_alone_names_the_remedy(here, without_heic):
    here("phone/a.heic", "phone/b.HEIC")
    with pytest.raises(InputError, match="no pictures in phone: 2 HEIC files") as caught:
        found("phone")
    assert caught.value.hint.startswith("pip install '.[heic]'")
    assert "convert them" in caught.value.hint


def test_one_missing_name_among_many(here):
    here("a.png", "empty/x.txt")
    result = found("a.png", "gone.png", "empty", "*.webp")
    assert [str(each.source.path) for each in result.inputs] == ["a.png"]
    assert [(word, error.message) for word, error in result.failures] == [
        ("gone.png", "no such file or folder: gone.png"),
        ("empty", "no pictures in empty: 1 other file"),
        ("*.webp", "nothing matches *.webp"),
    ]


@unix
def test_pipes_in_folders_are_not_waited_for(here):
    here("d/a.png")
    os.mkfifo("d/pipe.png")
    Path("d/link.png").symlink_to("pipe.png")
    for word in ("d", "d/*.png"):
        result = found(word)
        assert [each.source.path.name for each in result.inputs] == ["a.png"]
        assert result.left_out == {"pipe or device": 2}


@unix
def test_a_pipe_that_is_named_is_read(here):
    os.mkfifo("pipe.png")
    (only,) = found("pipe.png").inputs
    assert (str(only.source.path), only.source.stem) == ("pipe.png", "pipe")
    (only,) = found("/dev/stdin").inputs
    assert (only.source.path, only.source.stem) == (None, "stdin")


@unix
def test_links_that_lead_back_up(here):
    here("tree/a/a.png", "tree/b/c/d.png", "tree/.hidden/e.png")
    for folder in ("tree/a", "tree/b"):
        Path(folder, "up").symlink_to("..")
        Path(folder, "self").symlink_to(".")
    assert paths("tree/**/*.png") == ["tree/a/a.png", "tree/b/c/d.png"]
    assert paths("tree/**") == ["tree/a/a.png", "tree/b/c/d.png"]
    assert paths("**/d.*") == ["tree/b/c/d.png"]
    assert paths("tree", recursive=True) == ["tree/a/a.png", "tree/b/c/d.png"]
    assert paths(str(Path("tree").resolve() / "?" / "*.png")) == [str(Path("tree/a/a.png").resolve())]


def test_hidden_files_match_only_when_asked_for(here):
    here(".a.png", "b.png")
    assert paths("*.png") == ["b.png"]
    assert paths(".*.png") == [".a.png"]


def test_folder_that_may_not_be_read(here, monkeypatch):
    here("d/a.png", "d/secret/b.png")
    scandir = os.scandir

    def refusing(folder):
        if Path(folder).name == "secret":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refusing)
    result = found("d", recursive=True)
    assert [str(each.source.path) for each in result.inputs] == [str(Path("d/a.png"))]
    ((word, error),) = result.failures
    assert word == str(Path("d/secret"))
    assert error.message == f"cannot read the folder {word}: permission denied"
    with pytest.raises(InputError, match=r"cannot read the folder .*secret: permission denied"):
        found("d/secret")


def test_lists_name_files_and_nothing_else(here):
    here("a.png", "*.png", "-", "b c.png")
    Path("lines").write_bytes(b"b c.png\r\n\n*.png\n-\n")
    Path("zeros").write_bytes(b"b c.png\0*.png\0")
    assert read_list("lines") == ["b c.png", "*.png", "-"]
    assert read_list("zeros") == ["b c.png", "*.png"]
    assert paths(listed=read_list("lines")) == ["b c.png", "*.png", "-"]


@pytest.mark.parametrize(("content", "reason"), [(None, "no such file"), (b"\n\n", "names no file")])
def test_lists_that_hold_nothing(content, reason, here):
    if content is not None:
        Path("list").write_bytes(content)
    with pytest.raises(InputError, match=reason):
        read_list("list")
