"""The examples of docs/serving.md run as they stand there, but for the port."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import subprocess
from importlib.util import find_spec

import pytest
from PIL import Image

from tests.server.conftest import picture

if find_spec("starlette") is None:
    pytest.skip("needs the extra serve", allow_module_level=True)

from tests.test_documents import ROOT, blocks_of

PAGE = ROOT / "docs" / "serving.md"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    (tmp_path / "photo.jpg").write_bytes(picture(64, 48, file_format="JPEG"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def shipped(start):
    """A server with the generators that srcli has."""
    return start("-m", "auto")


def at(server, text):
    return text.replace("127.0.0.1:8765", f"127.0.0.1:{server.port}")


def size_of(file):
    with Image.open(file) as opened:
        return opened.size


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_commands(desk, shipped):
    lines = [line for block in blocks_of(PAGE, "sh") for line in block.text.splitlines()]
    lines = [line for line in lines if line.startswith(("curl", "python3"))]
    assert len(lines) == 4
    for line in lines:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", at(shipped, line)], check=False, env=os.environ
        )
        assert done.returncode == 0, line
    assert size_of(desk / "larger.jpg") == (256, 192)
    assert size_of(desk / "larger.webp") == (128, 96)
    answer = json.loads((desk / "answer.json").read_text())
    assert (answer["WIDTH"], answer["HEIGHT"], answer["FILENAME"]) == (256, 192, "photo_x4.jpg")
    assert size_of(io.BytesIO(base64.b64decode(answer["DATA"]))) == (256, 192)


def test_the_program(desk, shipped, capsys):
    for block in blocks_of(PAGE, "python"):
        exec(compile(at(shipped, block.text), str(block), "exec"), {})
    assert size_of(desk / "photo_x2.png") == (128, 96)
    assert "succeeded" in capsys.readouterr().out


def test_the_description_for_programs_names_every_address(shipped):
    paths = shipped.get("/openapi.json").json["paths"]
    documented = {path.replace("{id}", "ID") for path in paths}
    text = PAGE.read_text()
    for path in documented - {"/video", "/v1/session"}:
        plain = path.replace("{kind}", "KIND").replace("{level}/{column}_{row}", "LEVEL/COLUMN_ROW")
        assert plain in text, path
