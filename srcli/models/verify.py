"""Whether the model files are what their cards say."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from srcli.core.errors import DamagedModel
from srcli.models.folders import shipped_folder, split_stem, user_folder

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.models.store import InstalledModel


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, 64 hexadecimal digits.

    Raises:
        DamagedModel: the file can't be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DamagedModel(f"cannot read {path}: {error.strerror}") from error


def verify(model: InstalledModel) -> None:
    """Compare the hashes of a generator's files, at all precisions, with its card.

    Raises:
        DamagedModel: a file is missing, or is not the one that the card describes.
    """
    card = model.card
    expected = {model.path: card.sha256}
    expected |= {model.path.with_name(variant.file): variant.sha256 for variant in card.variants.values()}
    for path, sha256 in expected.items():
        found = sha256_of(path)
        if found != sha256:
            raise DamagedModel(
                f"{path} is damaged: its SHA-256 is {found[:12]}..., its card says {sha256[:12]}...",
                hint=repair_hint(path),
            )


def repair_hint(path: Path) -> str | None:
    """What helps against a damaged file of a generator, by the folder that it lies in."""
    if path.parent == shipped_folder():
        return "pip install --force-reinstall . in a copy of srcli's repository"
    if path.parent == user_folder():
        return f"srcli models remove {split_stem(path.stem)[0]}, then import it again"
    return None
