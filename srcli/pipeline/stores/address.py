"""Which words of a command line name a place in a store, and which seem to be meant so."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path

from srcli.core.errors import UsageError
from srcli.core.names import printable

EXTRAS = {
    "s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs", "az": "az", "abfs": "az", "abfss": "az", "adl": "az",
    "http": "http", "https": "http", "sftp": "sftp", "ssh": "sftp",
}  # fmt: skip
"""The extra of each scheme; all others are in fsspec itself, or in packages that know it."""
_ARCHIVES = {"zip", "tar"}
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+(?:::|://)", re.ASCII)
_PASSWORD = re.compile("//([^/:@]*):[^/]*@")
_NEARLY = re.compile(r"([A-Za-z][A-Za-z0-9]+)(?::/*|//+)(.+)", re.ASCII)


def is_address(word: str | None) -> bool:
    """Whether a word names a place in a store, such as ``s3://bucket/folder/`` or ``zip://*::a.zip``."""
    return word is not None and _ADDRESS.match(word) is not None


def shown(address: str) -> str:
    """An address for people: without the password that it may hold, and fit for a terminal."""
    return printable(_PASSWORD.sub(r"//\1@", address))


def check_spelling(word: str | None) -> None:
    """See that a word that is meant as an address is one.

    Raises:
        UsageError: it nearly is, as ``s3:/bucket/a.png``, and nothing here has that name; or an archive is
            named at the wrong place.
    """
    if word is None:
        return
    nearly = _NEARLY.fullmatch(word)
    if not nearly:
        return
    scheme, rest = nearly[1].lower(), nearly[2]
    if is_address(word):
        if scheme in _ARCHIVES and "::" not in word:
            raise UsageError(
                f"{printable(word)} names no archive",
                hint=f"it stands behind two colons: {scheme}://::{rest}",
            )
    elif scheme in {*EXTRAS, *_ARCHIVES} and not _is_here(word):
        raise UsageError(f"{printable(word)} is no address", hint=f"was {scheme}://{printable(rest)} meant?")


def similar_scheme(scheme: str) -> str:
    """A hint for a scheme that nothing knows."""
    near = get_close_matches(scheme, [*EXTRAS, *_ARCHIVES], n=1)
    return f"was {near[0]}:// meant?" if near else "docs/stores.md lists those that are known"


def _is_here(word: str) -> bool:
    """Whether the first folder, or the file, of that name is there."""
    return Path(Path(word).parts[0]).exists()
