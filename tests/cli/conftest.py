"""A folder of tiny generators named ``tiny`` for the commands, and pictures to feed them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests import tiny_models


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """The name of a generator at x2, x3 and x4 that repeats pixels and adds a small residual."""
    folder = tmp_path / "models"
    folder.mkdir()
    for scale in (2, 3, 4):
        tiny_models.install(folder, name="tiny", scale=scale)
    monkeypatch.setenv("SRCLI_MODELS", str(folder))
    return "tiny"


@pytest.fixture
def photo(tmp_path):
    """A small colour picture, 33 x 24."""
    path = tmp_path / "in" / "photo.png"
    save_picture(path)
    return path


def save_picture(path, size=(24, 33), seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    levels = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    Image.fromarray(levels).save(path)
