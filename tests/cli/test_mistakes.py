"""Forty typical mistakes: what is typed, how it ends, and what the first line of the messages says."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from PIL import Image

from srcli.cli.app import run
from tests.cli.conftest import save_picture

FILES = {
    "doc.pdf": b"%PDF-1.7\n",
    "logo.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "phone.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "empty.png": b"",
    "broken.png": b"\x89PNG\r\n\x1a\nrubbish",
    "notes.txt": b"milk, eggs\n",
    "weights.bin": b"1234",
    "list.txt": b"",
}

MISTAKES = [
    # What to do
    ("", 2, None),
    ("upscail photo.png", 2, "error: No such command 'upscail'."),
    ("upscale", 2, "error: missing argument INPUT"),
    ("upscale --no-such-option photo.png", 2, "error: No such option: --no-such-option"),
    ("photo.png", 2, "error: No such command 'photo.png'."),
    ("models lst", 2, "error: No such command 'lst'."),
    # What to read
    ("upscale ''", 2, "error: an argument is empty"),
    ("upscale photo.png --output=", 2, "error: --output has an empty value"),
    ("upscale gone.png", 1, "error: no such file or folder: gone.png"),
    ("upscale *.webp", 1, "error: nothing matches *.webp"),
    ("upscale photo.png larger.png", 1, "error: no such file or folder: larger.png"),
    ("upscale nothing", 1, "error: no pictures in nothing"),
    ("upscale phone", 1, "error: no pictures in phone: 2 raw photographs"),
    ("upscale tree", 1, "error: no pictures in tree: 1 folder below (-r)"),
    ("upscale doc.pdf", 1, "error: cannot read doc.pdf: "),
    ("upscale logo.svg", 1, "error: cannot read logo.svg: "),
    ("upscale phone.heic", 1, "error: cannot read phone.heic: "),
    ("upscale notes.txt", 1, "error: cannot read notes.txt: "),
    ("upscale empty.png", 1, "error: cannot read empty.png: the file is empty"),
    ("upscale broken.png", 1, "error: cannot read broken.png: "),
    ("upscale -", 1, "error: standard input is empty"),
    ("upscale - photo.png", 2, "error: standard input (-) goes alone"),
    ("upscale --files-from list.txt", 1, "error: list.txt names no file"),
    ("upscale --files-from gone.txt", 1, "error: cannot read gone.txt: no such file"),
    # Where to write
    ("upscale photo.png -o photo.png", 1, "error: photo.png would overwrite the input photo.png"),
    ("upscale photo.png photo.bmp --format png", 1, "error: photo.png and photo.bmp would both become "),
    ("upscale photo.png photo.bmp -o larger.png", 2, "error: 2 pictures can't go to the one file larger.png"),
    ("upscale photo.png photo.bmp -o -", 2, "error: 2 pictures can't go to one standard output"),
    ("upscale photo.png -o done.png", 1, "error: done.png exists already"),
    ("upscale photo.png -o larger.docx", 1, "error: cannot write larger.docx: unknown format .docx"),
    ("upscale photo.png -o larger.heic", 1, "error: cannot write larger.heic: HEIC is read, never written"),
    ("upscale photo.png -o notes.txt/a.png", 1, "error: cannot write into notes.txt: notes.txt is a file"),
    ("upscale photo.png -o - --json", 2, "error: --json and the picture both want standard output"),
    # How
    ("upscale photo.png -s 0", 2, "error: scale 0 is out of range"),
    ("upscale photo.png -s 100", 2, "error: scale 100 is out of range"),
    ("upscale photo.png -s two", 2, "error: Invalid value for '-s' / '--scale': 'two' is no number"),
    ("upscale photo.png --width 8px", 2, "error: Invalid value for '--width': '8px' is no whole number"),
    ("serve --port 99999", 2, "error: Invalid value for '--port': 99999 is above 65535"),
    ("upscale photo.png --longest 40000", 2, "error: --longest 40000 makes 33x24 1.21e+03 times as large"),
    ("upscale photo.png -s 2 --width 100", 2, "error: ask for one size: "),
    ("upscale photo.png -m fsat", 4, "error: there is no generator named 'fsat'"),
    ("upscale photo.png -m gone.onnx", 4, "error: "),
    ("upscale photo.png --device gpu", 2, "error: "),
    ("upscale photo.png --precision int4", 2, "error: unknown precision 'int4'"),
    ("upscale photo.png --format docx", 2, "error: unknown picture format: docx"),
    ("upscale photo.png --format jxl", 2, "error: JXL is read, never written"),
    ("upscale photo.png --quality 0", 2, "error: quality 0 is not between 1 and 100"),
    ("upscale photo.png --tile 8", 2, "error: a tile of 8 pixels is too small"),
    # Other commands
    ("metrics photo.png", 2, "error: Missing argument 'REFERENCE'"),
    ("metrics photo.png gone.png", 1, "error: "),
    ("models info fsat", 4, "error: there is no generator named 'fsat'"),
    ("models remove fast", 2, "error: fast ships with srcli and stays"),
    ("models import weights.png", 4, "error: there is no file, folder or known package weights.png"),
]


@pytest.fixture
def folder(tiny, tmp_path, monkeypatch):
    """A folder such as a newcomer has, and nothing on standard input."""
    here = tmp_path / "here"
    save_picture(here / "photo.png")
    Image.open(here / "photo.png").save(here / "photo.bmp")
    save_picture(here / "done.png")
    save_picture(here / "tree" / "below" / "a.png")
    for name in ("phone/a.dng", "phone/b.dng", "nothing/.keep"):
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).touch()
    for name, content in FILES.items():
        (here / name).write_bytes(content)
    monkeypatch.chdir(here)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    return here


def contents(folder):
    """All files but those that a picture was to become."""
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize(
    ("words", "code", "first"), MISTAKES, ids=[words or "nothing" for words, *_ in MISTAKES]
)
def test_mistakes(words, code, first, folder, capsys):
    arguments = [word.strip("'") for word in words.split()]
    before = contents(folder)
    if arguments[:1] == ["upscale"] and "-m" not in arguments and len(arguments) > 1:
        arguments += ["-m", "tiny"]
    assert run(arguments) == code
    captured = capsys.readouterr()
    if first is None:
        assert "upscale" in captured.out
        assert captured.err == ""
        return
    assert captured.out == ""
    errors = [line for line in captured.err.splitlines() if line.startswith("error: ")]
    assert captured.err.splitlines()[0] == errors[0]
    assert errors[0].startswith(first)
    made = {str(Path(folder, "photo_x4.png"))} if "larger.png" in words and code == 1 else set()
    assert contents(folder).keys() - before.keys() == made, "nothing else is left behind"


HINTS = [
    ("photo.png", "srcli upscale photo.png"),
    ("help upscale", "srcli upscale --help"),
    ("rubbish", "srcli --help lists the commands, srcli COMMAND --help the options"),
    ("upscale -4 photo.png", "did you mean -s 4?"),
    ("upscale photo.png -s x2", "did you mean -s 2?"),
    ("upscale photo.png -s two", "srcli upscale --help lists its options"),
    ("upscale photo.png --width 800px", "did you mean --width 800?"),
    ("upscale photo.png --threads 1.5", "srcli upscale --help lists its options"),
    ("upscale photo.png --qualty 90", "srcli upscale --help lists its options"),
    ("upscale photo.jpg", "did you mean photo.png?"),
    ("upscale tree/below/b.png", "did you mean tree/below/a.png?"),
    ("upscale rubbish.png", None),
    ("upscale photo.png larger.png", "to write there: -o larger.png"),
    ("upscale nothing", None),
    ("upscale tree", "add -r to look into the folders below"),
    ("upscale photo.png -o larger.pdf", "end the name in .png, .jpg, .webp, .tif, .bmp, .avif, .gif or .ppm"),
    ("metrics photo.png", "usage: srcli metrics [OPTIONS] RESULT REFERENCE"),
    ("models list fast", "usage: srcli models list [OPTIONS]"),
    ("evaluate tree", "add --hr FOLDER"),
    (
        "metrics done.png large.png",
        "crop or resize one of them first; srcli degrade --references keeps originals ",
    ),
]


@pytest.mark.parametrize(("words", "hint"), HINTS, ids=[words for words, _ in HINTS])
def test_hints(words, hint, folder, tiny, capsys):
    save_picture(folder / "large.png", size=(40, 30))
    arguments = words.split()
    if arguments[0] == "upscale":
        arguments += ["-m", "tiny"]
    assert run(arguments) != 0
    lines = capsys.readouterr().err.splitlines()
    if hint is None:
        assert "hint: " not in "\n".join(lines)
    else:
        assert lines[1].startswith(f"hint: {hint}")


def test_a_name_without_an_extension_is_no_folder(folder, capsys):
    assert run(["upscale", "photo.png", "-o", "larger", "-m", "tiny"]) == 0
    assert "larger becomes a file without an extension" in capsys.readouterr().err
    assert run(["upscale", "photo.png", "-o", "folder/", "-m", "tiny"]) == 0
    assert "warning" not in capsys.readouterr().err
    assert (folder / "larger").is_file()
    assert (folder / "folder" / "photo_x4.png").is_file()
