"""The recipes that lie beside the code are configurations that train."""

from pathlib import Path

import pytest

from srcli.core.cancel import CancelToken
from srcli.training.run import train
from srcli.training.toml_config import build_config, read_settings

RECIPES = Path(__file__).resolve().parents[2] / "recipes"
SMALL = {"architecture": "fast", "scale": 2, "steps": 1, "crop": 48, "batch": 2, "precision": "fp32"}


def test_there_are_recipes():
    assert {path.stem for path in RECIPES.glob("*.toml")} >= {"fast", "gpu", "polish", "crisp"}


@pytest.mark.parametrize("recipe", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_a_recipe_trains(recipe, photographs, tmp_path, tiny_perception):
    settings = read_settings(recipe)
    folders = {"photographs": str(photographs), "run": str(tmp_path / "run")}
    config = build_config(settings | folders | SMALL | {"perception": str(tiny_perception)})
    assert train(config, lambda _: None, CancelToken()).steps == 1
