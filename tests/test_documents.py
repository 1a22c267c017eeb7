"""Every command and every program of README and docs runs as it stands there, on stand-ins for files.

A block of commands runs from top to bottom in a folder of its own, as a person would type it.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run
from srcli.importers.checkpoint import PACKAGES
from tests import tiny_models
from tests.importers.ncnn_files import write_generator

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
INSTALLS = "installs packages, or checks the whole repository: .ci/run does that"

SHORTER = {
    "--minutes 30": "--steps 2 --crop 32 --batch 1 --threads 1",
    "--longest 4000": "--longest 120",
    "--longest 400": "--longest 100",
    "srcli bench -m fast -m plain -s 2 -s 4": "srcli bench -m plain -s 2 --size 48x40 --repeats 1",
    "srcli watch holiday/": "srcli watch holiday/ --poll --interval 0.1 --until-idle 0.2",
    "srcli bench holiday/": "srcli bench holiday/ --repeats 1",
    "srcli bench ": "srcli bench --size 48x40 --repeats 1 ",
}
"""What takes long on any picture, and what does the same in little time; the first that fits is taken."""

PROGRAMS = {"--ocr": "tesseract", "parallel ": "parallel"}
"""What commands need besides srcli, by a word in them."""


SERVED = "serving.md"
"""Its programs need a server: ``tests/server/test_examples.py`` runs them."""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page, by the line that it begins on."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(language: str) -> list[Block]:
    """The fenced blocks of a language in all pages."""
    return [block for page in PAGES for block in blocks_of(page, language)]


def blocks_of(page: Path, language: str) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    fences = re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Block(page, text.count("\n", 0, fence.start()) + 1, language, fence[1]) for fence in fences]


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """The folder that the reader of a page works in, with all the files that pages speak of."""
    for name in ("photo.jpg", "old.jpg", "scan.tif", "screen.png", "brick.png", "holiday/beach.jpg"):
        picture(tmp_path / name)
    Image.open(tmp_path / "screen.png").convert("L").save(tmp_path / "grey.png")
    for folder in ("originals", "photos"):
        for name, size in (("bird.png", (64, 72)), ("cat.png", (72, 64)), ("dog.png", (80, 68))):
            picture(tmp_path / folder / name, size)
            picture(tmp_path / "larger" / name, size)
    picture(tmp_path / "holiday" / "boats" / "red.png")
    for name in ("original.png", "result.png"):
        picture(tmp_path / name, (56, 72))
    shutil.copytree(ROOT / "recipes", tmp_path / "recipes")
    for name in ("cat", "dog"):
        for split in ("learn", "test"):
            picture(tmp_path / "classes" / split / name / "1.png", (34, 36))
    picture(tmp_path / "pages" / "1.png", (64, 72))
    (tmp_path / "pages" / "1.txt").write_text("waves", encoding="utf-8")
    if find_spec("av"):
        clips(tmp_path)
    (tmp_path / "answers").mkdir()
    answers = ["study,rater,trial,kind,picture,left,right,answer,seconds", "s,ann,1,new,bird,fast,,4,2.5"]
    (tmp_path / "answers" / "ann.csv").write_text("\n".join(answers), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path / "models"))
    return tmp_path


def clips(folder):
    """Videos of a second, and pictures that move and that are pages."""
    from tests import moving

    moving.clip(folder / "clip.mp4", frames=30, sound=True)
    for name in ("result.mp4", "original.mp4"):
        moving.clip(folder / name, frames=4)
    frames = [Image.fromarray(moving.levels(index)) for index in range(3)]
    frames[0].save(folder / "clip.gif", save_all=True, append_images=frames[1:], duration=40)


def picture(path, size=(28, 36)):
    """A small picture with some structure, height and width as given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows, columns = np.mgrid[: size[0], : size[1]]
    waves = np.stack([128 + 90 * np.sin(rows / (3 + c) + columns / 5) for c in range(3)], axis=-1)
    Image.fromarray(waves.astype(np.uint8)).save(path)


@pytest.mark.parametrize("block", blocks("sh"), ids=str)
def test_commands_run_as_they_stand(block, desk):
    left_out = {}
    for line in filter(None, map(str.strip, block.text.splitlines())):
        reason = obstacle(line)
        if reason:
            left_out[line] = reason
        else:
            prepare(line, desk)
            code, said = type_in(shortened(line), desk)
            assert code == 0, f"{line}\n{said}"
    if left_out:
        pytest.skip("; ".join(f"{line}: {reason}" for line, reason in left_out.items()))


