"""One picture's way from store to store, in words that another machine understands as well."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from srcli.core.errors import OutputError
from srcli.pipeline.stores.downloads import StoreSource, Wanted
from srcli.pipeline.stores.errors import NotThere
from srcli.upscaling.sinks import UploadSink

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TypeAlias

    from srcli.pipeline.stores.downloads import Downloads
    from srcli.pipeline.stores.store import Entry, Store

    Open: TypeAlias = Callable[[str], Store]
    """Gives the store of an address."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A picture in a store, and where its result goes.

    Attributes:
        source: the address that it was found by.
        entry: the object.
        name: its own address.
        page: which of the pictures in it is wanted; None for the main one.
        target: the address of where results go.
        key: the result's path there, as the file system of that store names it.
        result: the result's own address.
        promised: the name of the result where a person chose it, which promises a format.
        replaces: whether what is there is replaced.
        compares: whether what is there may be this very result, made before.
    """

    source: str
    entry: Entry
    name: str
    page: int | None
    target: str
    key: str
    result: str
    promised: Path | None
    replaces: bool
    compares: bool

    def wanted(self, stores: Open) -> Wanted:
        """What is to be fetched."""
        return Wanted(self.name, self.entry.bytes, lambda: stores(self.source).read(self.entry.key))

    def fetched_by(self, downloads: Downloads) -> StoreSource:
        """The picture, fetched a little ahead of its turn."""
        return StoreSource(self.name, downloads, self.page)

    def delivered_to(self, stores: Open) -> UploadSink:
        """Where its result goes."""
        return UploadSink(partial(self.deliver, stores), self.result, self.promised)

    def deliver(self, stores: Open, file: BinaryIO) -> None:
        """Put the finished picture in its place, whole or not at all.

        Raises:
            OutputError: the store refuses, or another picture is there.
        """
        store, data = stores(self.target), file.read()
        there = _there(store, self.key) if self.compares and not self.replaces else None
        if there is None:
            store.write(self.key, data, overwrite=self.replaces)
        elif there != data:
            raise OutputError(
                f"{self.result} exists already, and is another picture than these settings make",
                hint="add --overwrite to replace it",
            )


def _there(store: Store, key: str) -> bytes | None:
    try:
        return store.read(key)
    except NotThere:
        return None
