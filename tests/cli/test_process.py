"""The process as a whole: standard streams that are closed, full or of another encoding, and signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.conftest import save_picture
from tests.processes import HEEDING

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs the signals and devices of Unix")
OPTIONS = ["-m", "nearest", "-s", "2"]


@pytest.fixture
def picture(tmp_path):
    save_picture(tmp_path / "a.png")
    return tmp_path / "a.png"


def shell(folder, words, **options):
    """Run a shell line in which srcli is the command of this interpreter."""
    line = f'srcli() {{ "{sys.executable}" -m srcli "$@"; }}; {words}'
    command = ["/bin/sh", "-c", line]
    return subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
        **options,
    )


def upscale(folder, words, **options):
    return shell(folder, f"srcli upscale {' '.join(OPTIONS)} {words}", **options)


def test_closed_standard_error(picture):
    done = upscale(picture.parent, "a.png -o b.png 2>&-")
    assert done.returncode == 0
    assert picture.with_name("b.png").exists()


@pytest.mark.parametrize(("redirection", "why"), [(">&-", "it is closed"), ("> /dev/full", "no space left")])
def test_standard_output_that_takes_nothing(redirection, why, picture):
    done = upscale(picture.parent, f"a.png -o b.png --json {redirection}")
    assert done.returncode == 1
    assert f"error: cannot write to standard output: {why}" in done.stderr
    assert picture.with_name("b.png").exists()


@pytest.mark.parametrize("words", ["srcli --help", "srcli --version", "srcli models list"])
def test_every_kind_of_output_is_missed_where_it_is_lost(words, tmp_path):
    done = shell(tmp_path, f"{words} > /dev/full")
    assert (done.returncode, done.stderr) == (
        1,
        "error: cannot write to standard output: no space left on device\n",
    )


def test_full_standard_error_is_no_reason_to_stop(picture):
    assert upscale(picture.parent, "a.png -o b.png 2> /dev/full").returncode == 0


def test_a_picture_for_a_closed_output(picture):
    done = upscale(picture.parent, "a.png -o - >&-")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "error: cannot write to standard output: it is closed"


def test_reader_that_goes_away(picture):
    done = shell(picture.parent, "(srcli models list --json; echo code $? >&2) | true")
    assert done.stderr == "code 1\n"


def test_another_encoding(picture):
    picture.rename(picture.with_name("Łódź.png"))
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    done = upscale(picture.parent, "*.png --dry-run | cat -v", env=environment)
    assert done.returncode == 0
    assert r"\u0141M-sd\u017a.png" in done.stdout


def test_what_libraries_write_is_one_line_of_ours(tmp_path):
    program = (
        "import os, sys\n"
        "from srcli.cli import app\n"
        "from srcli.cli.process import run_process\n"
        "app.run = lambda: os.write(2, b'lib: odd\\nlib: more\\n') and int(sys.argv[-1])\n"
        "raise SystemExit(run_process())\n"
    )

    def told(*words):
        done = subprocess.run(
            [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False
        )
        return done.stderr

    assert told("0") == "warning: a library says: lib: odd (and 1 lines more, which --debug shows)\n"
    assert told("1") == "", "the error that the command tells stands for it"
    assert told("--quiet", "0") == ""
    assert told("--debug", "0") == "lib: odd\nlib: more\n"


def start(folder, *words):
    return subprocess.Popen(
        [sys.executable, "-m", "srcli", *map(str, words)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **HEEDING,
    )


def wait_for(condition, run):
    until = time.monotonic() + 60
    while not condition():
        assert run.poll() is None, run.communicate()
        assert time.monotonic() < until
        time.sleep(0.01)


INT, TERM = signal.SIGINT, signal.SIGTERM
HUP = getattr(signal, "SIGHUP", None)


@pytest.mark.parametrize("numbers", [[INT], [TERM], [HUP], [INT, INT], [INT, TERM], [INT] * 6])
def test_signals_leave_nothing_behind(numbers, tmp_path):
    save_picture(tmp_path / "large.png", size=(700, 900))
    out = tmp_path / "out"
    run = start(tmp_path, "upscale", "large.png", "-o", "out/", "--device", "cpu", "--threads", "1")
    wait_for(lambda: out.is_dir() and any(out.iterdir()), run)
    for number in numbers:
        run.send_signal(number)
        time.sleep(0.03)
    _, err = run.communicate(timeout=30)
    # Of two that wait for a busy process, the system may deliver either first.
    assert run.returncode - 128 in numbers
    assert err.splitlines()[-1] == "interrupted"
    assert "Traceback" not in err
    assert list(out.iterdir()) == []


def test_one_interrupt_ends_the_wait_for_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    run = start(tmp_path, "upscale", "pipe.png", "-o", "out.png")
    time.sleep(1.5)
    run.send_signal(INT)
    _, err = run.communicate(timeout=20)
    assert run.returncode == 130
    # A hint on the installation may stand behind it.
    assert "interrupted" in err.splitlines()


def test_hang_up_is_ignored_under_nohup(picture):
    done = shell(
        picture.parent,
        "trap '' HUP; srcli upscale -m nearest -s 2 a.png -o b.png --json & "
        "sleep 0.3; kill -HUP $!; wait $!; exit $?",
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["status"] == "done"
