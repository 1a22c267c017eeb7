"""Frames to a picture file."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from srcli.core.errors import OutputError
from srcli.core.geometry import Size
from srcli.imaging.animate import ANIMATORS
from srcli.imaging.encoding import Encoding, plan_encoding
from srcli.imaging.fit import fit_frame
from srcli.imaging.foreign import writing
from srcli.imaging.formats import format_from_extension
from srcli.imaging.picture import Frame
from srcli.imaging.row_writers import open_writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from srcli.imaging.samples import Samples

__all__ = ["Encoding", "encode_picture", "format_from_extension", "open_rows", "plan_encoding"]

_ROWS_AT_ONCE = 128
"""Rows that are rounded together: few enough to stay near the processor, and for encoding to begin early."""


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
        _write_animation(target, iter(frames), encoding)
        return
    frame = next(iter(frames), None)
    if frame is None:
        raise OutputError(f"cannot write the {encoding.format} file: there is no frame")
    with open_rows(target, Size(*frame.colour.shape[:2]), encoding) as write:
        for top in range(0, len(frame.colour), _ROWS_AT_ONCE):
            write(fit_frame(_rows_of(frame, top, top + _ROWS_AT_ONCE), encoding))


@contextmanager
def open_rows(target: Path | BinaryIO, size: Size, encoding: Encoding) -> Iterator[Callable[[Samples], None]]:
    """Yield a function that takes the rows of a still picture from top to bottom.

    The rows are integers as ``fit_frame`` gives them. The file is finished when the block ends, and left as
    it is when the block fails.

    Raises:
        OutputError: the system or the encoder refuses.
    """
    name = f"the {encoding.format} file"
    with _opened(target, name) as stream:
        with writing(name):
            writer = open_writer(stream, size, encoding)

        def write(rows: Samples) -> None:
            with writing(name):
                writer.write(rows)

        try:
            yield write
            with writing(name):
                writer.finish()
        finally:
            writer.close()


def _write_animation(target: Path | BinaryIO, frames: Iterator[Frame], encoding: Encoding) -> None:
    name = f"the {encoding.format} file"
    fitted = ((fit_frame(frame, encoding), frame.duration_ms) for frame in frames)
    with _opened(target, name) as stream:
        for block in ANIMATORS[encoding.format](fitted, encoding):
            with writing(name):
                stream.write(block)


def _rows_of(frame: Frame, top: int, bottom: int) -> Frame:
    alpha = None if frame.alpha is None else frame.alpha[top:bottom]
    return Frame(frame.colour[top:bottom], alpha)


@contextmanager
def _opened(target: Path | BinaryIO, name: str) -> Iterator[BinaryIO]:
    """Yield the stream of a target; only what is done to it here counts as a failure to write."""
    with writing(name):
        stream = target.open("wb") if isinstance(target, Path) else target
    try:
        yield stream
        with writing(name):
            stream.flush()
    finally:
        if isinstance(target, Path):
            with writing(name):
                stream.close()
