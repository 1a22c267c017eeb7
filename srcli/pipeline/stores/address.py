"""Which words of a command line name a place in a store."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+(?:::|://)", re.ASCII)


def is_address(word: str | None) -> bool:
    """Whether a word names a place in a store, such as ``s3://bucket/folder/`` or ``zip://*::a.zip``."""
    return word is not None and _ADDRESS.match(word) is not None
