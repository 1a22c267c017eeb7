"""Putting originals aside."""

from __future__ import annotations

import shutil
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def move_below(path: Path, root: Path, place: Path) -> Path:
    """Move a file into another folder, and keep its place in the tree. Nothing there is replaced.

    Args:
        path: the file.
        root: the folder that its tree begins in.
        place: the folder that the tree goes on in; made where it is missing.

    Returns:
        Where the file is now: under a name with a number where its own was taken.

    Raises:
        OSError: the system refuses.
    """
    folder = place / path.parent.relative_to(root)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / path.name
    for number in count(2):
        try:
            # Takes the name, so that nothing else can.
            target.touch(exist_ok=False)
            break
        except FileExistsError:
            target = folder / f"{path.stem}-{number}{path.suffix}"
    try:
        shutil.move(path, target)
    except OSError:
        target.unlink(missing_ok=True)
        raise
    return target
