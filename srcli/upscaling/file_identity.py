"""Whether a file is still the one that was opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.errors import InputError
from srcli.core.names import printable

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells a file from an older self: its size in bytes and its time in nanoseconds since the epoch."""

    bytes: int
    mtime_ns: int


def identify(path: Path) -> Identity:
    """The identity of a file as it lies on the disk now.

    Raises:
        OSError: there is no such file, or it can't be looked at.
    """
    found = path.stat()
    return Identity(found.st_size, found.st_mtime_ns)


def check_unchanged(path: Path, before: Identity) -> None:
    """See that a file is what it was when its reading began. One that is gone was read to its end.

    Raises:
        InputError: it was replaced, written to or cut short meanwhile.
    """
    try:
        now = identify(path)
    except OSError:
        return
    if now != before:
        change = "truncated" if now.bytes < before.bytes else "changed"
        raise InputError(
            f"cannot read {printable(path)}: it was {change} while it was read",
            hint="run the command again once nothing writes to the file",
        )
