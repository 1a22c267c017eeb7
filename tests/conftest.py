"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from srcli.pipeline.defaults import FILE_VARIABLE, VARIABLES
from tests import store_servers

ROOT = Path(__file__).resolve().parent.parent


# A busy machine is no failure.
settings.register_profile("srcli", deadline=None)
settings.load_profile("srcli")


@pytest.fixture(scope="session", autouse=True)
def _nothing_of_the_user(tmp_path_factory):
    """Tests see the shipped generators, their own, and no defaults, whatever the user has set up."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ("SRCLI_MODELS", FILE_VARIABLE, *VARIABLES.values()):
            environment.delenv(name, raising=False)
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA"):
            environment.setenv(name, str(tmp_path_factory.getbasetemp() / "data"))
        environment.setenv("SRCLI_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of photographs and benchmarks, which is no part of the project."""
    folder = Path(os.environ.get("SRCLI_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no pictures at {folder}: set SRCLI_DATA to the folder that holds bench/ and train/")
    return folder


@pytest.fixture(scope="session")
def s3_port(tmp_path_factory):
    """Where a server that speaks S3 listens."""
    if not store_servers.python_module("moto"):
        pytest.skip(f"moto is not in {store_servers.EMULATORS}")
    pytest.importorskip("s3fs")
    port = store_servers.free_port()
    with store_servers.s3(port, tmp_path_factory.mktemp("s3")):
        yield port
