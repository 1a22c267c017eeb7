from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from srcli.core.errors import InputError, OutputError, UsageError
from srcli.upscaling import jobs as jobs_module
from srcli.upscaling.file_identity import identify
from srcli.upscaling.jobs import Job
from srcli.upscaling.manifest import Manifest
from srcli.upscaling.naming import Naming
from srcli.upscaling.sinks import FileSink, StreamSink
from srcli.upscaling.sources import FileSource, StreamSource
from srcli.upscaling.streams import StandardStreams

STREAMS = StandardStreams(lambda: io.BytesIO(b"\xff\xd8\xff\xe0"), io.BytesIO)


def make_jobs(inputs, naming, *, recursive):
    return jobs_module.make_jobs(inputs, naming, recursive=recursive, streams=STREAMS).jobs


def naming(output=None, extension=None):
    return Naming(output, "x4", extension)


@pytest.fixture
def folder(tmp_path):
    for name in ("a.png", "b.JPG", "notes.txt", ".hidden.png", "below/c.webp", "below/deeper/d.tif"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    (tmp_path / "in" / "folder.png").mkdir()
    return tmp_path / "in"


def names(jobs, root):
    return [(str(job.source.path.relative_to(root)), str(job.target.path.relative_to(root))) for job in jobs]


def test_default_output_lies_beside_the_input(folder):
    assert make_jobs([str(folder / "a.png")], naming(), recursive=False) == [
        Job(FileSource(folder / "a.png"), FileSink(folder / "a_x4.png"))
    ]


def test_another_format_changes_the_extension(folder):
    (job,) = make_jobs([str(folder / "b.JPG")], naming(extension=".webp"), recursive=False)
    assert job.target.path == folder / "b_x4.webp"


def test_folder_takes_its_pictures_only(folder, tmp_path):
    jobs = make_jobs([str(folder)], naming(str(tmp_path / "out")), recursive=False)
    assert names(jobs, tmp_path) == [("in/a.png", "out/a_x4.png"), ("in/b.JPG", "out/b_x4.JPG")]


def test_recursive_folder_keeps_the_tree(folder, tmp_path):
    jobs = make_jobs([str(folder)], naming(str(tmp_path / "out")), recursive=True)
    assert ("in/below/deeper/d.tif", "out/below/deeper/d_x4.tif") in names(jobs, tmp_path)
    assert len(jobs) == 4


def test_quoted_glob_is_expanded(folder):
    jobs = make_jobs([str(folder / "[ab].*")], naming(), recursive=False)
    assert [job.source.path.name for job in jobs] == ["a.png", "b.JPG"]


def test_file_with_glob_characters_in_its_name_is_a_file(tmp_path):
    odd = tmp_path / "photo[1].png"
    odd.write_bytes(b"")
    (job,) = make_jobs([str(odd)], naming(), recursive=False)
    assert job.source.path == odd


def test_outputs_of_an_earlier_run_are_not_enlarged_again(folder):
    (folder / "a_x4.png").write_bytes(b"")
    jobs = make_jobs([str(folder)], naming(), recursive=False)
    assert [job.source.path.name for job in jobs] == ["a.png", "b.JPG"]


def test_output_folder_inside_the_input_is_not_read(folder):
    (folder / "out").mkdir()
    (folder / "out" / "a_x4.png").write_bytes(b"")
    jobs = make_jobs([str(folder)], naming(str(folder / "out")), recursive=True)
    assert all(job.source.path.parent.name != "out" for job in jobs)


def test_a_file_named_twice_is_done_once(folder):
    file = str(folder / "a.png")
    assert len(make_jobs([file, file], naming(), recursive=False)) == 1


def test_standard_streams(folder):
    piped, printed = StreamSource(STREAMS.input()), StreamSink(STREAMS.open_output)
    assert make_jobs(["-"], naming(), recursive=False) == [Job(piped, printed)]
    assert make_jobs([str(folder / "a.png")], naming("-"), recursive=False) == [
        Job(FileSource(folder / "a.png"), printed)
    ]
    assert make_jobs(["-"], naming("x.png"), recursive=False) == [Job(piped, FileSink(Path("x.png")))]


def test_two_inputs_for_one_output_are_found(tmp_path):
    for name in ("one/a.png", "two/a.png"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"")
    inputs = [str(tmp_path / "one/a.png"), str(tmp_path / "two/a.png")]
    with pytest.raises(OutputError, match="would both become"):
        make_jobs(inputs, naming(f"{tmp_path}/out/"), recursive=False)


def test_one_format_for_two_names_collides(tmp_path):
    for name in ("a.png", "a.jpg"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(OutputError, match="would both become"):
        make_jobs(
            [str(tmp_path / f"a.{end}") for end in ("png", "jpg")], naming(extension=".png"), recursive=False
        )


def test_an_input_is_never_overwritten(folder):
    file = str(folder / "a.png")
    with pytest.raises(OutputError, match="would overwrite the input"):
        make_jobs([file], naming(file), recursive=False)


def test_missing_input(tmp_path):
    with pytest.raises(InputError, match="no such file or folder"):
        make_jobs([str(tmp_path / "none.png")], naming(), recursive=False)


def test_folder_without_pictures(tmp_path):
    with pytest.raises(InputError, match="no pictures in") as caught:
        make_jobs([str(tmp_path)], naming(), recursive=False)
    assert caught.value.hint is None
    (tmp_path / "below").mkdir()
    with pytest.raises(InputError, match="no pictures in") as caught:
        make_jobs([str(tmp_path)], naming(), recursive=False)
    assert "-r" in caught.value.hint


def test_glob_that_matches_nothing(tmp_path):
    with pytest.raises(InputError, match="nothing matches"):
        make_jobs([str(tmp_path / "*.png")], naming(), recursive=False)


def test_many_inputs_for_one_file(folder):
    with pytest.raises(UsageError, match="can't go to the one file"):
        make_jobs([str(folder)], naming("out.png"), recursive=False)
    with pytest.raises(UsageError, match="one standard output"):
        make_jobs([str(folder)], naming("-"), recursive=False)


def test_link_that_leads_back_up_does_not_loop(folder):
    (folder / "below" / "up").symlink_to(folder)
    assert len(make_jobs([str(folder)], naming(), recursive=True)) == 4


def test_longest_legal_name_stays_legal(tmp_path):
    file = tmp_path / ("é" * 125 + ".png")
    file.write_bytes(b"")
    (job,) = make_jobs([str(file)], naming(), recursive=False)
    assert len(os.fsencode(job.target.path.name)) <= 255
    assert job.target.path.name.endswith("_x4.png")


def all_jobs(*inputs, **words):
    return jobs_module.make_jobs(
        [str(word) for word in inputs], naming(**words), recursive=False, streams=STREAMS
    )


def test_outputs_that_the_shell_named_as_well(tmp_path):
    for name in ("a.png", "a_x4.png", "b.jpg", "b_x2.5.jpg", "c_x4.png", "d.png", "d_longest900.png"):
        (tmp_path / name).touch()
    found = all_jobs(*sorted(tmp_path.iterdir()))
    assert [job.source.path.name for job in found.jobs] == ["a.png", "b.jpg", "c_x4.png", "d.png"]
    assert found.left_out == {"output of an earlier run": 3}


def test_an_output_that_is_named_alone_is_enlarged(tmp_path):
    (tmp_path / "a_x4.png").touch()
    assert [job.target.path.name for job in all_jobs(tmp_path / "a_x4.png").jobs] == ["a_x4_x4.png"]


def test_outputs_in_another_folder_are_known_by_their_manifest(tmp_path):
    for name in ("in/a.png", "in/out/a_x4.png", "in/out/other.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    source, target = tmp_path / "in" / "a.png", tmp_path / "in" / "out" / "a_x4.png"
    Manifest("x").note(source, identify(source), target, target)

    def sources(folder):
        found = jobs_module.make_jobs([str(folder)], Naming(None, "x2", None), recursive=True)
        return [job.source.path.name for job in found.jobs]

    assert sources(tmp_path / "in") == ["a.png", "other.png"]
    assert sources(tmp_path / "in" / "out") == ["a_x4.png", "other.png"], "it is what was asked for"


@pytest.mark.skipif(os.name == "nt", reason="needs links")
@pytest.mark.parametrize("way", ["output is a link", "input is a link", "hard link", "linked folder"])
def test_no_link_leads_to_an_input(way, tmp_path):
    (tmp_path / "in").mkdir()
    real, other = tmp_path / "in" / "a.png", tmp_path / "b.png"
    real.write_bytes(b"picture")
    source, target = real, other
    if way == "output is a link":
        other.symlink_to(real)
    elif way == "input is a link":
        other.symlink_to(real)
        source, target = other, real
    elif way == "hard link":
        other.hardlink_to(real)
    else:
        (tmp_path / "again").symlink_to("in")
        target = tmp_path / "again" / "a.png"
    with pytest.raises(OutputError, match="would overwrite the input"):
        all_jobs(source, output=str(target))


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_no_default_output_is_a_link_to_another_input(tmp_path):
    for name in ("a.png", "b.png"):
        (tmp_path / name).touch()
    (tmp_path / "a_x4.png").symlink_to("b.png")
    with pytest.raises(OutputError, match="would overwrite the input"):
        all_jobs(tmp_path / "a.png", tmp_path / "b.png")


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_two_outputs_that_lead_to_one_file(tmp_path):
    for name in ("a.png", "b.png"):
        (tmp_path / name).touch()
    (tmp_path / "a_x4.png").symlink_to("b_x4.png")
    with pytest.raises(OutputError, match="would both become"):
        all_jobs(tmp_path / "a.png", tmp_path / "b.png")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("IMG_0001", "IMG_0001_x4.jpg"), ("photo.jpg_large", "photo.jpg_large_x4.jpg"), ("a.JPG", "a_x4.JPG")],
)
def test_a_file_without_an_extension_of_its_own_keeps_its_kind(name, wanted, tmp_path):
    (tmp_path / name).write_bytes(b"\xff\xd8\xff\xe0")
    assert [job.target.path.name for job in all_jobs(tmp_path / name).jobs] == [wanted]


def test_standard_input_keeps_its_kind():
    assert [job.target.path for job in all_jobs("-", output="out/").jobs] == [Path("out/stdin_x4.jpg")]


def test_names_belong_to_the_folder_of_the_moment(tmp_path, monkeypatch):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.png").touch()
        monkeypatch.chdir(tmp_path / folder)
        with pytest.raises(OutputError, match="would overwrite the input"):
            all_jobs("a.png", output=str(tmp_path / folder / "a.png"))