TESTED_ELSEWHERE = {
    "recipes/colourise.py": "needs VGG-16 and an hour: tests/training/test_colourise.py runs it with less",
    "realesrgan": "takes minutes: tests/importers/test_realesrgan.py runs these networks",
}


def obstacle(line: str) -> str | None:
    """Why a command can't run here; None where it can."""
    if re.search(r"-m venv|pip install|uv tool|pipx|bin/activate|\.venv/bin/", line):
        return INSTALLS
    if re.search(r"srcli serve|:8765|letter\.json", line):
        return "needs a server: tests/server/test_examples.py runs the page"
    if "--install-completion" in line:
        return "writes to the files of the user's shell"
    if "--device cuda" in line and not has_gpu():
        return "there is no NVIDIA GPU"
    if re.search(r"import \S+\.pth|blend|-m mine|remove mine", line) and not can_import():
        return "PyTorch and spandrel are not installed, or do not fit"
    if (
        re.search(r"^srcli (train|export)|^python recipes|--classifier net.onnx", line)
        and find_spec("torch") is None
    ):
        return "PyTorch is not installed"
    elsewhere = (reason for word, reason in TESTED_ELSEWHERE.items() if word in line)
    return next(elsewhere, None) or next(missing_programs(line), None)


def missing_programs(line: str) -> Iterator[str]:
    for word, program in PROGRAMS.items():
        if word in line and shutil.which(program) is None:
            yield f"{program} is not installed"
    if re.search(r"srcli video|\.mp4", line) and find_spec("av") is None:
        yield "PyAV is not installed"


def has_gpu() -> bool:
    from srcli.engine.devices import nvidia

    return nvidia.problem(0) is None


@cache
def can_import() -> bool:
    return all(find_spec(package) is not None for package in PACKAGES)


def prepare(line: str, desk: Path) -> None:
    """Put the networks there that a command imports."""
    if ".onnx" in line and "import" in line:
        tiny_models.deep(desk / "drawings.onnx")
    if ".param" in line:
        write_generator(desk, "comics")
    for seed, name in enumerate(re.findall(r"import (\S+\.pth)", line)):
        import torch

        from tests.checkpoints import compact as checkpoint

        torch.save(checkpoint(4, seed=seed), desk / name)


def shortened(line: str) -> str:
    """The command with less to do."""
    for text, shorter in SHORTER.items():
        if text in f"{line} ":
            return f"{line} ".replace(text, shorter).strip()
    return line


def type_in(line: str, desk: Path) -> tuple[int, str]:
    """The exit code of a command line, and what it said: in this process where it is one command."""
    words = shlex.split(line, comments=True)
    if words[0] == "srcli" and not {"|", ">", "<", "&&"} & set(words):
        return run(words[1:]), ""
    command = shutil.which("srcli", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("srcli is not installed beside this Python: pip install .")
    environment = {**os.environ, "PATH": f"{Path(command).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line], cwd=desk, env=environment, capture_output=True, check=False
    )
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if blocks_of(page, "python") and page.name != SERVED],
    ids=lambda page: page.name,
)
def test_programs_run_as_they_stand(page, desk):
    """The blocks of a page follow one another, as the cells of a notebook do."""
    names = {"__name__": "__main__"}
    for block in blocks_of(page, "python"):
        exec(compile(block.text, str(block), "exec"), names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", text):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_options_exist(page):
    """Options that pages name in passing are options of some command."""
    named = set(re.findall(r"`[^`\n]*?(?<![\w-])(--[a-z][\w-]+)", page.read_text(encoding="utf-8")))
    # Of pip, of ruff, and of recipes/colourise.py.
    others = {"--editable", "--quiet", "--check", "--held-out", "--temperature"}
    assert named - known_options() <= others


def known_options() -> set[str]:
    from typer.main import get_command

    from srcli.cli.app import app

    found = {"--help"}
    waiting = [get_command(app)]
    while waiting:
        command = waiting.pop()
        found.update(
            option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
        )
        waiting.extend(getattr(command, "commands", {}).values())
    return found


def test_every_page_is_linked_from_the_readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in PAGES[2:] if f"(docs/{page.name})" not in text] == []


def test_the_readme_fits_two_screens():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 90
