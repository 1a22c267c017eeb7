"""Files appear whole or not at all."""

from __future__ import annotations

import contextlib
from secrets import token_hex
from typing import TYPE_CHECKING

from srcli.core.errors import OutputError
from srcli.core.names import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def atomic_path(target: Path, *, overwrite: bool = True) -> Iterator[Path]:
    """Yield a temporary path in the target's folder; on success it takes the target's name, else it vanishes.

    Missing folders are made. The temporary name is short, so that a target name of the longest allowed length
    still works.

    Args:
        target: the path that the file is to have in the end.
        overwrite: whether a file of that name may be replaced; otherwise one that appeared meanwhile stays.

    Raises:
        OutputError: the folder can't be made or written to, or the target exists and may not be replaced.
    """
    if target.is_symlink():
        # The link stays, and what it leads to is replaced.
        target = target.resolve()
    temporary = _reserve(target)
    try:
        yield temporary
        move_into_place(temporary, target, overwrite=overwrite)
    except OSError as error:
        raise OutputError(f"cannot write {printable(target)}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _reserve(target: Path) -> Path:
    """An empty file in the target's folder, under a name that was free."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        while True:
            temporary = target.parent / f".srcli-{token_hex(4)}"
            with contextlib.suppress(FileExistsError):
                # Not by tempfile, whose files only their owner may read: an output is a file like any other.
                temporary.touch(exist_ok=False)
                return temporary
    except OSError as error:
        raise OutputError(
            f"cannot write into {printable(target.parent)}: {error.strerror or error}"
        ) from error


def move_into_place(temporary: Path, target: Path, *, overwrite: bool) -> None:
    """Give a finished file its name.

    Raises:
        OutputError: a file of that name appeared and may not be replaced.
        OSError: the system refuses.
    """
    if not overwrite and target.exists():
        raise OutputError(
            f"{printable(target)} appeared while it was being made", hint="add --overwrite to replace it"
        )
    temporary.replace(target)
