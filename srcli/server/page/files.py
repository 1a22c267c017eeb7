"""The files of the page, by their addresses."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import PurePath

_FOLDERS = {"static/page": "srcli.server.page", "static/viewer": "srcli.pipeline.viewer"}
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_INDEX = "static/page/index.html"


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file of the page.

    Attributes:
        content: its bytes.
        media_type: such as ``text/html; charset=utf-8``.
        etag: of its content, in quotes.
    """

    content: bytes
    media_type: str
    etag: str


@cache
def page_files() -> dict[str, PageFile]:
    """All files, by their addresses relative to the root; the page itself has the empty one."""
    files = {
        f"{address}/{entry.name}": _read(entry.read_bytes(), media_type)
        for address, package in _FOLDERS.items()
        for entry in resources.files(package).iterdir()
        if (media_type := _MEDIA_TYPES.get(PurePath(entry.name).suffix))
    }
    files[""] = files.pop(_INDEX)
    return files


def _read(content: bytes, media_type: str) -> PageFile:
    return PageFile(content, media_type, f'"{hashlib.sha256(content).hexdigest()}"')
