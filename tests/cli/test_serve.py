"""``srcli serve`` before it serves: what it refuses, and what it needs."""

from __future__ import annotations

import sys

import pytest

from srcli.cli.app import run


@pytest.fixture
def _without_the_extra(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("srcli.server.")]:
        monkeypatch.delitem(sys.modules, name)
    for library in ("starlette", "uvicorn", "python_multipart"):
        monkeypatch.setitem(sys.modules, library, None)


@pytest.mark.usefixtures("_without_the_extra")
def test_a_missing_extra_is_named(capsys):
    assert run(["serve"]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert "error: srcli serve needs the extra 'serve'" in said.err
    assert "pip install '.[serve]'" in said.err


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_others_reach_the_server_only_if_it_was_said_whether_they_need_a_token(host, capsys):
    assert run(["serve", "--host", host]) == 2
    assert "add --token, or --no-token" in capsys.readouterr().err


@pytest.mark.parametrize("token", ["short", "with a blank in between"])
def test_a_token_that_can_be_guessed_or_not_be_sent(token, capsys, monkeypatch):
    monkeypatch.setenv("SRCLI_TOKEN", token)
    assert run(["serve", "--token"]) == 2
    assert "openssl rand" in capsys.readouterr().err


def test_a_file_of_a_token_that_is_not_there(capsys, tmp_path):
    assert run(["serve", "--token-file", str(tmp_path / "none")]) == 2
    assert "cannot read" in capsys.readouterr().err


def test_a_root_path_without_its_slash(capsys):
    assert run(["serve", "--root-path", "larger"]) == 2
    assert "--root-path /larger" in capsys.readouterr().err
