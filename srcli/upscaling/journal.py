"""What of a large picture is finished already: the memory behind ``--resume`` within one picture.

The output grows in a hidden file beside its place, and a note beside that says up to which row it is whole,
and for which input and settings. Where nothing goes wrong, both are gone in the end.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from srcli.core import locks, unfinished
from srcli.core.errors import OutputError
from srcli.core.files import create, move_into_place
from srcli.core.names import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from srcli.imaging.writers.row_writers import Checkpoint

NOTE_EVERY_S = 5.0
"""Rows that are finished within less are not worth waiting for the disk."""

_PART, _NOTE, _NEW = ".part", ".json", ".new"
_SIDECAR = re.compile(r"\.srcli-[0-9a-f]{16}(\.part|\.json|\.new)", re.ASCII)
_WORTHLESS_WITHOUT = {_PART: _NOTE, _NOTE: _PART, _NEW: _PART}


@dataclass(frozen=True, slots=True)
class Key:
    """Which output is in the making; any other starts again. ``width`` and ``height`` in pixels."""

    source: str
    source_bytes: int
    source_mtime_ns: int
    settings: str
    tile: int | None
    format: str
    width: int
    height: int


class Journal:
    """The unfinished output of one picture.

    Args:
        target: where the picture is to be in the end.
        key: what it is made from, and how.
        like: the file that it is made from, whose rights bound its own.
    """

    def __init__(self, target: Path, key: Key, like: Path) -> None:
        self._target = target
        self._key = asdict(key)
        self._like = like
        self._part, self._note = _sidecars(target)
        self._files = (self._note.with_suffix(_NEW), self._note, self._part)
        self._noted_s = time.monotonic()

    def recall(self) -> Checkpoint | None:
        """Where an earlier run stopped; None where there is nothing to go on from."""
        try:
            found: dict[str, Any] = json.loads(self._note.read_text(encoding="utf-8"))
            if found["key"] != self._key or self._part.stat().st_size < found["checkpoint"]["bytes"]:
                return None
            checkpoint: Checkpoint = found["checkpoint"]
        except (OSError, ValueError, LookupError, TypeError):
            return None
        return checkpoint

    @contextlib.contextmanager
    def growing(self, *, keep: bool, overwrite: bool) -> Iterator[Path]:
        """Yield the path of the unfinished output, which in the end takes the place of the target.

        Args:
            keep: whether it stays where the block fails and there is a note of what it holds.
            overwrite: whether a target that appeared meanwhile may be replaced.

        Raises:
            OutputError: the system refuses, another run makes the same output, or the target exists and may
                not be replaced.
        """
        with _locked(self._part, self._target, self._like):
            if not keep:
                unfinished.register(*self._files)
            try:
                yield self._part
                move_into_place(self._part, self._target, overwrite=overwrite)
                keep = False
            except OSError as error:
                reason = error.strerror or error
                raise OutputError(f"cannot write {printable(self._target)}: {reason}") from error
            finally:
                if not (keep and self._note.exists()):
                    _remove(self._files)
                unfinished.finish(*self._files)

    def note_when_due(self, checkpoint: Callable[[], Checkpoint]) -> None:
        """Note what is finished, unless that was done a moment ago."""
        if time.monotonic() - self._noted_s < NOTE_EVERY_S:
            return
        temporary = self._note.with_suffix(_NEW)
        temporary.write_text(json.dumps({"key": self._key, "checkpoint": checkpoint()}), encoding="utf-8")
        temporary.replace(self._note)
        self._noted_s = time.monotonic()


def forget(target: Path) -> None:
    """Remove what an earlier run left of an output.

    Raises:
        OutputError: another run is making it now, or the system refuses.
    """
    part, note = _sidecars(target)
    if note.exists() or part.exists():
        with _locked(part, target):
            _remove((note.with_suffix(_NEW), note, part))


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def remove_useless(folder: Path) -> None:
    """Remove what killed runs left and none can go on with: parts without a note, and the reverse."""
    with contextlib.suppress(OSError):
        for path in tuple(folder.iterdir()):
            if _SIDECAR.fullmatch(path.name):
                needed = path.with_suffix(_WORTHLESS_WITHOUT[path.suffix])
                if not needed.exists():
                    locks.remove_if_free(path)


def _sidecars(target: Path) -> tuple[Path, Path]:
    """The unfinished output and the note; their names are short, however long the target's is."""
    name = f".srcli-{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]}"
    return target.with_name(name + _PART), target.with_name(name + _NOTE)


@contextlib.contextmanager
def _locked(part: Path, target: Path, like: Path | None = None) -> Iterator[None]:
    """Hold the unfinished output, so that no two runs write to it; the lock dies with the process."""
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        handle = create(part, target, like, locks.ANY_FILE)
    except BlockingIOError as error:
        raise OutputError(f"another run is making {printable(target)}") from error
    except OSError as error:
        raise OutputError(f"cannot write into {printable(part.parent)}: {error.strerror or error}") from error
    if not locks.AVAILABLE:
        # Windows renames no file that is open, and lets no second process write to one that is.
        os.close(handle)
        yield
        return
    try:
        yield
    finally:
        os.close(handle)
