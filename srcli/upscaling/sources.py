"""Where a picture comes from: a file, bytes in memory, or a stream that is read once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Protocol

from srcli.core.names import printable
from srcli.core.pipes import open_file
from srcli.imaging.containers.sniff import HEAD_BYTES
from srcli.imaging.decode import PictureFile, open_picture
from srcli.imaging.readers.pages import pages_of
from srcli.upscaling.file_identity import Identity, identify

if TYPE_CHECKING:
    from srcli.imaging.readers.pages import Pages
    from srcli.upscaling.streams import InputStream

STREAM = "-"
"""What a standard stream is called on a command line and in reports."""


class Source(Protocol):
    """A picture that can be opened."""

    @property
    def name(self) -> str:
        """As a person may read it; reports and events name the picture by it."""

    @property
    def path(self) -> Path | None:
        """Where it lies in the file system; None for one that has no place there."""

    @property
    def stem(self) -> str:
        """What the name of an output begins with where there is no path."""

    @property
    def page(self) -> int | None:
        """Which of the pictures in it is wanted, from 1; None for its main one."""

    def at(self, page: int) -> Source:
        """The same with another page wanted."""

    def counted(self) -> tuple[Source, Pages]:
        """The same, which can still be read, and the pictures that it holds.

        Raises:
            InputError: it can't be read.
        """

    def head(self) -> bytes:
        """The first bytes, which tell the format.

        Raises:
            OSError, InputError: they can't be read.
        """

    def identity(self) -> Identity | None:
        """What tells whether it changes while it is read; None where it can't."""

    def open(self, limit_s: float | None) -> PictureFile:
        """Read the header; the caller closes the picture.

        Args:
            limit_s: the longest that reading the picture may take, in seconds; None for a limit by pixels.

        Raises:
            InputError: it can't be read.
        """


@dataclass(frozen=True, slots=True)
class FileSource:
    """A picture file; see :class:`Source`."""

    path: Path
    page: int | None = None

    @property
    def name(self) -> str:
        """Its path."""
        return printable(self.path)

    @property
    def stem(self) -> str:
        """Its name without the extension."""
        return self.path.stem

    def at(self, page: int) -> FileSource:
        """See :class:`Source`."""
        return replace(self, page=page)

    def counted(self) -> tuple[FileSource, Pages]:
        """See :class:`Source`."""
        return self, pages_of(self.path)

    def head(self) -> bytes:
        """See :class:`Source`."""
        with open_file(self.path) as file:
            return file.read(HEAD_BYTES)

    def identity(self) -> Identity | None:
        """Taken before the file is opened, so that a file that takes its place in between is noticed."""
        try:
            return identify(self.path)
        except OSError:
            # Opening it tells what is wrong.
            return None

    def open(self, limit_s: float | None) -> PictureFile:
        """See :class:`Source`."""
        return open_picture(self.path, limit_s=limit_s, page=self.page)


@dataclass(frozen=True, slots=True)
class BytesSource:
    """A picture file that is in memory.

    Attributes:
        data: its bytes.
        name: for messages, reports and events.
        page: see :class:`Source`.
    """

    data: bytes = field(repr=False)
    name: str = "picture"
    page: int | None = None

    @property
    def path(self) -> None:
        """It has none."""

    @property
    def stem(self) -> str:
        """Its name without the extension."""
        return PurePath(self.name).stem

    def at(self, page: int) -> BytesSource:
        """See :class:`Source`."""
        return replace(self, page=page)

    def counted(self) -> tuple[BytesSource, Pages]:
        """See :class:`Source`."""
        return self, pages_of(self.data)

    def head(self) -> bytes:
        """See :class:`Source`."""
        return self.data[:HEAD_BYTES]

    def identity(self) -> None:
        """Bytes don't change."""

    def open(self, limit_s: float | None) -> PictureFile:
        """See :class:`Source`."""
        return open_picture(self.data, name=self.name, limit_s=limit_s, page=self.page)


@dataclass(frozen=True, slots=True)
class StreamSource:
    """A picture that comes through a stream.

    Attributes:
        stream: what it is read from.
        path: where the pipe lies, if it has a place in a folder.
        page: see :class:`Source`.
    """

    stream: InputStream = field(compare=False)
    path: Path | None = None
    page: int | None = None

    @property
    def name(self) -> str:
        """Its path, or that of a standard stream."""
        return printable(self.path) if self.path else STREAM

    @property
    def stem(self) -> str:
        """As the stream tells."""
        return self.stream.stem

    def at(self, page: int) -> StreamSource:
        """The same from its beginning; only of one that is held in memory, as ``counted`` gives it."""
        return replace(self, stream=self.stream.again(), page=page)

    def counted(self) -> tuple[StreamSource, Pages]:
        """See :class:`Source`; it is read for that, and held in memory."""
        kept = self.stream.kept()
        return replace(self, stream=kept), pages_of(kept.again().read())

    def head(self) -> bytes:
        """See :class:`Source`."""
        return self.stream.head

    def identity(self) -> None:
        """What was read once can't change."""

    def open(self, limit_s: float | None) -> PictureFile:
        """See :class:`Source`."""
        return open_picture(self.stream.read(), name=self.stream.name, limit_s=limit_s, page=self.page)
