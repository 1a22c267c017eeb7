"""The objects below an address, in the order of their names, a page at a time."""

from __future__ import annotations

import re
from glob import has_magic
from typing import TYPE_CHECKING, Any

from srcli.core.errors import InputError
from srcli.pipeline.stores.errors import NotThere
from srcli.pipeline.stores.store import Entry, entry_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from srcli.pipeline.stores.store import Store

PAGE = 1000
"""Objects of one answer of an object store."""


def pages(store: Store, *, recursive: bool) -> Iterator[list[Entry]]:
    """Pages of what is below the address of a store; hidden objects are left out.

    S3 is read page by page; other stores folder by folder, as fsspec lists them.

    Raises:
        InputError: it can't be listed.
    """
    # A ? in the address of a page begins its query.
    if has_magic(store.root) and store.protocol not in ("http", "https"):
        listed = _matches(store)
    elif store.protocol in ("s3", "s3a"):
        listed = _s3(store, recursive=recursive)
    else:
        listed = _walked(store, recursive=recursive)
    for page in listed:
        kept = [entry for entry in page if not _is_hidden(below(entry.key, store.root))]
        if kept:
            yield kept


def _matches(store: Store) -> Iterator[list[Entry]]:
    found = store.tried(
        lambda: store.files.glob(store.root, detail=True), f"cannot list {store.name(store.root)}", InputError
    )
    yield [entry_of(each) for _, each in sorted(found.items()) if each["type"] != "directory"]


def below(key: str, root: str) -> str:
    """The name of an object below a root."""
    folder = root.rstrip("/")
    if has_magic(folder):
        folder = folder[: re.search(r"[*?[]", folder).start()].rpartition("/")[0]  # type: ignore[union-attr]
    return key.removeprefix(folder).lstrip("/")


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


def _s3(store: Store, *, recursive: bool) -> Iterator[list[Entry]]:
    from fsspec.asyn import sync

    files: Any = store.files
    bucket, _, prefix = store.root.rstrip("/").partition("/")
    objects = files._iterdir(
        bucket, delimiter="" if recursive else "/", prefix=f"{prefix}/" if prefix else ""
    )
    what = f"cannot list {store.name(store.root)}"
    # Once: a listing that was cut short would seem to be at its end. Its requests are tried again by s3fs.
    while page := store.tried(lambda: sync(files.loop, _take, objects, PAGE), what, InputError, tries=1):
        yield [entry_of(found) for found in page if found["type"] != "directory"]


async def _take(objects: AsyncIterator[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    taken: list[dict[str, Any]] = []
    async for found in objects:
        taken.append(found)
        if len(taken) == count:
            break
    return taken


def _walked(store: Store, *, recursive: bool) -> Iterator[list[Entry]]:
    folders = [store.root]
    while folders:
        folder = folders.pop()
        found = sorted(_listed(store, folder), key=lambda each: str(each["name"]))
        yield [entry_of(each) for each in found if each["type"] != "directory"]
        if recursive:
            folders += [str(each["name"]) for each in reversed(found) if each["type"] == "directory"]


def _listed(store: Store, folder: str) -> list[dict[str, Any]]:
    # A page of the web that is no picture is looked at for links.
    verb = "read" if store.protocol in ("http", "https") else "list"
    try:
        return store.tried(
            lambda: store.files.ls(folder, detail=True), f"cannot {verb} {store.name(folder)}", InputError
        )
    except NotThere:
        if folder == store.root:
            raise
        return []
