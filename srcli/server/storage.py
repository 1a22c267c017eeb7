"""Where uploads and results lie: one folder for each server; the next one sweeps what a killed one left."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from srcli.core import locks
from srcli.core.errors import OutputError
from srcli.core.names import printable
from srcli.server.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "srcli-serve-"
SPARE_BYTES = 256 * 2**20
"""Room on the disk that is left to others."""


class Storage:
    """The folder of one server, made and locked; folders of servers that were killed are removed.

    Args:
        base: where the folder is made; None for the system's folder for temporary files.
        limit_bytes: of all files together.

    Attributes:
        folder: of this server.

    Raises:
        OutputError: it can't be made.
    """

    def __init__(self, base: Path | None, limit_bytes: int) -> None:
        base = base or Path(tempfile.gettempdir())
        self.limit_bytes = limit_bytes
        self._taken: dict[Path, int] = {}
        try:
            base.mkdir(parents=True, exist_ok=True)
            _sweep(base)
            self.folder, self._handle = locks.make_locked_folder(
                lambda: Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
            )
            self.scratch = self.folder / "scratch"
            self.scratch.mkdir()
        except OSError as error:
            raise OutputError(f"cannot write into {printable(base)}: {error.strerror or error}") from error

    @property
    def taken_bytes(self) -> int:
        """Bytes of all files, and of those that are promised."""
        return sum(self._taken.values())

    @property
    def free_bytes(self) -> int:
        """Bytes that may still be taken, by the limit and by the disk."""
        on_disk = shutil.disk_usage(self.folder).free - SPARE_BYTES
        return max(0, min(self.limit_bytes - self.taken_bytes, on_disk))

    def new_place(self) -> Path:
        """A new folder for the files of one picture."""
        place = self.folder / token_hex(12)
        try:
            place.mkdir(mode=0o700)
        except OSError as error:
            raise problem(507, "disk-full", f"there is no room for an upload: {error.strerror}") from error
        self._taken[place] = 0
        return place

    def promise(self, place: Path, size: int) -> None:
        """Count bytes that a picture's files will take, in place of what was counted for it.

        Raises:
            Problem: there is no room for them.
        """
        more, free = size - self._taken[place], self.free_bytes
        if more > free:
            detail = f"there is room for {free >> 20} MiB more, and this takes {size >> 20} MiB"
            if free < self.limit_bytes - self.taken_bytes:
                raise problem(507, "disk-full", detail, "the disk is full: who runs the server frees some")
            raise problem(
                507,
                "disk-full",
                detail,
                limit=self.limit_bytes,
                seen=self.taken_bytes + more,
                option="--max-disk",
            )
        self._taken[place] = size

    def count(self, place: Path) -> None:
        """Count the files of a picture as they are."""
        if place in self._taken:
            self._taken[place] = sum(_sizes(place))

    def remove(self, place: Path) -> None:
        """Remove the files of a picture."""
        self._taken.pop(place, None)
        shutil.rmtree(place, ignore_errors=True)

    def close(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _sizes(place: Path) -> Iterator[int]:
    with suppress(OSError):
        for entry in os.scandir(place):
            with suppress(OSError):
                yield entry.stat().st_size


def _sweep(base: Path) -> None:
    """Remove what servers left that were killed; those that live hold a lock."""
    for folder in base.glob(f"{PREFIX}*"):
        if folder.is_dir() and not folder.is_symlink():
            locks.remove_if_free(folder)
