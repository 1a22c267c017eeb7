"""``srcli upscale`` from the command line to files, exit code, stdout and stderr."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run
from tests import tiny_models
from tests.cli.conftest import save_picture


def upscale(*words):
    return run(["upscale", *map(str, words)])


def size_of(path):
    with Image.open(path) as picture:
        return picture.size


def pixels_of(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_default_output_is_four_times_as_large_beside_the_input(tiny, photo, capsys):
    assert upscale(photo, "-m", tiny) == 0
    assert size_of(photo.with_name("photo_x4.png")) == (132, 96)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"{photo.with_name('photo_x4.png')}: 132x96 pixels, ")


@pytest.mark.parametrize(
    ("options", "size", "name"),
    [
        (["-s", "2"], (66, 48), "photo_x2.png"),
        (["-s", "3"], (99, 72), "photo_x3.png"),
        (["-s", "2.5"], (83, 60), "photo_x2.5.png"),
        (["-s", "8"], (264, 192), "photo_x8.png"),
        (["--width", "100"], (100, 73), "photo_width100.png"),
        (["--height", "48"], (66, 48), "photo_height48.png"),
        (["--longest", "66"], (66, 48), "photo_longest66.png"),
        (["--shortest", "48"], (66, 48), "photo_shortest48.png"),
        (["--width", "66", "--height", "1000"], (66, 48), "photo_width66_height1000.png"),
    ],
)
def test_sizes(tiny, photo, options, size, name):
    assert upscale(photo, "-m", tiny, "-q", *options) == 0
    assert size_of(photo.with_name(name)) == size


def test_output_to_a_named_file_takes_the_format_of_its_extension(tiny, photo, tmp_path):
    target = tmp_path / "new" / "larger.webp"
    assert upscale(photo, "-m", tiny, "-o", target) == 0
    with Image.open(target) as picture:
        assert (picture.format, picture.size) == ("WEBP", (132, 96))


def test_format_renames_and_encodes(tiny, photo):
    assert upscale(photo, "-m", tiny, "--format", "jpeg", "--quality", "80") == 0
    with Image.open(photo.with_name("photo_x4.jpg")) as picture:
        assert picture.format == "JPEG"


def test_folder_tree_is_mirrored(tiny, photo, tmp_path):
    save_picture(photo.parent / "below" / "deeper" / "other.png")
    out = tmp_path / "out"
    assert upscale("-r", photo.parent, "-m", tiny, "-s", "2", "-o", out) == 0
    assert size_of(out / "photo_x2.png") == (66, 48)
    assert size_of(out / "below" / "deeper" / "other_x2.png") == (66, 48)


class Pipe(io.TextIOWrapper):
    """A standard stream that is no terminal."""

    def __init__(self, data=b""):
        super().__init__(io.BytesIO(data))


def test_standard_input_to_standard_output(tiny, photo, monkeypatch):
    pipe = Pipe()
    monkeypatch.setattr(sys, "stdin", Pipe(photo.read_bytes()))
    monkeypatch.setattr(sys, "stdout", pipe)
    assert upscale("-", "-m", tiny) == 0
    with Image.open(io.BytesIO(pipe.buffer.getvalue())) as picture:
        assert (picture.format, picture.size) == ("PNG", (132, 96))


def test_empty_standard_input(tiny, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", Pipe())
    monkeypatch.setattr(sys, "stdout", Pipe())
    assert upscale("-", "-m", tiny) == 1
    assert "standard input is empty" in capsys.readouterr().err


def test_a_picture_is_not_thrown_at_a_terminal(tiny, photo, monkeypatch, capsys):
    terminal = Pipe()
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdout", terminal)
    assert upscale(photo, "-m", tiny, "-o", "-") == 2
    assert "terminal" in capsys.readouterr().err


def test_json_and_picture_do_not_share_standard_output(tiny, photo, capsys):
    assert upscale(photo, "-m", tiny, "-o", "-", "--json") == 2
    assert "both want standard output" in capsys.readouterr().err


def test_json_report(tiny, photo, capsys):
    assert upscale(photo, "-m", tiny, "-s", "3", "--json") == 0
    captured = capsys.readouterr()
    (report,) = map(json.loads, captured.out.splitlines())
    assert captured.err == ""
    assert report["status"] == "done"
    assert (report["input_size"], report["output_size"], report["scale"]) == ([33, 24], [99, 72], 3.0)
    assert (report["model"], report["device"], report["precision"]) == ("tiny-x3", "cpu", "fp32")
    assert (report["provider"], report["tiles"]) == ("CPUExecutionProvider", 1)
    assert len(report["model_sha256"]) == 64
    assert report["seconds"] > 0
    assert report["error"] is None


def test_one_bad_file_does_not_end_the_run(tiny, photo, capsys):
    (photo.parent / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    (photo.parent / "empty.jpg").write_bytes(b"")
    assert upscale(photo.parent, "-m", tiny, "--json") == 1
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [report["status"] for report in reports] == ["failed", "failed", "done"]
    assert all(report["error"].startswith("cannot read") for report in reports[:2])
    assert sorted(os.listdir(photo.parent)) == [
        ".srcli-manifest.jsonl",
        "broken.png",
        "empty.jpg",
        "photo.png",
        "photo_x4.png",
    ]


def test_summary_of_a_batch(tiny, photo, capsys):
    (photo.parent / "broken.png").write_bytes(b"rubbish")
    upscale(photo.parent, "-m", tiny)
    err = capsys.readouterr().err
    assert "error: cannot read" in err
    assert "1 done, 0 skipped, 1 failed" in err


def test_existing_output_is_refused_and_kept(tiny, photo, capsys):
    target = photo.with_name("photo_x4.png")
    target.write_bytes(b"mine")
    assert upscale(photo, "-m", tiny) == 1
    assert "exists already" in capsys.readouterr().err
    assert target.read_bytes() == b"mine"


def test_overwrite(tiny, photo):
    target = photo.with_name("photo_x4.png")
    target.write_bytes(b"mine")
    assert upscale(photo, "-m", tiny, "--overwrite") == 0
    assert size_of(target) == (132, 96)


def test_devices_are_not_replaced(tiny, photo, tmp_path, capsys):
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    assert upscale(photo, "-m", tiny, "-o", pipe, "--overwrite") == 1
    assert "no regular file" in capsys.readouterr().err
    assert pipe.is_fifo()


def test_resume_skips_only_what_was_finished_with_these_settings(tiny, photo, capsys):
    folder = photo.parent
    assert upscale(folder, "-m", tiny) == 0
    save_picture(folder / "second.png")
    capsys.readouterr()
    assert upscale(folder, "-m", tiny, "--resume", "--json") == 0
    states = {
        Path(line["input"]).name: line["status"]
        for line in map(json.loads, capsys.readouterr().out.splitlines())
    }
    assert states == {"photo.png": "skipped", "second.png": "done"}
    assert upscale(folder, "-m", tiny, "--resume", "--strength", "0.5") == 1
    assert "not finished with these settings" in capsys.readouterr().err


def test_resume_redoes_a_changed_input_when_it_may_overwrite(tiny, photo):
    assert upscale(photo, "-m", tiny) == 0
    save_picture(photo, size=(20, 20))
    assert upscale(photo, "-m", tiny, "--resume") == 1
    assert upscale(photo, "-m", tiny, "--resume", "--overwrite") == 0
    assert size_of(photo.with_name("photo_x4.png")) == (80, 80)


def test_collision_is_found_before_any_work(tiny, photo, capsys):
    Image.open(photo).save(photo.with_suffix(".bmp"))
    assert upscale(photo.parent, "-m", tiny, "--format", "png") == 1
    assert "would both become" in capsys.readouterr().err
    assert not photo.with_name("photo_x4.png").exists()


def test_dry_run_tells_and_does_nothing(tiny, photo, capsys):
    before = sorted(os.listdir(photo.parent))
    assert upscale(photo, "-m", tiny, "--dry-run") == 0
    out = capsys.readouterr().out
    assert "132x96" in out
    assert "1 of 1 to upscale" in out
    assert sorted(os.listdir(photo.parent)) == before


def test_dry_run_as_json(tiny, photo, capsys):
    (photo.parent / "broken.png").write_bytes(b"rubbish")
    assert upscale(photo.parent, "-m", tiny, "--dry-run", "--json") == 1
    broken, good = map(json.loads, capsys.readouterr().out.splitlines())
    assert broken["action"] == "fail"
    assert (good["action"], good["output_size"], good["format"]) == ("upscale", [132, 96], "PNG")
    assert good["memory_bytes"] > 132 * 96 * 3 * 4
    assert good["seconds"] >= 0


def test_limits_of_the_format_are_found_before_the_work(tiny, tmp_path, capsys):
    long = tmp_path / "long.png"
    save_picture(long, size=(2, 5000))
    assert upscale(long, "-m", tiny, "--format", "webp") == 1
    assert "16383" in capsys.readouterr().err


def test_custom_onnx_file_is_probed(photo, tmp_path, capsys):
    model = tiny_models.channels_last(tmp_path / "mine.onnx", 2)
    assert upscale(photo, "-m", model, "--json", "-s", "2") == 0
    assert json.loads(capsys.readouterr().out)["model"] == "mine-x2"
    assert size_of(photo.with_name("photo_x2.png")) == (66, 48)


def test_onnx_file_that_is_no_generator(photo, tmp_path, capsys):
    model = tiny_models.not_a_generator(tmp_path / "classifier.onnx")
    assert upscale(photo, "-m", model) == 4
    assert "error:" in capsys.readouterr().err


def test_unknown_model(tiny, photo, capsys):
    assert upscale(photo, "-m", "tinny") == 4
    err = capsys.readouterr().err
    assert "no generator named 'tinny'" in err
    assert "did you mean tiny?" in err


def test_damaged_model(tiny, photo, tmp_path, capsys):
    with (tmp_path / "models" / "tiny-x4.onnx").open("ab") as file:
        file.write(b"x")
    assert upscale(photo, "-m", tiny) == 4
    assert "error:" in capsys.readouterr().err
    assert not photo.with_name("photo_x4.png").exists()


def test_cuda_never_falls_back(tiny, photo, capsys):
    from srcli.core.errors import DeviceUnavailable
    from srcli.engine.devices.registry import choose_device

    try:
        choose_device("cuda")
    except DeviceUnavailable:
        pass
    else:
        pytest.skip("this machine has a usable CUDA device")
    assert upscale(photo, "-m", tiny, "--device", "cuda") == 3
    assert "hint:" in capsys.readouterr().err
    assert not photo.with_name("photo_x4.png").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["-s", "1"],
        ["-s", "17"],
        ["-s", "2", "--width", "50"],
        ["--tile", "8"],
        ["--tile", "32", "--overlap", "16"],
        ["--strength", "1.5"],
        ["--quality", "0"],
        ["--format", "docx"],
        ["--device", "tpu"],
        ["--threads", "0"],
        ["--seamless", "-s", "2.5"],
        ["--no-such-option"],
    ],
)
def test_nonsense_is_a_usage_error(tiny, photo, capsys, words):
    assert upscale(photo, "-m", tiny, *words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "error: " in captured.err
    assert sorted(os.listdir(photo.parent)) == ["photo.png"]


def test_missing_input(tiny, capsys):
    assert upscale("no-such.png", "-m", tiny) == 1
    assert "no such file or folder: no-such.png" in capsys.readouterr().err


def test_interpolation_as_model(photo, capsys):
    assert upscale(photo, "-m", "bicubic", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["model"], report["provider"], report["tiles"]) == ("bicubic", None, 0)


def test_result_does_not_depend_on_the_tile(tiny, tmp_path):
    picture = tmp_path / "in" / "odd.png"
    save_picture(picture, size=(101, 67))
    for tile in ("32", "48", "96"):
        assert upscale(picture, "-m", tiny, "-o", tmp_path / f"{tile}.png", "--tile", tile) == 0
    whole = pixels_of(tmp_path / "96.png")
    np.testing.assert_array_equal(pixels_of(tmp_path / "32.png"), whole)
    np.testing.assert_array_equal(pixels_of(tmp_path / "48.png"), whole)


def test_garbage_tiles_are_reported(photo, tmp_path, capsys):
    white = np.full((24, 33, 3), 255, np.uint8)
    white[:, ::2] = 10
    Image.fromarray(white).save(photo)
    model = tiny_models.undefined_on_white(tmp_path / "nan.onnx", 2)
    assert upscale(photo, "-m", model) == 4
    assert "error:" in capsys.readouterr().err
    assert not photo.with_name("photo_x4.png").exists()


def test_larger_than_asked_is_resized_with_a_warning(tiny, photo, capsys):
    assert upscale(photo, "-m", tiny, "--longest", "20") == 0
    assert "resized without a generator" in capsys.readouterr().err
    assert size_of(photo.with_name("photo_longest20.png")) == (20, 15)


def test_interrupt_leaves_nothing_and_exits_130(tiny, photo, monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("srcli.upscaling.stages.Enlargement", interrupted)
    assert upscale(photo, "-m", tiny) == 130
    assert "interrupted" in capsys.readouterr().err
    assert os.listdir(photo.parent) == ["photo.png"]


def test_bug_in_one_file_is_named_and_exits_70(tiny, photo, monkeypatch, capsys):
    def buggy(*_, **__):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("srcli.upscaling.stages.Enlargement", buggy)
    assert upscale(photo, "-m", tiny, "--debug") == 70
    err = capsys.readouterr().err
    assert "internal error: ZeroDivisionError: oops" in err
    assert "Traceback" in err


def test_full_disk_leaves_nothing(tiny, photo, monkeypatch, capsys):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("srcli.upscaling.stages.open_rows", full)
    assert upscale(photo, "-m", tiny) == 1
    assert "No space left" in capsys.readouterr().err
    assert os.listdir(photo.parent) == ["photo.png"]


def test_too_little_memory_is_said_before_the_work(tiny, photo, monkeypatch, capsys):
    monkeypatch.setattr("srcli.upscaling.stages.available_memory", lambda _: 1000)
    assert upscale(photo, "-m", tiny) == 3
    assert "MiB of memory" in capsys.readouterr().err
