"""What this process is making and has not finished: removed where it has to end at once.

Files and folders register here while they are made. An ordinary end, an error and Ctrl-C remove them on the
way out; where a thread can't be waited for, ``remove_unfinished`` does.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from threading import RLock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Re-entrant, since a signal may find the main thread inside.
_lock = RLock()
_paths: set[Path] = set()
_PATIENCE_S, _PAUSE_S = 1.0, 0.05


@contextlib.contextmanager
def starting(path: Path) -> Iterator[None]:
    """Register the file or folder that the block makes; no removal comes between the two."""
    with _lock:
        yield
        register(path)


def register(*paths: Path) -> None:
    """Have files or folders removed if this process has to end at once."""
    with _lock:
        _paths.update(paths)


def finish(*paths: Path) -> None:
    """Strike off what has its final name, or is gone."""
    with _lock:
        _paths.difference_update(paths)


def remove_unfinished() -> None:
    """Remove all that is registered; from then on nothing can be started: the process is about to end."""
    _lock.acquire(timeout=_PATIENCE_S)
    _remove_all()
    # A thread that was about to open its file may have made it again meanwhile.
    time.sleep(_PAUSE_S)
    _remove_all()


def _remove_all() -> None:
    for path in tuple(_paths):
        with contextlib.suppress(OSError):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
