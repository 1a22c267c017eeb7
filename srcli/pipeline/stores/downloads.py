"""Pictures from a store, fetched before they are asked for."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from srcli.core.errors import InputError
from srcli.imaging.containers.sniff import HEAD_BYTES
from srcli.imaging.decode import PictureFile, open_picture
from srcli.imaging.readers.pages import pages_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from srcli.imaging.readers.pages import Pages

AT_A_TIME = 4
"""Pictures that are fetched side by side."""
AHEAD_BYTES = 256 * 2**20
"""No further picture is fetched ahead while so much waits in memory."""
MOST_BYTES = 2 * 2**30
"""A file that is larger is refused: it is held in memory."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An object to fetch.

    Attributes:
        name: its address.
        size: in bytes; below zero where that is unknown.
        read: gives its content; raises InputError where it can't be read.
    """

    name: str
    size: int
    read: Callable[[], bytes]

    def fetch(self) -> bytes:
        """Its content.

        Raises:
            InputError: it can't be read, or is too large.
        """
        if self.size > MOST_BYTES:
            raise InputError(
                f"cannot read {self.name}: it has {self.size / 2**30:.1f} GiB, and at most "
                f"{MOST_BYTES / 2**30:g} are read from a store",
                hint="copy it to a local file first",
            )
        return self.read()


class Downloads:
    """Fetches the objects of a list in its order, a few ahead of the one that is asked for.

    Args:
        wanted: what will be asked for, in that order, each once.
    """

    def __init__(self, wanted: Iterable[Wanted]) -> None:
        self._waiting = deque(wanted)
        self._fetched: dict[str, tuple[Future[bytes], int]] = {}
        self._threads = ThreadPoolExecutor(AT_A_TIME, "download")

    def __enter__(self) -> Downloads:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def take(self, name: str) -> bytes:
        """The bytes of the next object.

        Raises:
            InputError: it can't be read.
        """
        self._fetch_ahead()
        while name not in self._fetched:
            # More than may lie ahead, and asked for now.
            self._fetch_next()
        future, _ = self._fetched.pop(name)
        self._fetch_ahead()
        return future.result()

    def _fetch_ahead(self) -> None:
        while (
            self._waiting
            and len(self._fetched) < AT_A_TIME
            and sum(size for _, size in self._fetched.values()) < AHEAD_BYTES
        ):
            self._fetch_next()

    def _fetch_next(self) -> None:
        wanted = self._waiting.popleft()
        self._fetched[wanted.name] = self._threads.submit(wanted.fetch), max(wanted.size, 0)


@dataclass(frozen=True, slots=True)
class StoreSource:
    """A picture in a store; see ``srcli.upscaling.sources.Source``.

    Attributes:
        name: its address.
        downloads: what fetches it.
        page: which of the pictures in it is wanted.
        data: its bytes, once they were fetched to be counted.
    """

    name: str
    downloads: Downloads = field(compare=False, repr=False)
    page: int | None = None
    data: bytes | None = field(default=None, compare=False, repr=False)

    @property
    def path(self) -> None:
        """It has none here."""

    @property
    def stem(self) -> str:
        """Its name without folders and extension."""
        return PurePosixPath(self.name).stem

    def at(self, page: int) -> StoreSource:
        """See ``Source``."""
        return replace(self, page=page)

    def counted(self) -> tuple[StoreSource, Pages]:
        """See ``Source``."""
        data = self._bytes()
        return replace(self, data=data), pages_of(data)

    def head(self) -> bytes:
        """See ``Source``."""
        return self._bytes()[:HEAD_BYTES]

    def identity(self) -> None:
        """What was fetched at once can't change while it is read."""

    def open(self, limit_s: float | None) -> PictureFile:
        """See ``Source``."""
        return open_picture(self._bytes(), name=self.name, limit_s=limit_s, page=self.page)

    def _bytes(self) -> bytes:
        return self.downloads.take(self.name) if self.data is None else self.data
