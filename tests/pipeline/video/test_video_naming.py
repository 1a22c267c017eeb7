"""Outputs of videos, and their names."""

from __future__ import annotations

import pytest

from srcli.core.errors import InputError, OutputError, UsageError
from srcli.pipeline.video.naming import container_of, name_jobs


@pytest.fixture
def desk(tmp_path, monkeypatch):
    for name in ("a.mp4", "b.MOV", "c.avi", "tree/d.webm", "photo.jpg", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def targets(inputs, output=None, container=None, *, recursive=False):
    jobs, _ = name_jobs(inputs, output, "x2", container, recursive=recursive)
    return [str(job.target) for job in jobs]


def test_names_say_the_scale_and_keep_containers_that_are_written(desk):
    assert targets(["a.mp4", "b.MOV"]) == ["a_x2.mp4", "b_x2.MOV"]


def test_others_become_matroska(desk):
    assert targets(["c.avi"]) == ["c_x2.mkv"]


def test_a_container_that_was_asked_for_goes_first(desk):
    assert targets(["a.mp4", "c.avi"], container="webm") == ["a_x2.webm", "c_x2.webm"]


def test_a_folder_is_mirrored_and_its_pictures_are_left_out(desk):
    jobs, found = name_jobs([str(desk)], "out/", "x2", None, recursive=True)
    assert [str(job.target) for job in jobs] == [
        "out/a_x2.mp4",
        "out/b_x2.MOV",
        "out/c_x2.mkv",
        "out/tree/d_x2.webm",
    ]
    assert found.left_out == {"picture": 1, "other file": 1}


def test_outputs_of_an_earlier_run_are_no_inputs(desk):
    (desk / "a_x2.mp4").write_bytes(b"")
    assert targets([str(desk)]) == [f"{desk}/{name}" for name in ("a_x2.mp4", "b_x2.MOV", "c_x2.mkv")]


def test_a_folder_without_videos_says_what_is_there(desk):
    (desk / "pictures").mkdir()
    (desk / "pictures" / "x.png").write_bytes(b"")
    with pytest.raises(InputError, match=r"no videos in pictures: 1 picture"):
        name_jobs(["pictures"], None, "x2", None, recursive=False)


def test_an_output_is_never_the_input(desk):
    with pytest.raises(OutputError, match="would overwrite the input"):
        name_jobs(["a.mp4"], "a.mp4", "x2", None, recursive=False)


def test_two_inputs_do_not_become_one_output(desk):
    (desk / "tree" / "a.mp4").write_bytes(b"")
    with pytest.raises(OutputError, match="would both become"):
        name_jobs(["a.mp4", "tree/a.mp4"], "out/", "x2", None, recursive=False)


def test_several_videos_need_a_folder(desk):
    with pytest.raises(UsageError, match="2 videos can't go to the one file"):
        name_jobs(["a.mp4", "c.avi"], "out.mp4", "x2", None, recursive=False)
    with pytest.raises(UsageError, match="2 videos can't go to one standard output"):
        name_jobs(["a.mp4", "c.avi"], "-", "x2", None, recursive=False)


def test_long_names_stay_legal(desk):
    name = "ü" * 125 + ".mp4"
    (desk / name).write_bytes(b"")
    (target,) = targets([name])
    assert len(target.encode()) <= 255
    assert target.endswith("_x2.mp4")


@pytest.mark.parametrize(
    ("name", "container"), [("a.mp4", "mp4"), ("a.M4V", "mp4"), ("a.mkv", "mkv"), ("a", "mkv")]
)
def test_the_name_of_an_output_tells_its_container(tmp_path, name, container):
    assert container_of(tmp_path / name) == container


def test_an_unknown_container_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(OutputError, match=r"unknown container \.xyz") as caught:
        container_of(tmp_path / "a.xyz")
    assert ".mkv" in caught.value.hint
