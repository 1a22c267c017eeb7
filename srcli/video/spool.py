"""Videos from a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO


def spool(stream: BinaryIO, folder: Path | None = None) -> Path:
    """Copy a pipe into a temporary file, since videos are read more than once and some begin with their end.

    Args:
        stream: to read up to its end.
        folder: to put the file into; by default the system's for temporary files.

    Returns:
        its path. The caller removes it.

    Raises:
        InputError: it is empty.
        OutputError: the disk is full.
    """
    raise NotImplementedError
