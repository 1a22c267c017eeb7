"""One video to read and where to write it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from srcli.core.names import printable
from srcli.upscaling.file_identity import identify
from srcli.upscaling.sources import STREAM

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.upscaling.file_identity import Identity
    from srcli.upscaling.streams import InputStream


@dataclass(frozen=True, slots=True)
class VideoJob:
    """One video to read and where to write it.

    Attributes:
        source: its file, or a folder of pictures; None for a stream that has none.
        target: the output; None for standard output.
        stream: what the video comes through, where that is no regular file.
    """

    source: Path | None
    target: Path | None
    stream: InputStream | None = field(default=None, compare=False)

    @property
    def source_name(self) -> str:
        """The input as a person may read it."""
        return printable(self.source) if self.source else STREAM

    @property
    def target_name(self) -> str:
        """The output as a person may read it."""
        return printable(self.target) if self.target else STREAM

    def identity(self) -> Identity | None:
        """What tells the file from an older self; None for streams, folders and what can't be looked at."""
        if self.stream is not None or self.source is None:
            return None
        try:
            return identify(self.source) if self.source.is_file() else None
        except OSError:
            return None
