"""Defaults of a person's own: the file, the variables, and which goes first."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from srcli.cli.app import run

VARIABLES = ("SRCLI_MODEL", "SRCLI_FORMAT", "SRCLI_QUALITY", "SRCLI_DEVICE")


@pytest.fixture
def config(tmp_path, monkeypatch):
    """Writes the file of defaults."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def write(text):
        file = tmp_path / "config" / "srcli" / "config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    return write


def made(photo, capsys, *words):
    """The report of the picture."""
    assert run(["upscale", str(photo), "--overwrite", "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_file_sets_defaults(config, tiny, photo, capsys):
    config(f'model = "{tiny}"\nformat = "jpeg"\nquality = 10\ndevice = "cpu"\n')
    low = made(photo, capsys)
    assert (low["model"], low["device"]) == ("tiny-x4", "cpu")
    assert low["output"].endswith("photo_x4.jpg")
    high = made(photo, capsys, "--quality", "100")
    assert high["output_bytes"] > low["output_bytes"]


def test_variables_go_before_the_file_and_words_before_both(config, tiny, photo, capsys, monkeypatch):
    config('model = "bicubic"\nformat = "webp"\n')
    monkeypatch.setenv("SRCLI_MODEL", tiny)
    report = made(photo, capsys)
    assert (report["model"], report["output"][-5:]) == ("tiny-x4", ".webp")
    assert made(photo, capsys, "-m", "lanczos")["model"] == "lanczos"


def test_another_file(config, tiny, photo, tmp_path, capsys, monkeypatch):
    (tmp_path / "other.toml").write_text('model = "nearest"\n')
    monkeypatch.setenv("SRCLI_CONFIG", str(tmp_path / "other.toml"))
    assert made(photo, capsys)["model"] == "nearest"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model = photo", "cannot read"),
        ('colour = "red"', "sets 'colour', which is no default of srcli"),
        ("model = 3", "sets model to 3"),
        ('quality = "high"', "sets quality to 'high'"),
        ("quality = true", "sets quality to True"),
        ("quality = 500", "quality 500 is not between 1 and 100"),
        ('device = "tpu"', "unknown device 'tpu'"),
    ],
)
def test_nonsense_is_a_usage_error(text, message, config, tiny, photo, capsys):
    config(text)
    assert run(["upscale", str(photo), *(() if "model" in text else ("-m", tiny))]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err.splitlines()[0]


def test_a_file_that_was_named_and_is_not_there(config, photo, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("SRCLI_CONFIG", str(tmp_path / "none.toml"))
    assert run(["upscale", str(photo)]) == 2
    assert "which is not there" in capsys.readouterr().err


def test_the_device_of_other_commands(config, photo, tmp_path, capsys):
    config('device = "tpu"\nformat = "webp"\n')
    assert run(["compare", str(photo), "-o", str(tmp_path / "sheet.png")]) == 2
    assert "unknown device 'tpu'" in capsys.readouterr().err


def test_the_doctor_shows_them(config, capsys, monkeypatch):
    file = config('model = "photo"\nquality = 80\n')
    monkeypatch.setenv("SRCLI_QUALITY", "70")
    assert run(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["defaults"] == [
        {"option": "model", "value": "photo", "origin": str(file)},
        {"option": "quality", "value": "70", "origin": "SRCLI_QUALITY"},
    ]


def test_the_doctor_tells_what_is_wrong_with_the_file(config, capsys):
    config("nonsense")
    assert run(["doctor", "--json"]) == 3
    assert "cannot read" in json.loads(capsys.readouterr().out)["troubles"][0]["message"]


def test_without_a_file_nothing_changes(config, tiny, photo, capsys):
    report = made(photo, capsys, "-m", tiny)
    with Image.open(report["output"]) as picture:
        assert picture.format == "PNG"


def test_an_unknown_generator_names_what_sets_it(config, photo, capsys, monkeypatch):
    file = config('model = "fsat"\n')
    assert run(["upscale", str(photo)]) == 4
    assert f"hint: {file} names it; did you mean fast?" in capsys.readouterr().err
    monkeypatch.setenv("SRCLI_MODEL", "plian")
    assert run(["upscale", str(photo)]) == 4
    assert "hint: SRCLI_MODEL names it; did you mean plain?" in capsys.readouterr().err
    assert run(["upscale", str(photo), "-m", "fsat"]) == 4
    assert "names it" not in capsys.readouterr().err
