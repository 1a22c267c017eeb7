"""What went wrong in a store: whether it may be over soon, and in which words it is told."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from srcli.core.errors import InputError

if TYPE_CHECKING:
    from srcli.core.errors import SrcliError

_FINAL = (FileNotFoundError, FileExistsError, PermissionError, IsADirectoryError, NotADirectoryError)
_FOREIGN = {
    "botocore", "aiobotocore", "aiohttp", "gcsfs", "google", "azure", "paramiko", "fsspec", "asyncio",
}  # fmt: skip
"""Packages whose errors are about the store, not about srcli."""
_ARCHIVES = {"zipfile", "tarfile", "zlib"}
_DENIED, _GONE, _MAY_PASS = (401, 403, 407), (404, 410), (408, 425, 429)
"""Statuses of HTTP: who asks has no right, nothing is there, and later it may be otherwise."""
_LOGGED = logging.NullHandler()


class NotThere(InputError):
    """There is no such object."""


def keep_logs_quiet() -> None:
    """Let packages of stores log to nobody but who asks for it; what matters they raise."""
    for package in _FOREIGN:
        logging.getLogger(package).addHandler(_LOGGED)


def passes(error: Exception) -> bool:
    """Whether an error may be over soon: a connection, a timeout, a server that is busy."""
    status = _status(error)
    if (
        isinstance(error, _FINAL)
        or _is_denied(error)
        or _is_circle(error)
        or (400 <= status < 500 and status not in _MAY_PASS)
    ):
        return False
    return isinstance(error, OSError) or _package(error) in _FOREIGN


def told(error: Exception, what: str, kind: type[SrcliError]) -> Exception:
    """An error of a store as one of srcli's; one that is not about the store stays what it is."""
    reason = _reason(error)
    if isinstance(error, FileNotFoundError) or _status(error) in _GONE:
        if kind is InputError:
            return NotThere(f"{what}: there is no such object or bucket")
        return kind(f"{what}: there is no such bucket or folder ({reason})")
    if isinstance(error, FileExistsError):
        return kind(f"{what}: it exists already", hint="add --overwrite to replace it")
    if _is_denied(error):
        return kind(
            f"{what}: not allowed ({reason})", hint="docs/stores.md tells where rights are looked for"
        )
    if isinstance(error, OSError | EOFError) or _package(error) in _FOREIGN | _ARCHIVES:
        return kind(f"{what}: {reason}")
    return error


def _reason(error: Exception) -> str:
    if _is_circle(error):
        return "the server refers to other addresses without end"
    if _package(error) == "aiohttp" and (status := _status(error)):
        return f"{status} {getattr(error, 'message', '')}".strip()
    # Azure adds pages of headers and XML.
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _is_circle(error: Exception) -> bool:
    return type(error).__name__ == "TooManyRedirects"


def _is_denied(error: Exception) -> bool:
    name = type(error).__name__
    return (
        isinstance(error, PermissionError)
        or _status(error) in _DENIED
        or "Credentials" in name
        or "Authentication" in name
        # gcsfs has no class of its own for it.
        or (isinstance(error, OSError) and str(error).startswith("Forbidden"))
    )


def _status(error: Exception) -> int:
    """The status of HTTP that an error carries; 0 where there is none."""
    for name in ("status", "status_code", "code"):
        value = str(getattr(error, name, ""))
        if value.isdecimal():
            return int(value)
    return 0


def _package(error: Exception) -> str:
    return type(error).__module__.partition(".")[0]
