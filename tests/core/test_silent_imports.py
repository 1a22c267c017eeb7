"""Nothing is reported to anyone, and nothing is left in the user's folders."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image

import srcli
from srcli.core.silent_imports import TELEMETRY_SWITCH

PACKAGE = Path(srcli.__file__).parent
SOCKETS = "trace=socket,connect,sendto,sendmsg"


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def bare(home):
    """The surroundings of a user whose home is empty, and who has set nothing."""
    ours = ("XDG_", "SRCLI_", "ORT_", "MPLCONFIGDIR", "LOCALAPPDATA")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"HOME": str(home), "USERPROFILE": str(home)}


@pytest.fixture
def upscale(tmp_path):
    """The command that enlarges a small picture with a generator."""
    Image.effect_noise((45, 33), 60).convert("RGB").save(tmp_path / "in.png")
    files = [str(tmp_path / "in.png"), "-o", str(tmp_path / "out.png")]
    return [sys.executable, "-m", "srcli", "upscale", *files, "-s", "2", "--device", "cpu"]


def _run(command, environment):
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)


def test_an_enlargement_leaves_the_home_empty(upscale, bare, home):
    done = _run(upscale, bare)
    assert done.returncode == 0, done.stderr
    assert list(home.rglob("*")) == []


def test_an_enlargement_opens_no_socket(upscale, bare, tmp_path):
    strace = shutil.which("strace")
    if strace is None or _run([strace, "true"], bare).returncode:
        pytest.skip("system calls can't be traced here: no strace, or not allowed")
    trace = tmp_path / "trace"
    done = _run([strace, "-f", "-qq", "-e", SOCKETS, "-e", "signal=none", "-o", str(trace), *upscale], bare)
    assert done.returncode == 0, done.stderr
    assert [line for line in trace.read_text().splitlines() if "exited" not in line] == []


# Not by pytest's importorskip: a plain import of OpenVINO reports to its makers.
@pytest.mark.skipif(find_spec("openvino") is None, reason="pip install '.[openvino]'")
def test_openvino_reports_nothing(upscale, bare, home, tmp_path):
    strace, trace = shutil.which("strace"), tmp_path / "trace"
    command = [*upscale[:-1], "openvino"]
    if strace is not None and _run([strace, "true"], bare).returncode == 0:
        command = [strace, "-f", "-qq", "-e", SOCKETS, "-e", "signal=none", "-o", str(trace), *command]
    done = _run(command, bare | {"SRCLI_CACHE": str(tmp_path / "cache")})
    assert done.returncode == 0, done.stderr
    assert list(home.rglob("*")) == []
    if trace.exists():
        assert [line for line in trace.read_text().splitlines() if "exited" not in line] == []


def test_processes_started_later_inherit_the_switch(bare):
    program = (
        "import subprocess, sys\n"
        "from srcli.engine.runtimes.runtime import onnxruntime\n"
        "onnxruntime()\n"
        f'show = "import os; print(os.environ[{TELEMETRY_SWITCH!r}])"\n'
        "subprocess.run([sys.executable, '-c', show], check=True)\n"
    )
    done = _run([sys.executable, "-c", program], bare | {TELEMETRY_SWITCH: "0"})
    assert (done.stdout, done.returncode) == ("1\n", 0)


def test_a_plot_leaves_the_home_empty(bare, home, tmp_path):
    pytest.importorskip("matplotlib")
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from srcli.training.plot import plot_log\n"
        "before = dict(os.environ)\n"
        "plot_log([], Path(sys.argv[1]))\n"
        "sys.exit(before != dict(os.environ))\n"
    )
    done = _run([sys.executable, "-c", program, str(tmp_path / "log.png")], bare)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "log.png").stat().st_size
    assert list(home.rglob("*")) == []


def test_a_run_of_the_training_parts_leaves_the_home_empty(bare, home):
    pytest.importorskip("torch")
    done = _run([sys.executable, "-c", "import srcli.training.run"], bare)
    assert (done.returncode, list(home.rglob("*"))) == (0, []), done.stderr


@pytest.mark.parametrize("library", ["onnxruntime", "openvino", "matplotlib"])
def test_nothing_else_imports_what_leaves_traces(library):
    found = [
        f"{path.name}:{node.lineno}"
        for path in PACKAGE.rglob("*.py")
        for node in _imports_at_run_time(ast.parse(path.read_text("utf-8")))
        if any(name.split(".")[0] == library for name in _imported(node))
    ]
    assert found == []


def _imports_at_run_time(tree):
    """All import statements but those for type checkers."""
    if isinstance(tree, ast.If) and getattr(tree.test, "id", "") == "TYPE_CHECKING":
        return
    if isinstance(tree, ast.Import | ast.ImportFrom):
        yield tree
    for child in ast.iter_child_nodes(tree):
        yield from _imports_at_run_time(child)


def _imported(node):
    return [each.name for each in node.names] if isinstance(node, ast.Import) else [node.module or ""]
