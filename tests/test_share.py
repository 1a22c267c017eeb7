"""What packages install besides code: manual pages and completions; and what they hold at all."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARE = ROOT / "share"
COMPLETIONS = {
    "bash": "bash-completion/completions/srcli",
    "zsh": "zsh/site-functions/_srcli",
    "fish": "fish/vendor_completions.d/srcli.fish",
}


@pytest.fixture(scope="module")
def make():
    spec = importlib.util.spec_from_file_location("make_share", SHARE / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_pages_and_completions_are_up_to_date(make):
    lying = {
        path.relative_to(SHARE).as_posix() for path in SHARE.rglob("*") if path.suffix not in (".py", ".pyc")
    }
    written = make.files()
    assert {name for name in lying if (SHARE / name).is_file()} == set(written), "run: python share/make.py"
    stale = [name for name, text in written.items() if (SHARE / name).read_text(encoding="utf-8") != text]
    assert stale == [], "run: python share/make.py"


@pytest.mark.parametrize("page", sorted(SHARE.rglob("*.1")), ids=lambda page: page.name)
def test_manual_pages_are_well_formed(page):
    if shutil.which("mandoc") is None:
        pytest.skip("mandoc is not installed")
    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", str(page)], capture_output=True, text=True, check=False
    )
    # They bear no date, or they would change with each release.
    assert [line for line in done.stdout.splitlines() if "missing date" not in line] == []


@pytest.fixture
def shell(tmp_path):
    """Calls a shell that finds this srcli and an empty home."""
    folder = Path(sys.executable).parent
    if not (folder / "srcli").exists():
        pytest.skip("srcli is not installed beside this Python: pip install .")
    environment = {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
    }

    def call(name, script):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")
        done = subprocess.run(
            [name, "-c", script], capture_output=True, text=True, env=environment, check=False, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


def test_bash_completes(shell):
    script = f"""source {SHARE / COMPLETIONS["bash"]}
        COMP_WORDS=(srcli upscale --ove) COMP_CWORD=2; _srcli_completion srcli; echo "${{COMPREPLY[*]}}" """
    assert shell("bash", script).split() == ["--overwrite", "--overlap"]


def test_zsh_completes(shell):
    # The line editor of zsh wants a terminal: what it would show is printed instead.
    script = """autoload -U compinit; compinit -u -D
        _arguments() { print -rl -- "$@" }; _describe() { print -rl -- "$@" }
        words=(srcli upscale --ove); CURRENT=3
        _TYPER_COMPLETE_ARGS="srcli upscale --ove" _SRCLI_COMPLETE=complete_zsh srcli"""
    text = shell("zsh", script)
    assert re.findall(r'"(--\w+)"', text) == ["--overwrite", "--overlap"]
    checked = shell(
        "zsh",
        f"autoload -U compinit; compinit -u -D; source {SHARE / COMPLETIONS['zsh']}; print $_comps[srcli]",
    )
    assert checked.strip() == "_srcli_completion"


def test_fish_completes(shell):
    text = shell("fish", f'source {SHARE / COMPLETIONS["fish"]}; complete -C "srcli upscale --ove"')
    assert [line.split("\t")[0] for line in text.splitlines()] == ["--overlap", "--overwrite"]


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """The source package, and the wheel that is built from what it holds, without a network."""
    pytest.importorskip("hatchling")
    place = tmp_path_factory.mktemp("packages")
    build(ROOT, "sdist", place)
    (source,) = place.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(place, filter="data")
    build(place / source.name.removesuffix(".tar.gz"), "wheel", place)
    (wheel,) = place.glob("*.whl")
    return source, wheel


def build(folder, kind, place):
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "ALL_PROXY"), "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(place)],
        cwd=folder,
        env={**os.environ, **nowhere},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_wheel_holds_what_runs_and_no_more(packages):
    with zipfile.ZipFile(packages[1]) as archive:
        names = archive.namelist()
    kinds = {
        name.split("/")[0].rpartition("-")[0] + name.split(".")[-1] for name in names if "dist-info" in name
    }
    assert kinds
    inside = [name for name in names if not re.match(r"srcli-[^/]+\.(dist-info|data)/", name)]
    assert [name for name in inside if not name.startswith("srcli/")] == []
    endings = {Path(name).suffix or Path(name).name for name in inside}
    assert endings <= {
        ".py",
        ".typed",
        "py.typed",
        ".onnx",
        ".json",
        ".css",
        ".html",
        ".js",
        ".svg",
        ".md",
        ".txt",
    }
    assert [name for name in inside if "test" in Path(name).parts or "__pycache__" in name] == []
    shared = {name.partition(".data/data/share/")[2] for name in names if ".data/data/share/" in name}
    lying = {path.relative_to(SHARE).as_posix() for path in SHARE.rglob("*") if path.is_file()}
    assert shared == {name for name in lying if not name.endswith((".py", ".pyc"))}


def test_the_wheel_holds_all_modules_and_weights(packages):
    with zipfile.ZipFile(packages[1]) as archive:
        names = set(archive.namelist())
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "srcli").rglob("*.py")}
    weights = {f"srcli/weights/{path.name}" for path in (ROOT / "weights").iterdir() if path.is_file()}
    assert modules | weights <= names


def test_the_source_package_holds_what_its_tests_need(packages):
    with tarfile.open(packages[0]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "tests/test_share.py",
        "share/make.py",
        "containers/Dockerfile",
        "docs/files.md",
        "README.md",
    } <= names
    assert [name for name in names if "__pycache__" in name or name.startswith(".venv")] == []
