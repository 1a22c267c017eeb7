"""Checkpoints on disk: a folder with an index and parts of at most 15 MiB, each with its SHA-256.

    checkpoints/step-000012000/
      index.json      {"version": 1, "parts": [{"file": "part-000.bin", "sha256": "..."}]}
      part-000.bin    consecutive bytes of one torch.save of the state

Cutting the bytes and not the tensors lets a discriminator whose one layer holds a gigabyte be saved as well.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import torch

from srcli.core.errors import TrainingError
from srcli.core.files import atomic_folder

if TYPE_CHECKING:
    from pathlib import Path

PART_BYTES = 15 * 2**20
KEPT = 2

State = dict[str, Any]
"""Tensors, numbers, text, lists and dictionaries: what ``torch.load(weights_only=True)`` accepts."""


def save_checkpoint(state: State, step: int, run: Path, part_bytes: int = PART_BYTES) -> Path:
    """Write a checkpoint; it appears whole or not at all, and the older ones but one are deleted.

    Returns:
        The checkpoint's folder.

    Raises:
        OutputError: it can't be written.
    """
    folder = run / "checkpoints" / f"step-{step:09d}"
    with atomic_folder(folder) as temporary:
        _write_parts(_to_bytes(state), temporary, part_bytes)
    for old in list_checkpoints(run)[:-KEPT]:
        shutil.rmtree(old)
    return folder


def list_checkpoints(run: Path) -> list[Path]:
    """The checkpoints of a run, oldest first."""
    return sorted((run / "checkpoints").glob("step-*"))


def load_checkpoint(path: Path) -> State:
    """Read a checkpoint, given its folder or that of the run (then the newest one), onto the CPU.

    Raises:
        TrainingError: there is no checkpoint, or a part differs from its hash.
    """
    folder = path if (path / "index.json").is_file() else next(reversed(list_checkpoints(path)), None)
    if folder is None:
        raise TrainingError(
            f"no checkpoint in {path}",
            hint="name the folder of a run, or one in its checkpoints/",
        )
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    content = b"".join(_read_part(folder / part["file"], part["sha256"]) for part in index["parts"])
    state: State = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    return state


def _to_bytes(state: State) -> bytes:
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()


def _write_parts(content: bytes, folder: Path, part_bytes: int) -> None:
    parts = []
    for number, start in enumerate(range(0, len(content), part_bytes)):
        part = content[start : start + part_bytes]
        name = f"part-{number:03d}.bin"
        _write_durably(folder / name, part)
        parts.append({"file": name, "sha256": hashlib.sha256(part).hexdigest()})
    index = json.dumps({"version": 1, "parts": parts}, indent=2) + "\n"
    _write_durably(folder / "index.json", index.encode())


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _read_part(path: Path, sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TrainingError(f"cannot read the checkpoint part {path}: {error}") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise TrainingError(f"the checkpoint part {path} is damaged: its SHA-256 differs from the index")
    return content
