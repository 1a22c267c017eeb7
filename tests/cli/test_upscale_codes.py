"""A dry run ends with the exit code, and tells the errors, of the run that it plans."""

from __future__ import annotations

import json

import pytest

from srcli.cli.app import run
from tests.cli.conftest import save_picture


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "pictures"
    for index, name in enumerate(("a.png", "c.png")):
        save_picture(folder / name, (23 + index, 31), index)
    return folder


def _spoil(path):
    path.write_bytes(path.read_bytes()[:20])


def _little_memory(monkeypatch):
    monkeypatch.setattr("srcli.upscaling.stages.available_memory", lambda _: 2**20)


def _bug(monkeypatch, names):
    from srcli.upscaling import stages

    real = stages.inspect

    def broken(job, *others, **options):
        if job.source.path.name in names:
            raise ZeroDivisionError("oops")
        return real(job, *others, **options)

    monkeypatch.setattr(stages, "inspect", broken)


def _ends(capsys, *words):
    """The exit code, and the codes, errors and hints of the single inputs."""
    code = run(["upscale", *map(str, words), "--json", "-q"])
    objects = map(json.loads, capsys.readouterr().out.splitlines())
    return code, [(each["exit_code"], each["error"], each["hint"]) for each in objects]


CASES = {
    "all is well": ([], lambda *_: None, 0, [0, 0]),
    "one is no picture": ([], lambda folder, _: _spoil(folder / "a.png"), 1, [1, 0]),
    "no generator wraps around five times": (["-s", "5", "--seamless"], lambda *_: None, 2, [2, 2]),
    "an input is missing": (["none.png"], lambda *_: None, 1, [1, 0, 0]),
    "memory": ([], lambda _, patch: _little_memory(patch), 3, [3, 3]),
    "memory, and no picture": (
        [],
        lambda folder, patch: (_little_memory(patch), _spoil(folder / "c.png")),
        1,
        [3, 1],
    ),
    "a bug in one": ([], lambda _, patch: _bug(patch, {"a.png"}), 70, [70, 0]),
    "a bug in all": ([], lambda _, patch: _bug(patch, {"a.png", "c.png"}), 70, [70, 70]),
}


@pytest.mark.parametrize(("words", "prepare", "code", "codes"), CASES.values(), ids=CASES)
def test_dry_run_and_run_agree(words, prepare, code, codes, tiny, folder, tmp_path, monkeypatch, capsys):
    prepare(folder, monkeypatch)
    command = [folder, "-m", tiny, "-o", f"{tmp_path / 'out'}/", *words]
    planned = _ends(capsys, *command, "--dry-run")
    assert not (tmp_path / "out").exists()
    assert (planned[0], [each[0] for each in planned[1]]) == (code, codes)
    assert _ends(capsys, *command) == planned


def test_they_agree_on_outputs_that_exist(tiny, folder, tmp_path, capsys):
    command = [folder, "-m", tiny, "-s", "2", "-o", f"{tmp_path / 'out'}/"]
    assert _ends(capsys, *command)[0] == 0
    planned = _ends(capsys, *command, "--dry-run")
    assert planned[0] == 1
    assert _ends(capsys, *command) == planned
