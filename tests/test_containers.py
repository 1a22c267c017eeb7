"""The container file, as far as it can be checked without a container engine."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCKERFILE = ROOT / "containers" / "Dockerfile"


def instructions():
    """Instruction and words of each step, continued lines joined, comments left out."""
    text = re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.M))
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line]


def words(name):
    return [rest for instruction, rest in instructions() if instruction == name]


def test_it_runs_as_nobody_in_particular():
    (user,) = words("USER")
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)


def test_only_the_server_listens_and_is_asked_for_its_health():
    steps = instructions()
    stages = [index for index, (name, _) in enumerate(steps) if name == "FROM"]
    (health,) = (index for index, (name, _) in enumerate(steps) if name == "HEALTHCHECK")
    assert steps[max(index for index in stages if index < health)][1] == "runtime AS serve"
    assert steps[stages[-1] + 1 :] == [("CMD", '["--help"]')]
    assert "--token" in words("CMD")[0]


def test_the_base_is_pinned_to_a_release():
    assert re.fullmatch(r"PYTHON=3\.\d+", words("ARG")[0])
    for base in words("FROM"):
        assert base.startswith(("python:${PYTHON}-slim-bookworm", "runtime"))


@pytest.fixture
def requirements():
    spec = importlib.util.spec_from_file_location("requirements", ROOT / "containers" / "requirements.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.requirements


def test_there_is_one_onnxruntime(requirements):
    for variant, runtime in (("cpu", "onnxruntime>="), ("cuda", "onnxruntime-gpu[cuda,cudnn]>=")):
        (found,) = (each for each in requirements(variant, []) if each.startswith("onnxruntime"))
        assert found.startswith(runtime)


def test_all_other_dependencies_are_those_of_the_package(requirements):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ours = {each for each in project["dependencies"] if not each.startswith("onnxruntime")}
    serve = set(project["optional-dependencies"]["serve"])
    assert {
        each for each in requirements("cpu", ["serve"]) if not each.startswith("onnxruntime")
    } == ours | serve


def test_what_is_copied_is_there():
    kept = [
        line[1:]
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line[:1] == "!"
    ]
    assert [name for name in kept if not (ROOT / name).exists()] == []


def test_the_linter_finds_nothing():
    command = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if command is None:
        pytest.skip("hadolint is not installed")
    done = subprocess.run([command, str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_its_commands_install_srcli_and_it_enlarges_a_picture(tmp_path):
    """The RUN lines as they stand, in folders of this test; then the command with a read-only home."""
    if "SRCLI_TEST_INSTALLS" not in os.environ:
        pytest.skip("installs packages from a registry: set SRCLI_TEST_INSTALLS")
    source, place = tmp_path / "src", tmp_path / "opt"
    for name in ("srcli", "weights", "share", "containers"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    defaults = dict(each.split("=", 1) for each in words("ARG"))
    environment = {**os.environ, **{name: value.strip('"') for name, value in defaults.items()}}
    for line in words("RUN"):
        line = line.replace("/tmp/", f"{tmp_path}/").replace("/opt/srcli", str(place))
        line = re.sub(r"(^|&& )python ", rf"\1{sys.executable} ", line)
        subprocess.run(["sh", "-euc", line], cwd=source, env=environment, check=True)
    (tmp_path / "home").mkdir(mode=0o500)
    done = subprocess.run(
        [
            place / "bin" / "srcli",
            "upscale",
            ROOT / "tests" / "data" / "sample.png",
            "-o",
            tmp_path / "x.png",
        ],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "x.png").stat().st_size > 10_000
    assert (place / "share" / "man" / "man1" / "srcli.1").exists()
    assert list((tmp_path / "home").iterdir()) == []
