"""One video to read and where to write it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from srcli.core.names import printable
from srcli.upscaling.sources import STREAM

if TYPE_CHECKING:
    from pathlib import Path

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
