"""Which files of a folder are whole and not done yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from srcli.upscaling.file_identity import Identity, identify

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from pathlib import Path


@dataclass(slots=True)
class Arrivals:
    """Remembers files from one look at the folder to the next.

    A file is whole once it stood still (same size, same time) from one look to the next, or at once where the
    system told that its writer closed it. It is given once, and again after it changed.
    """

    _seen: dict[Path, Identity] = field(default_factory=dict)
    _given: dict[Path, Identity] = field(default_factory=dict)

    def whole(self, files: Iterable[Path], closed: Container[Path] = ()) -> Iterator[Path]:
        """The files that are whole, were not given before, and are not empty.

        Args:
            files: all that are there now; what is remembered of others is forgotten.
            closed: those whose writer closed them, or that were moved here, since the last look.
        """
        now = {path: found for path in files if (found := _identity(path)) is not None}
        self._given = {path: given for path, given in self._given.items() if path in now}
        before, self._seen = self._seen, now
        for path, found in now.items():
            is_whole = path in closed or before.get(path) == found
            if is_whole and found.bytes and self._given.get(path) != found:
                self._given[path] = found
                yield path

    def wait_for(self, path: Path) -> None:
        """Give a file again at the next look."""
        self._given.pop(path, None)

    @property
    def settling(self) -> bool:
        """Whether there are files that are not whole yet."""
        return any(found.bytes and path not in self._given for path, found in self._seen.items())


def _identity(path: Path) -> Identity | None:
    try:
        return identify(path)
    except OSError:
        # It was moved away meanwhile, or can't be looked at.
        return None
