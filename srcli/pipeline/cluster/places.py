"""Whether another machine sees the same folder: a hidden file with random content in it tells."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from srcli.core import locks, unfinished

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MOST_PLACES = 64
"""Each holds a file open; of more folders only the one above all of them is marked."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that was marked.

    Attributes:
        mark: the hidden file, by its absolute path.
        content: what is in it.
    """

    mark: Path
    content: str

    def is_seen(self) -> bool:
        """Whether this machine sees the same folder."""
        try:
            return self.mark.read_text(encoding="ascii") == self.content
        except (OSError, ValueError):
            return False


@contextlib.contextmanager
def marked(outputs: Iterable[Path]) -> Iterator[Mapping[Path, Place]]:
    """Mark the folders of outputs, or the nearest above them that are there, while the block runs.

    A folder that can't be written to is left out. The marks are locked, so that no other run takes them for
    leftovers; those of a run that was killed are removed by the next one.

    Args:
        outputs: absolute paths.

    Yields:
        The marked folders.
    """
    with contextlib.ExitStack() as marks:
        places = {}
        for folder in _topmost({_existing(path.parent) for path in outputs}):
            with contextlib.suppress(OSError):
                places[folder] = marks.enter_context(_mark(folder))
        yield places


def place_of(path: Path, places: Mapping[Path, Place]) -> Place | None:
    """The place that an output lies in."""
    return next((places[folder] for folder in path.parents if folder in places), None)


def _existing(folder: Path) -> Path:
    return folder if folder.is_dir() else next(above for above in folder.parents if above.is_dir())


def _topmost(folders: set[Path]) -> set[Path]:
    topmost = {folder for folder in folders if folders.isdisjoint(folder.parents)}
    return {Path(os.path.commonpath(topmost))} if len(topmost) > MOST_PLACES else topmost


@contextlib.contextmanager
def _mark(folder: Path) -> Iterator[Place]:
    """Raises OSError where the folder can't be written to."""
    # The name of a leftover, for when this process is killed.
    place = Place(folder / f".srcli-{token_hex(4)}", token_hex(16))
    with unfinished.starting(place.mark):
        handle = locks.open_locked(place.mark, locks.NEW_FILE)
    try:
        os.write(handle, place.content.encode())
        yield place
    finally:
        os.close(handle)
        place.mark.unlink(missing_ok=True)
        unfinished.finish(place.mark)
