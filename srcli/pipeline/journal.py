"""What of a large picture is finished already: the memory behind ``--resume`` within one picture.

The output grows in a hidden file beside its place, and a note beside that says up to which row it is whole,
and for which input and settings. Where nothing goes wrong, both are gone in the end.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from srcli.core.errors import OutputError
from srcli.core.names import printable
from srcli.pipeline.files import move_into_place

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]  # Windows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from srcli.imaging.row_writers import Checkpoint

NOTE_EVERY_S = 5.0
"""Rows that are finished within less are not worth waiting for the disk."""


@dataclass(frozen=True, slots=True)
class Key:
    """Which output is in the making; for any other key it starts anew. ``width`` and ``height`` in pixels."""

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
    """

    def __init__(self, target: Path, key: Key) -> None:
        self._target = target
        self._key = asdict(key)
        self._part, self._note = _sidecars(target)
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
        with _locked(self._part, self._target):
            try:
                yield self._part
                move_into_place(self._part, self._target, overwrite=overwrite)
                keep = False
            except OSError as error:
                reason = error.strerror or error
                raise OutputError(f"cannot write {printable(self._target)}: {reason}") from error
            finally:
                if not (keep and self._note.exists()):
                    self._note.unlink(missing_ok=True)
                    self._part.unlink(missing_ok=True)

    def note_when_due(self, checkpoint: Callable[[], Checkpoint]) -> None:
        """Note what is finished, unless that was done a moment ago."""
        if time.monotonic() - self._noted_s < NOTE_EVERY_S:
            return
        temporary = self._note.with_suffix(".new")
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
            note.unlink(missing_ok=True)
            part.unlink(missing_ok=True)


def _sidecars(target: Path) -> tuple[Path, Path]:
    """The unfinished output and the note; their names are short, however long the target's is."""
    name = f".srcli-{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]}"
    return target.with_name(f"{name}.part"), target.with_name(f"{name}.json")


@contextlib.contextmanager
def _locked(part: Path, target: Path) -> Iterator[None]:
    """Hold the unfinished output, so that no two runs write to it; the lock dies with the process."""
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(part, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise OutputError(f"cannot write into {printable(part.parent)}: {error.strerror or error}") from error
    if fcntl is None:
        # Windows renames no file that is open, and lets no second process write to one that is.
        os.close(handle)
        yield
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise OutputError(f"another run is making {printable(target)}") from error
    finally:
        os.close(handle)
