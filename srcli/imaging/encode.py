"""Frames to a picture file."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from srcli.core.errors import OutputError
from srcli.core.geometry import Size
from srcli.imaging.formats import format_from_extension
from srcli.imaging.picture import Frame, Metadata, Mode, PictureInfo
from srcli.imaging.translated_errors import writing
from srcli.imaging.writers.animate import ANIMATORS
from srcli.imaging.writers.encoding import Encoding, plan_encoding
from srcli.imaging.writers.quantise import fit_frame
from srcli.imaging.writers.row_writers import open_writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from srcli.core.arrays import Planes
    from srcli.imaging.pixels.samples import Samples
    from srcli.imaging.writers.row_writers import Checkpoint, RowWriter

__all__ = [
    "Encoding",
    "Strip",
    "encode_animation",
    "encode_picture",
    "format_from_extension",
    "open_rows",
    "plan_encoding",
    "write_rgb_png",
]

_ROWS_AT_ONCE = 128
"""Rows that are rounded together: few enough to stay near the processor, and for encoding to begin early."""


@dataclass(frozen=True, slots=True)
class Strip:
    """Finished rows of a frame, on their way to a file.

    Attributes:
        rows: (any height, width, channels) integers, as ``fit_frame`` gives them.
        frame: the number of the frame, from 0; a still picture is one frame.
        duration_ms: how long the frame is shown; 0 for a still picture.
    """

    rows: Samples
    frame: int = 0
    duration_ms: float = 0.0


def encode_picture(target: Path | BinaryIO, frames: Iterable[Frame], encoding: Encoding) -> None:
    """Write a picture.

    An animation is written frame by frame, so that memory holds one decoded frame at a time.

    Args:
        target: a file that is made or replaced, whatever its name, or a stream, seekable for TIFF.
        frames: of one size; only the first is taken where the encoding is not animated.
        encoding: from ``plan_encoding``.

    Raises:
        OutputError: the system or the encoder refuses, or there is no frame.
    """
    if encoding.animated:
        fitted = ((fit_frame(frame, encoding), frame.duration_ms) for frame in frames)
        _write_animation(target, fitted, encoding)
        return
    frame = next(iter(frames), None)
    if frame is None:
        raise OutputError(f"cannot write the {encoding.format} file: there is no frame")
    with open_rows(target, Size(*frame.colour.shape[:2]), encoding) as file:
        for top in range(0, len(frame.colour), _ROWS_AT_ONCE):
            file.write(fit_frame(_rows_of(frame, top, top + _ROWS_AT_ONCE), encoding))


def encode_animation(
    target: Path | BinaryIO, strips: Iterable[Strip], size: Size, encoding: Encoding
) -> None:
    """Write an animation whose frames come in strips; memory holds one frame of integers at a time.

    Args:
        target: a file that is made or replaced, or a stream.
        strips: of all frames, in order.
        size: of each frame.
        encoding: from ``plan_encoding``.

    Raises:
        OutputError: the system or the encoder refuses.
    """
    _write_animation(target, _joined(strips, size), encoding)


class RowsInFile:
    """A still picture that is being written from top to bottom."""

    def __init__(self, writer: RowWriter, stream: BinaryIO, name: str) -> None:
        self._writer = writer
        self._stream = stream
        self._name = name

    def write(self, rows: Samples) -> None:
        """Take the next rows, integers as ``fit_frame`` gives them; they must not change afterwards."""
        with writing(self._name):
            self._writer.write(rows)

    def checkpoint(self) -> Checkpoint:
        """Bring what is finished to the disk, and tell where ``open_rows`` can go on."""
        with writing(self._name):
            checkpoint = self._writer.checkpoint()
            self._stream.flush()
            os.fsync(self._stream.fileno())
            return {**checkpoint, "bytes": self._stream.tell()}


@contextmanager
def open_rows(
    target: Path | BinaryIO, size: Size, encoding: Encoding, resumed: Checkpoint | None = None
) -> Iterator[RowsInFile]:
    """Yield what takes the rows of a still picture from top to bottom.

    The file is finished when the block ends, and left as it is when the block fails.

    Args:
        target: a file that is made or replaced, or a stream, seekable for TIFF.
        size: of the picture.
        encoding: from ``plan_encoding``.
        resumed: go on with a file from here; its first rows are in it already.

    Raises:
        OutputError: the system or the encoder refuses.
    """
    name = f"the {encoding.format} file"
    with _opened(target, name, resumed) as stream:
        with writing(name):
            writer = open_writer(stream, size, encoding, resumed)
        try:
            yield RowsInFile(writer, stream, name)
            with writing(name):
                writer.finish()
        finally:
            writer.close()


def write_rgb_png(path: Path, planes: Planes) -> None:
    """Write a picture of our own making as an 8-bit PNG file without metadata.

    Args:
        path: a file that is made or replaced.
        planes: (height, width, 3) float32, RGB, 0..1.

    Raises:
        OutputError: the system refuses.
    """
    size = Size(*planes.shape[:2])
    info = PictureInfo(
        format="PNG",
        size=size,
        mode=Mode.RGB,
        depth=8,
        has_alpha=False,
        frames=1,
        loop=None,
        lossless=True,
        metadata=Metadata(),
    )
    encoding = plan_encoding(info, size, format="png", quality=None, strip=True)
    encode_picture(path, (Frame(planes, None),), encoding)


def _write_animation(
    target: Path | BinaryIO, frames: Iterator[tuple[Samples, float]], encoding: Encoding
) -> None:
    name = f"the {encoding.format} file"
    with _opened(target, name) as stream:
        for block in ANIMATORS[encoding.format](frames, encoding):
            with writing(name):
                stream.write(block)


def _joined(strips: Iterable[Strip], size: Size) -> Iterator[tuple[Samples, float]]:
    """Each frame whole, and its duration in milliseconds."""
    samples, top = np.empty(0), 0
    for strip in strips:
        if top == 0:
            # Those of the frame before may still be with the encoder.
            samples = np.empty((*size, strip.rows.shape[2]), strip.rows.dtype)
        samples[top : top + len(strip.rows)] = strip.rows
        top += len(strip.rows)
        if top == size.height:
            yield samples, strip.duration_ms
            top = 0


def _rows_of(frame: Frame, top: int, bottom: int) -> Frame:
    alpha = None if frame.alpha is None else frame.alpha[top:bottom]
    return Frame(frame.colour[top:bottom], alpha)


@contextmanager
def _opened(target: Path | BinaryIO, name: str, resumed: Checkpoint | None = None) -> Iterator[BinaryIO]:
    """Yield the stream of a target; only what is done to it here counts as a failure to write."""
    with writing(name):
        stream = target.open("r+b" if resumed else "wb") if isinstance(target, Path) else target
        if resumed:
            # What was written after the checkpoint is written again.
            stream.truncate(resumed["bytes"])
            stream.seek(0, os.SEEK_END)
    try:
        yield stream
        with writing(name):
            stream.flush()
    finally:
        if isinstance(target, Path):
            with writing(name):
                stream.close()
