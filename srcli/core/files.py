"""Files appear whole or not at all, with the rights that their owner would expect."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
from secrets import token_hex
from typing import TYPE_CHECKING

from srcli.core import locks, unfinished
from srcli.core.errors import OutputError
from srcli.core.names import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TEMPORARY = re.compile(r"\.srcli-[0-9a-f]{8}", re.ASCII)


class Appeared(OutputError):
    """A file took the name of an output while that was being made."""


@contextlib.contextmanager
def atomic_path(target: Path, *, overwrite: bool = True, like: Path | None = None) -> Iterator[Path]:
    """Yield a temporary path in the target's folder; on success it takes the target's name, else it vanishes.

    Missing folders are made. The temporary name is short, so that a target name of the longest allowed length
    still works. It is locked while this process lives: see ``remove_leftovers``.

    Args:
        target: the path that the file is to have in the end.
        overwrite: whether a file of that name may be replaced; otherwise one that appeared meanwhile stays.
        like: the file that this one is made from, whose rights bound its own.

    Raises:
        OutputError: the folder can't be made or written to, or the target exists and may not be replaced.
    """
    if target.is_symlink():
        # The link stays, and what it leads to is replaced.
        target = real_path(target)
    temporary, handle = _reserve(target, like)
    try:
        yield temporary
        move_into_place(temporary, target, overwrite=overwrite)
    except OSError as error:
        raise OutputError(f"cannot write {printable(target)}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
        unfinished.finish(temporary)
        if handle is not None:
            os.close(handle)


@contextlib.contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """Yield a new folder beside the target; on success it replaces the target, else it vanishes.

    Missing folders above it are made.

    Raises:
        OutputError: the folder can't be made or written to.
    """
    temporary = target.parent / f".{target.name}.{token_hex(4)}"
    try:
        with unfinished.starting(temporary):
            temporary.mkdir(parents=True)
        yield temporary
        shutil.rmtree(target, ignore_errors=True)
        temporary.rename(target)
    except OSError as error:
        raise OutputError(f"cannot write {printable(target)}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        unfinished.finish(temporary)


def real_path(path: Path) -> Path:
    """Where a path leads. Links in a circle lead to themselves; ``Path.resolve`` fails there."""
    return path.parent / os.path.realpath(path)


def move_into_place(temporary: Path, target: Path, *, overwrite: bool) -> None:
    """Give a finished file its name.

    Raises:
        Appeared: a file of that name appeared and may not be replaced.
        OSError: the system refuses.
    """
    if overwrite:
        temporary.replace(target)
        return
    try:
        # Unlike a rename, this never replaces what another process put there a moment ago.
        os.link(temporary, target)
    except FileExistsError as error:
        raise _appeared(target) from error
    except OSError:
        # A file system without hard links.
        if target.exists():
            raise _appeared(target) from None
        temporary.replace(target)
    else:
        temporary.unlink()


def _appeared(target: Path) -> Appeared:
    return Appeared(
        f"{printable(target)} appeared while it was being made", hint="add --overwrite to replace it"
    )


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of runs that were killed; those of runs that live are locked and stay."""
    with contextlib.suppress(OSError):
        for path in tuple(folder.iterdir()):
            if _TEMPORARY.fullmatch(path.name):
                locks.remove_if_free(path)


def create(path: Path, target: Path, like: Path | None, flags: int) -> int:
    """Open and lock the file that is to become ``target``, with the rights that the target is to have.

    A file that is replaced keeps its rights and, where the system allows it, its owner; a new one is no more
    open to others than the file it is made from, as with ``cp``.

    Raises:
        OSError: the system refuses, or another run holds it.
    """
    replaced = _status(target)
    if replaced is None:
        source = _status(like) if like else None
        rights = 0o666 if source is None else 0o600 | stat.S_IMODE(source.st_mode) & 0o066
        return locks.open_locked(path, flags, rights)
    handle = locks.open_locked(path, flags, 0o600)
    with contextlib.suppress(OSError, AttributeError):
        # In this order: giving a file away takes rights off it. Windows knows no owners.
        os.chown(path, replaced.st_uid, replaced.st_gid)
    with contextlib.suppress(OSError):
        path.chmod(stat.S_IMODE(replaced.st_mode) & 0o777)
    return handle


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _reserve(target: Path, like: Path | None) -> tuple[Path, int | None]:
    """An empty file in the target's folder, under a name that was free, and the handle that locks it."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        while True:
            temporary = target.parent / f".srcli-{token_hex(4)}"
            with contextlib.suppress(FileExistsError):
                return temporary, _start(temporary, target, like)
    except OSError as error:
        raise OutputError(
            f"cannot write into {printable(target.parent)}: {_why_not(target, error)}"
        ) from error


def _why_not(target: Path, error: OSError) -> str:
    """What the system says, or what it means where a folder of the path is a file."""
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        for folder in target.parents:
            if folder.exists() and not folder.is_dir():
                return f"{printable(folder)} is a file, not a folder"
    return error.strerror or str(error)


def _start(temporary: Path, target: Path, like: Path | None) -> int | None:
    with unfinished.starting(temporary):
        handle = create(temporary, target, like, locks.NEW_FILE)
    if not locks.AVAILABLE:
        # Windows renames no file that is open.
        os.close(handle)
        return None
    return handle
