"""What was finished in a store, kept there: the memory behind ``--resume``.

An object can't be appended to: each run adds objects of its own, of a JSON line per picture, to a hidden
folder. In memory, a picture takes short hashes, however long its names are.
"""

from __future__ import annotations

import json
import time
from hashlib import blake2b
from secrets import token_hex
from typing import TYPE_CHECKING

from srcli.pipeline.stores.listing import below, pages
from srcli.pipeline.stores.store import Entry, NotThere

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.pipeline.stores.store import Store

FOLDER = ".srcli-manifest"
FLUSH_COUNT, FLUSH_S = 200, 20.0
"""A kill forgets at most so many pictures, or those of so many seconds: they are made again and compared."""


class StoreMemory:
    """The outputs that are there, and what they were made from.

    Args:
        store: where outputs go.
        settings: the fingerprint of what shapes them.
    """

    def __init__(self, store: Store, settings: str) -> None:
        self._store = store
        self._settings = settings
        self._sizes = {
            _short(below(entry.key, store.root)): entry.bytes
            for page in _pages_or_none(store)
            for entry in page
        }
        self._finished: dict[bytes, bytes] = {}
        self._lines: list[str] = []
        self._flushed_s = time.monotonic()
        for record in self._records():
            self._finished[_short(record["output"])] = _digest(record)

    def exists(self, output: str) -> bool:
        """Whether an output is there."""
        return _short(output) in self._sizes

    def is_known(self, output: str) -> bool:
        """Whether it is known what an output was made from."""
        return _short(output) in self._finished

    def is_finished(self, output: str, source: str, entry: Entry) -> bool:
        """Whether an output was made from this input with these settings, and is as large as it was then."""
        record = self._record(output, self._sizes.get(_short(output), -1), source, entry)
        return self._finished.get(_short(output)) == _digest(record)

    def note(self, output: str, output_bytes: int, source: str, entry: Entry) -> None:
        """Remember an output that was written."""
        self._lines.append(json.dumps(self._record(output, output_bytes, source, entry)))
        if len(self._lines) >= FLUSH_COUNT or time.monotonic() - self._flushed_s > FLUSH_S:
            self.flush()

    def flush(self) -> None:
        """Write what was noted to the store.

        Raises:
            OutputError: the store refuses.
        """
        lines, self._lines = self._lines, []
        self._flushed_s = time.monotonic()
        if lines:
            key = f"{self._store.root.rstrip('/')}/{FOLDER}/{time.time_ns()}-{token_hex(4)}.jsonl"
            self._store.write(key, "".join(f"{line}\n" for line in lines).encode())

    def _record(self, output: str, output_bytes: int, source: str, entry: Entry) -> dict[str, object]:
        return {
            "output": output,
            "output_bytes": output_bytes,
            "source": source,
            "source_bytes": entry.bytes,
            "source_version": entry.version,
            "settings": self._settings,
        }

    def _records(self) -> Iterator[dict[str, str]]:
        folder = self._store.at(f"{self._store.root.rstrip('/')}/{FOLDER}")
        for page in _pages_or_none(folder):
            for entry in page:
                yield from map(json.loads, self._store.read(entry.key).splitlines())


def _pages_or_none(store: Store) -> Iterator[list[Entry]]:
    try:
        yield from pages(store, recursive=True)
    except NotThere:
        return


def _short(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()


def _digest(record: object) -> bytes:
    return blake2b(json.dumps(record, sort_keys=True).encode(), digest_size=12).digest()
