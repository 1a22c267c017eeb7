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

from srcli.pipeline.stores.errors import NotThere
from srcli.pipeline.stores.listing import below, pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from srcli.pipeline.stores.store import Entry, Store

FOLDER = ".srcli-manifest"
FLUSH_COUNT, FLUSH_S = 200, 20.0
"""A kill forgets at most so many pictures, or those of so many seconds: they are made again and compared."""


class StoreMemory:
    """The outputs that are there, and what they were made from.

    Args:
        store: where outputs go.
        settings: the fingerprint of what shapes them.
        recalls: whether what earlier runs finished is asked for.
        remembers: whether what this run finishes is noted.
        expected: the outputs that will be asked for, where they are few; else all that is there is listed.
        recursive: whether outputs lie in folders below as well.
    """

    def __init__(
        self,
        store: Store,
        settings: str,
        *,
        recalls: bool,
        remembers: bool,
        expected: Sequence[str] | None,
        recursive: bool,
    ) -> None:
        self._store = store
        self._settings = settings
        self._remembers = remembers
        self._sizes = dict(
            self._listed(recursive=recursive) if expected is None else self._looked_up(expected)
        )
        self._finished: dict[bytes, bytes] = {}
        self._lines: list[str] = []
        self._flushed_s = time.monotonic()
        for record in self._records() if recalls else ():
            self._finished[_short(record["output"])] = _digest(record)

    def _listed(self, *, recursive: bool) -> Iterator[tuple[bytes, int]]:
        for page in _pages_or_none(self._store, recursive=recursive):
            for entry in page:
                yield _short(below(entry.key, self._store.root)), entry.bytes

    def _looked_up(self, expected: Sequence[str]) -> Iterator[tuple[bytes, int]]:
        for output in expected:
            entry = self._store.entry(f"{self._store.root.rstrip('/')}/{output}")
            if entry is not None:
                yield _short(output), entry.bytes

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
        if not self._remembers:
            return
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
        for page in _pages_or_none(folder, recursive=False):
            for entry in page:
                yield from map(json.loads, self._store.read(entry.key).splitlines())


def _pages_or_none(store: Store, *, recursive: bool) -> Iterator[list[Entry]]:
    try:
        yield from pages(store, recursive=recursive)
    except NotThere:
        return


def _short(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()


def _digest(record: object) -> bytes:
    return blake2b(json.dumps(record, sort_keys=True).encode(), digest_size=12).digest()
