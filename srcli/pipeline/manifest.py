"""What was finished, with which settings: the memory behind ``--resume``.

One JSON line per finished picture in a hidden file of the output's folder. Lines are only ever appended, each
in one write, so a run that dies leaves at worst one torn line, which is not counted.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from srcli.core.errors import OutputError
from srcli.core.names import printable

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST_NAME = ".srcli-manifest.jsonl"


@dataclass(frozen=True, slots=True)
class Record:
    """One finished picture. Times are in nanoseconds since the epoch, sizes in bytes."""

    output: str
    output_bytes: int
    source: str
    source_bytes: int
    source_mtime_ns: int
    settings: str


def make_record(source: Path, target: Path, settings: str) -> Record:
    """Describe a finished picture as it lies on the disk now."""
    before = source.stat()
    return Record(
        output=printable(target.name),
        output_bytes=target.stat().st_size,
        source=printable(source.resolve()),
        source_bytes=before.st_size,
        source_mtime_ns=before.st_mtime_ns,
        settings=settings,
    )


class Manifest:
    """What earlier runs finished, and a way to add to it. Each folder's file is read once."""

    def __init__(self, settings: str) -> None:
        self._settings = settings
        self._folders: dict[Path, dict[str, Record]] = {}

    def is_finished(self, source: Path, target: Path) -> bool:
        """Whether the output was finished from this very input with these settings, and is still whole."""
        try:
            wanted = make_record(source, target, self._settings)
        except OSError:
            return False
        if target.parent not in self._folders:
            self._folders[target.parent] = _read(target.parent)
        return self._folders[target.parent].get(wanted.output) == wanted

    def note(self, source: Path, target: Path) -> None:
        """Append a finished picture to the manifest of its folder.

        Raises:
            OutputError: the manifest can't be written.
        """
        path = target.parent / MANIFEST_NAME
        try:
            _append(path, json.dumps(asdict(make_record(source, target, self._settings))))
        except OSError as error:
            raise OutputError(f"cannot write {printable(path)}: {error.strerror or error}") from error


def _append(path: Path, line: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        # The leading line end keeps a torn line of a run that died apart from this one.
        os.write(handle, f"\n{line}\n".encode())
    finally:
        os.close(handle)


def _read(folder: Path) -> dict[str, Record]:
    """The last whole record of each output."""
    try:
        lines = (folder / MANIFEST_NAME).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    records = (_parse(line) for line in lines)
    return {record.output: record for record in records if record}


def _parse(line: str) -> Record | None:
    try:
        return Record(**json.loads(line))
    except (ValueError, TypeError):
        return None
