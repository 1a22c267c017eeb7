"""Videos from a pipe."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from srcli.core.errors import InputError, OutputError
from srcli.core.reasons import why

if TYPE_CHECKING:
    from typing import BinaryIO

_CHUNK = 1 << 20


def spool(stream: BinaryIO, folder: Path | None = None) -> Path:
    """Copy a pipe into a temporary file, since videos are read more than once and some begin with their end.

    Args:
        stream: to read up to its end.
        folder: to put the file into; by default the system's for temporary files.

    Returns:
        its path. The caller removes it.

    Raises:
        InputError: it is empty.
        OutputError: the disk is full.
    """
    handle, name = tempfile.mkstemp(prefix=".srcli-", dir=folder)
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(stream, file, _CHUNK)
        if not path.stat().st_size:
            raise InputError("cannot read standard input: it is empty")
    except OSError as error:
        path.unlink(missing_ok=True)
        raise OutputError(f"cannot keep standard input in {path.parent}: {why(error)}") from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path
