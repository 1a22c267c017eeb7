"""Locks on files and folders that die with the process that holds them, however it ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from typing import TYPE_CHECKING

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]  # Windows, where an open file is neither renamed nor removed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

AVAILABLE = fcntl is not None
NEW_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL
ANY_FILE = os.O_RDWR | os.O_CREAT
_PATIENCE_S, _PAUSE_S = 1.0, 0.01
"""Whoever looks for leftovers holds each of them for a moment; a run holds its own to its end."""


def open_locked(path: Path, flags: int, rights: int = 0o666) -> int:
    """Open a file or folder and lock it; closing the handle frees it.

    Args:
        path: what to open.
        flags: of ``os.open``.
        rights: of a file that is made; the umask is taken off.

    Raises:
        BlockingIOError: another process, or another handle of this one, holds the lock and keeps it.
        OSError: it can't be opened.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        handle = os.open(path, flags, rights)
        with contextlib.ExitStack() as opened:
            opened.callback(os.close, handle)
            try:
                # Otherwise it was taken for a leftover, and removed, before it was locked.
                if not _lock(handle) or _is_still(path, handle):
                    opened.pop_all()
                    return handle
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise
        time.sleep(_PAUSE_S)


def make_locked_folder(make: Callable[[], Path]) -> tuple[Path, int | None]:
    """Make a folder of a new name and lock it.

    Args:
        make: makes the folder; called again where the last one was removed before it was locked.

    Returns:
        The folder and the handle that locks it; None where folders can't be locked.

    Raises:
        OSError: it can't be made or opened.
    """
    while True:
        folder = make()
        if not AVAILABLE:
            return folder, None
        with contextlib.suppress(FileNotFoundError):
            return folder, open_locked(folder, os.O_RDONLY)


def is_free(path: Path) -> bool:
    """Whether no process holds a file or folder; False where the system can't tell.

    Raises:
        OSError: it can't be opened.
    """
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        return _lock(handle)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)


def remove_if_free(path: Path) -> None:
    """Remove a file or folder that a process left behind; one that is locked, or can't be, stays."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
        try:
            if _lock(handle):
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
        finally:
            os.close(handle)


def _lock(handle: int) -> bool:
    """Lock an open file without waiting; False where the system or the file system knows no such lock."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        return False
    return True


def _is_still(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False
