"""What was finished, with which settings: the memory behind ``--resume``.

One JSON line per finished picture in a hidden file of the output's folder; see ``srcli.core.jsonl``.
"""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from srcli.core.files import real_path
from srcli.core.jsonl import LineReader, append_line
from srcli.core.names import printable
from srcli.upscaling.file_identity import identify

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.upscaling.file_identity import Identity

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


class Past(StrEnum):
    """What the manifest tells of an output that exists."""

    FINISHED = "finished"
    OTHER = "other"
    UNKNOWN = "unknown"


class Manifest:
    """What earlier runs, and others at the same time, finished, and a way to add to it."""

    def __init__(self, settings: str) -> None:
        self._settings = settings
        self._folders: dict[Path, _FolderManifest] = {}

    def past(self, source: Path, target: Path, page: int | None = None) -> Past:
        """Whether an output was finished from this very input with these settings, and is still whole.

        It is unknown where the manifest has no word of it: made by a run that leaves no manifest, or by
        someone else.
        """
        if target.parent not in self._folders:
            self._folders[target.parent] = _FolderManifest(target.parent)
        found = self._folders[target.parent].records().get(printable(target.name))
        if found is None:
            return Past.UNKNOWN
        try:
            wanted = self._record(source, identify(source), target, target, page)
        except OSError:
            return Past.OTHER
        return Past.FINISHED if found == wanted else Past.OTHER

    def note(
        self, source: Path, identity: Identity, target: Path, finished: Path, page: int | None = None
    ) -> None:
        """Append a finished picture to the manifest of its folder.

        Args:
            source: what it was made from.
            identity: of the source when its reading began.
            target: where the picture is, or is about to be.
            finished: where it is now.
            page: which picture of the source it was made from; None for the main one.

        Raises:
            OutputError: the manifest can't be written.
        """
        record = self._record(source, identity, target, finished, page)
        append_line(target.parent / MANIFEST_NAME, asdict(record))

    def _record(
        self, source: Path, identity: Identity, target: Path, finished: Path, page: int | None
    ) -> Record:
        return Record(
            output=printable(target.name),
            output_bytes=finished.stat().st_size,
            source=printable(real_path(source)),
            source_bytes=identity.bytes,
            source_mtime_ns=identity.mtime_ns,
            settings=settings_of_page(self._settings, page),
        )


def settings_of_page(settings: str, page: int | None) -> str:
    """The settings of a run as they are for one page of a file."""
    return f"{settings}, page {page}" if page else settings


def sources_noted_in(folder: Path) -> dict[str, str]:
    """What each output in a folder was made from, as far as a manifest there tells."""
    records = _FolderManifest(folder).records()
    return {output: record.source for output, record in records.items()}


class _FolderManifest:
    """The manifest of one folder, of which only what was added is read again."""

    def __init__(self, folder: Path) -> None:
        self._lines = LineReader(folder / MANIFEST_NAME)
        self._records: dict[str, Record] = {}

    def records(self) -> dict[str, Record]:
        """The last whole record of each output."""
        for values in self._lines.new_objects():
            # A line of another version may have other fields.
            with contextlib.suppress(TypeError):
                record = Record(**values)
                self._records[record.output] = record
        return self._records
