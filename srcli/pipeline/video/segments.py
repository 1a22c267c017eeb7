"""The segments of a video in the making, and what is noted of each: the memory behind ``--resume``.

They lie in a hidden folder beside the output. A segment has its name only when it is whole on the disk, and
counts only when a note beside it tells its checksum: whatever moment a run is killed at, what the next one
finds is whole. Where nothing goes wrong, the folder is gone in the end.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from srcli.core import locks, unfinished
from srcli.core.errors import OutputError
from srcli.core.names import printable
from srcli.video.segment import Segment
from srcli.video.video import Position

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_KEY = "key.json"
_CHUNK_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Note:
    """What is known of a finished segment.

    Attributes:
        first_pts: when its first frame is shown, in ticks.
        end_pts: when its last frame ends.
        frames: how many there are.
        sha256: of its file.
        last_index: of its last frame, in the input.
        last_pts: of its last frame.
        repeated: frames in it that took over the result of the one before.
        damaged_frames: in it.
        damaged_packets: up to its end.
    """

    first_pts: int
    end_pts: int
    frames: int
    sha256: str
    last_index: int
    last_pts: int
    repeated: int = 0
    damaged_frames: int = 0
    damaged_packets: int = 0

    @property
    def position(self) -> Position:
        """Where the next segment goes on."""
        return Position(self.last_index, self.last_pts)


class SegmentJournal:
    """The unfinished output of one video.

    Args:
        target: where the video is to be in the end.
        key: what it is made from, and how, as JSON can hold it.
        suffix: of segments, with its dot.
    """

    def __init__(self, target: Path, key: Mapping[str, Any], suffix: str) -> None:
        self.folder = folder_of(target)
        self._target = target
        self._key = json.loads(json.dumps(key))
        self._suffix = suffix
        self.notes: list[Note] = []
        self.why_anew: str | None = None

    @contextlib.contextmanager
    def making(self, *, resume: bool) -> Iterator[None]:
        """Hold the folder; afterwards it is gone, or keeps whole segments for ``--resume``.

        Args:
            resume: whether the segments of an earlier run are taken.

        Raises:
            OutputError: the system refuses, or another run makes the same output.
        """
        with self._locked():
            if resume:
                self._recall()
            if not self.notes:
                self._begin()
            # Without a whole segment, all of it is worth nothing.
            unfinished.register(self.part if self.notes else self.folder)
            try:
                yield
                self._remove()
            finally:
                self.part.unlink(missing_ok=True)
                if not self.notes and self.folder.exists():
                    self._remove()
                unfinished.finish(self.part, self.folder)

    @property
    def part(self) -> Path:
        """The segment in the making."""
        return self.folder / f"part{self._suffix}"

    @property
    def segments(self) -> list[Segment]:
        """The finished ones, in order."""
        return [
            Segment(self._path(number), note.first_pts, note.end_pts, note.frames)
            for number, note in enumerate(self.notes)
        ]

    @property
    def frames(self) -> int:
        """How many are finished."""
        return sum(note.frames for note in self.notes)

    def finish(
        self, segment: Segment, last: Position, *, repeated: int, damaged_frames: int, damaged_packets: int
    ) -> None:
        """Name the segment that was in the making, and note it.

        Raises:
            OSError: the system refuses.
        """
        number = len(self.notes)
        note = Note(
            segment.first_pts,
            segment.end_pts,
            segment.frames,
            _checksum(self.part),
            last.index,
            last.pts,
            repeated,
            damaged_frames,
            damaged_packets,
        )
        self.part.replace(self._path(number))
        _write_whole(self._path(number).with_suffix(".json"), asdict(note))
        self.notes.append(note)
        unfinished.register(self.part)
        unfinished.finish(self.folder)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06}{self._suffix}"

    def _begin(self) -> None:
        for path in self.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        _write_whole(self.folder / _KEY, self._key)

    def _recall(self) -> None:
        """Take note of the segments that an earlier run finished, up to the first that is not whole."""
        try:
            key = json.loads((self.folder / _KEY).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        if key != self._key:
            self.why_anew = _difference(key, self._key)
            return
        while (note := self._read_note(len(self.notes))) is not None:
            self.notes.append(note)
        # What comes after a gap is of no use.
        kept = {self.folder / _KEY}
        for number in range(len(self.notes)):
            kept |= {self._path(number), self._path(number).with_suffix(".json")}
        for path in set(self.folder.iterdir()) - kept:
            path.unlink()

    def _read_note(self, number: int) -> Note | None:
        path = self._path(number)
        try:
            note = Note(**json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))
            return note if _checksum(path) == note.sha256 else None
        except (OSError, ValueError, TypeError):
            return None

    def _remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the folder, so that no two runs write to it; the lock dies with the process."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = locks.open_locked(self.folder, os.O_RDONLY) if locks.AVAILABLE else None
        except BlockingIOError as error:
            raise OutputError(f"another run is making {printable(self._target)}") from error
        except OSError as error:
            raise OutputError(
                f"cannot write into {printable(self._target.parent)}: {error.strerror or error}"
            ) from error
        try:
            yield
        except OSError as error:
            raise OutputError(f"cannot write {printable(self._target)}: {error.strerror or error}") from error
        finally:
            if handle is not None:
                os.close(handle)


def forget(target: Path) -> None:
    """Remove what a run left that was killed between giving an output its name and clearing up behind it."""
    folder = folder_of(target)
    if folder.is_dir():
        locks.remove_if_free(folder)


def folder_of(target: Path) -> Path:
    """Where the segments of an output lie; the name is short, however long the target's is."""
    name = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]
    return target.with_name(f".srcli-{name}.video")


def _write_whole(path: Path, values: Mapping[str, Any]) -> None:
    """Write a file of JSON that is there whole or not at all, also after the power failed."""
    temporary = path.with_suffix(".new")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(values, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    if os.name != "nt":
        # The names are safe only when their folder is.
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _difference(before: object, now: Mapping[str, Any]) -> str:
    """What differs between two keys, in words."""
    if not isinstance(before, dict):
        return "its note can't be read"
    names = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
    return f"other than before: {', '.join(names)}"
