import json

import pytest
import torch

from srcli.core.errors import TrainingError
from srcli.training.checkpoint import PART_BYTES, list_checkpoints, load_checkpoint, save_checkpoint


def _state(value=1.0):
    return {"weight": torch.full((300,), value), "steps": 7, "words": ["a"]}


def test_a_state_comes_back_as_it_was(tmp_path):
    save_checkpoint(_state(), 7, tmp_path)
    loaded = load_checkpoint(tmp_path)
    assert torch.equal(loaded["weight"], _state()["weight"])
    assert (loaded["steps"], loaded["words"]) == (7, ["a"])


def test_parts_are_cut_at_the_limit_and_hashed(tmp_path):
    folder = save_checkpoint(_state(), 7, tmp_path, part_bytes=1000)
    parts = json.loads((folder / "index.json").read_text())["parts"]
    sizes = [(folder / part["file"]).stat().st_size for part in parts]
    assert sizes[:-1] == [1000] * (len(sizes) - 1)
    assert 0 < sizes[-1] <= 1000
    assert torch.equal(load_checkpoint(folder)["weight"], _state()["weight"])


def test_the_limit_is_fifteen_mebibytes():
    assert PART_BYTES == 15 * 1024 * 1024


def test_a_damaged_part_is_refused(tmp_path):
    folder = save_checkpoint(_state(), 7, tmp_path)
    part = folder / "part-000.bin"
    part.write_bytes(part.read_bytes()[:-1] + b"?")
    with pytest.raises(TrainingError, match="SHA-256 differs"):
        load_checkpoint(tmp_path)


def test_a_missing_part_is_refused(tmp_path):
    folder = save_checkpoint(_state(), 7, tmp_path)
    (folder / "part-000.bin").unlink()
    with pytest.raises(TrainingError, match=r"part-000\.bin"):
        load_checkpoint(tmp_path)


def test_a_run_takes_its_newest_checkpoint_and_keeps_two(tmp_path):
    for step in (5, 80, 1000):
        save_checkpoint(_state(float(step)), step, tmp_path)
    assert [folder.name for folder in list_checkpoints(tmp_path)] == ["step-000000080", "step-000001000"]
    assert float(load_checkpoint(tmp_path)["weight"][0]) == 1000
    assert not list((tmp_path / "checkpoints").glob(".*"))


def test_an_older_checkpoint_can_be_named(tmp_path):
    older = save_checkpoint(_state(5.0), 5, tmp_path)
    save_checkpoint(_state(6.0), 6, tmp_path)
    assert float(load_checkpoint(older)["weight"][0]) == 5


def test_a_folder_without_checkpoint_is_refused(tmp_path):
    with pytest.raises(TrainingError, match="no checkpoint in"):
        load_checkpoint(tmp_path)
