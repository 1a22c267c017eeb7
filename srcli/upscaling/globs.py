"""Patterns such as ``photos/**/*.jpg``, where the shell has not expanded them.

Python's own glob follows links to folders, and never ends where two of them lead back up.
"""

from __future__ import annotations

import fnmatch
import glob
import os
from pathlib import Path
from typing import TYPE_CHECKING

from srcli.core.names import is_hidden

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ANY_FOLDERS = "**"


def matches_of(pattern: str) -> Iterator[Path]:
    """What a pattern matches, possibly more than once.

    ``**`` stands for any folders below, but for links to folders and hidden ones; ``*`` for no hidden file.
    """
    path = Path(pattern)
    parts = path.parts[1:] if path.anchor else path.parts
    yield from _matches(Path(path.anchor), parts)


def _matches(folder: Path, parts: Sequence[str]) -> Iterator[Path]:
    if not parts:
        yield folder
        return
    part, rest = parts[0], parts[1:]
    if part == _ANY_FOLDERS:
        # At the end of a pattern it stands for all files, however deep.
        yield from _matches(folder, rest) if rest else filter(_is_plain, _entries(folder))
        for below in filter(_is_below, _entries(folder)):
            yield from _matches(below, parts)
    elif glob.has_magic(part):
        for entry in _entries(folder):
            if _fits(entry, part):
                yield from _matches(entry, rest)
    elif os.path.lexists(folder / part):
        yield from _matches(folder / part, rest)


def _is_below(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not is_hidden(path)


def _is_plain(path: Path) -> bool:
    return not path.is_dir() and not is_hidden(path)


def _fits(path: Path, part: str) -> bool:
    return fnmatch.fnmatch(path.name, part) and (part.startswith(".") or not is_hidden(path))


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        # No folder, or none that may be read: nothing in it matches.
        return []
