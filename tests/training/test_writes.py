"""What training writes appears whole; a write that fails leaves nothing and says so."""

import errno
import os

import numpy as np
import pytest
import torch
from torch import nn

from srcli.core.errors import OutputError
from srcli.training.checkpoint import load_checkpoint, save_checkpoint
from srcli.training.log import NAME, Entry, add_entry
from srcli.training.onnx_file import write_onnx
from srcli.training.plot import plot_log
from srcli.training.validation import write_strip

ENTRY = Entry(1, 2.0, 0.1, 1.0, 30.0, 0.9, 60.0)


def _write_log(path):
    add_entry(path.parent, ENTRY)


def _write_plot(path):
    pytest.importorskip("matplotlib")
    plot_log([ENTRY], path)


def _write_generator(path):
    write_onnx(nn.Upsample(scale_factor=2), path)


def _write_strip(path):
    write_strip([np.zeros((5, 7, 3), np.float32)], path)


WRITERS = [(_write_log, NAME), (_write_plot, "a.png"), (_write_generator, "a.onnx"), (_write_strip, "a.png")]


@pytest.mark.parametrize(("write", "name"), WRITERS)
def test_a_write_leaves_its_file_alone_in_the_folder(tmp_path, write, name):
    write(tmp_path / name)
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize(("write", "name"), WRITERS)
def test_a_write_that_fails_leaves_what_was_there(tmp_path, write, name, monkeypatch):
    (tmp_path / name).write_bytes(b"")

    def refuse(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    with pytest.raises(OutputError, match=f"cannot write .*{name}: No space left on device"):
        write(tmp_path / name)
    assert os.listdir(tmp_path) == [name]
    assert (tmp_path / name).read_bytes() == b""


def test_a_checkpoint_that_fails_leaves_the_one_of_its_step(tmp_path, monkeypatch):
    state = {"weight": torch.ones(3)}
    folder = save_checkpoint(state, 7, tmp_path)

    def refuse(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OutputError, match=r"cannot write .*step-000000007: No space left on device"):
        save_checkpoint({"weight": torch.zeros(3)}, 7, tmp_path)
    assert os.listdir(tmp_path / "checkpoints") == [folder.name]
    assert torch.equal(load_checkpoint(tmp_path)["weight"], state["weight"])
