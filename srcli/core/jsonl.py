"""Files of JSON objects, one a line, that are only ever appended to, by several runs at a time if need be.

Each line is one write, with a line end on both sides: a run that dies leaves at worst one torn line, which is
kept apart from the next one and is not read.
"""

from __future__ import annotations

import errno
import json
import os
from typing import TYPE_CHECKING, Any

from srcli.core.errors import OutputError
from srcli.core.names import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def append_line(path: Path, values: Mapping[str, Any]) -> None:
    """Append an object; the file and the folders above it are made where they are missing.

    Raises:
        OutputError: the file can't be written.
    """
    line = f"\n{json.dumps(values)}\n".encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            if os.write(handle, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(handle)
    except OSError as error:
        raise OutputError(f"cannot write {printable(path)}: {error.strerror or error}") from error


class LineReader:
    """Reads a file that others append to; what was read once is not read again.

    Args:
        path: the file, which need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_bytes = 0

    def new_objects(self) -> Iterator[dict[str, Any]]:
        """The objects that were added since the last call; torn and foreign lines are left out."""
        for line in self._new_lines():
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict):
                yield value

    def _new_lines(self) -> list[bytes]:
        try:
            with self._path.open("rb") as file:
                file.seek(self._read_bytes)
                # What follows the last line end may be half a line that another run is writing.
                *whole, rest = file.read().split(b"\n")
                self._read_bytes = file.tell() - len(rest)
        except OSError:
            return []
        return whole
