"""Where a finished picture goes: a file, bytes in memory, or a stream."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from srcli.core.errors import OutputError
from srcli.core.names import printable
from srcli.core.reasons import why
from srcli.upscaling.sources import STREAM

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileSink:
    """A file, which appears whole or not at all.

    Attributes:
        path: where.
        is_named: whether a person named this very file, so that its extension decides the format.
    """

    path: Path
    is_named: bool = field(default=False, compare=False)

    @property
    def name(self) -> str:
        """Its path."""
        return printable(self.path)

    @property
    def promised(self) -> Path | None:
        """The file whose name a person chose, which promises a format."""
        return self.path if self.is_named else None


@dataclass(frozen=True, slots=True)
class StreamSink:
    """A stream, which gets the whole file once the picture is finished.

    Attributes:
        connect: gives the stream, which stays open.
        name: for reports and events.
        title: for messages.
        promised: the file that the stream leads to, whose name promises a format.
    """

    connect: Callable[[], BinaryIO] = field(compare=False)
    name: str = STREAM
    title: str = field(default="standard output", compare=False)
    promised: Path | None = field(default=None, compare=False)

    @property
    def path(self) -> None:
        """It has none."""

    def take(self, file: BinaryIO) -> None:
        """Pass a finished file on.

        Raises:
            OutputError: the stream is closed or full.
        """
        try:
            stream = self.connect()
            shutil.copyfileobj(file, stream)
            stream.flush()
        except OSError as error:
            raise OutputError(f"cannot write to {self.title}: {why(error)}") from error


@dataclass(slots=True)
class BytesSink:
    """Bytes in memory.

    Attributes:
        name: for reports and events.
        data: the file, once the picture is finished.
        promised: the name that a person chose, which promises a format.
    """

    name: str = "result"
    data: bytes | None = field(default=None, repr=False)
    promised: Path | None = None

    @property
    def path(self) -> None:
        """It has none."""

    def take(self, file: BinaryIO) -> None:
        """Keep a finished file."""
        self.data = file.read()


@dataclass(frozen=True, slots=True)
class UploadSink:
    """A place that takes a finished file as a whole.

    Attributes:
        send: takes the file there; raises OutputError where it can't.
        name: for reports and events.
        promised: the name that a person chose, which promises a format.
    """

    send: Callable[[BinaryIO], None] = field(compare=False, repr=False)
    name: str
    promised: Path | None = field(default=None, compare=False)

    @property
    def path(self) -> None:
        """It has none here."""

    def take(self, file: BinaryIO) -> None:
        """Pass a finished file on.

        Raises:
            OutputError: it can't be stored there.
        """
        self.send(file)


Sink: TypeAlias = FileSink | StreamSink | BytesSink | UploadSink
