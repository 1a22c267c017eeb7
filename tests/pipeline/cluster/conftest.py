from __future__ import annotations

import pytest

from srcli.upscaling.settings import UpscaleSettings
from srcli.upscaling.target import Target
from tests import tiny_models


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Of a generator that only this machine has installed."""
    (tmp_path / "models").mkdir()
    tiny_models.install(tmp_path / "models", name="tiny", scale=2)
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path / "models"))
    return UpscaleSettings(Target(factor=2.0), model="tiny", device="cpu")
