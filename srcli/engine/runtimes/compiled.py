"""Keeps what a device compiled of a generator in the user's cache folder, for the next run.

An entry is a digest and what it is of. It appears whole under its name or not at all, and what does not have
its digest any more is never used: a run may be killed, a disk may fill up, several runs may write at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from pathlib import Path

from platformdirs import user_cache_path

from srcli.core.errors import OutputError
from srcli.core.files import atomic_path, remove_leftovers
from srcli.core.reasons import why

CACHE_VARIABLE = "SRCLI_CACHE"
FORMAT = 1
"""Changes with what is in an entry, so that those of older versions are not found."""
MOST_ENTRIES = 32
_DIGEST_BYTES = 32
_ENTRY = ".compiled"


def cache_folder() -> Path:
    """Where entries lie; it need not exist. ``SRCLI_CACHE`` names it, else the platform does."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen) if chosen else user_cache_path("srcli", appauthor=False) / "compiled"


def key_of(model: bytes, **facts: object) -> str:
    """The name of the entry for a generator and all that what is compiled of it depends on.

    Args:
        model: the content of the ONNX file.
        facts: device, driver, versions, options, as JSON has them.
    """
    known = {"format": FORMAT, "model": hashlib.sha256(model).hexdigest(), **facts}
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


def recall(key: str) -> bytes | None:
    """What was kept under a key; None where there is nothing, or something damaged, which is removed."""
    try:
        content = _path(key).read_bytes()
    except OSError:
        return None
    digest, kept = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    if digest != hashlib.sha256(kept).digest():
        forget(key)
        return None
    with contextlib.suppress(OSError):
        # The entries that were used last stay longest.
        os.utime(_path(key))
    return kept


def keep(key: str, compiled: bytes) -> str | None:
    """Keep something under a key; why that failed, or None. The oldest entries make room."""
    try:
        with atomic_path(_path(key)) as temporary:
            temporary.write_bytes(hashlib.sha256(compiled).digest() + compiled)
        _tidy(cache_folder())
    except OSError as error:
        return why(error)
    except OutputError as error:
        return why(error.__cause__) if isinstance(error.__cause__, OSError) else error.message
    return None


def forget(key: str) -> None:
    """Remove what was kept under a key, as far as the folder allows."""
    with contextlib.suppress(OSError):
        _path(key).unlink(missing_ok=True)


def _path(key: str) -> Path:
    return cache_folder() / f"{key}{_ENTRY}"


def _tidy(folder: Path) -> None:
    """Remove the entries that were not used for longest, and what killed runs left behind."""
    entries = sorted(folder.glob(f"*{_ENTRY}"), key=age_s)
    for path in entries[MOST_ENTRIES:]:
        path.unlink(missing_ok=True)
    remove_leftovers(folder)


def age_s(path: Path) -> float:
    """Seconds since a file was written or used; 0 where another run has just removed it."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0
