"""The command line as a whole."""

from __future__ import annotations

import subprocess
import sys

import pytest

from srcli import __version__
from srcli.cli.app import run


@pytest.mark.parametrize("words", [["--help"], ["upscale", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(words):
    program = (
        "import sys\n"
        "from srcli.cli.app import run\n"
        f"code = run({words!r})\n"
        "heavy = {'numpy', 'onnxruntime', 'PIL', 'torch', 'pyvips', 'tqdm'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else code)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_version(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"srcli {__version__}\n"


def test_no_words_show_the_help(capsys):
    assert run([]) == 2
    captured = capsys.readouterr()
    assert "upscale" in captured.out + captured.err


def test_unknown_command(capsys):
    assert run(["upscail"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert "upscail" in captured.err


def test_missing_argument(capsys):
    assert run(["upscale"]) == 2
    assert "INPUT" in capsys.readouterr().err


def test_unforeseen_error_is_named_a_bug(monkeypatch, capsys):
    def buggy(*_, **__):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("srcli.upscaling.run.prepare_run", buggy)
    assert run(["upscale", "x.png"]) == 70
    err = capsys.readouterr().err
    assert "internal error: ZeroDivisionError: oops" in err
    assert "Traceback" not in err
    assert run(["upscale", "x.png", "--debug"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_public_names_are_there():
    import srcli

    for name in srcli.__all__:
        assert getattr(srcli, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        srcli.nonsense  # noqa: B018
