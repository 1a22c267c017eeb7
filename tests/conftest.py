"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def _no_generators_of_the_user(tmp_path_factory):
    """Tests see the shipped generators and their own, whatever the user has imported."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("SRCLI_MODELS", raising=False)
        for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
            environment.setenv(name, str(tmp_path_factory.getbasetemp() / "data"))
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of photographs and benchmarks, which is no part of the project."""
    folder = Path(os.environ.get("SRCLI_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no pictures at {folder}: set SRCLI_DATA to the folder that holds bench/ and train/")
    return folder
