"""Frames to a picture file."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from srcli.core.errors import OutputError
from srcli.imaging.animate import ANIMATORS
from srcli.imaging.encoding import Encoding, plan_encoding
from srcli.imaging.fit import fit_frame
from srcli.imaging.foreign import writing
from srcli.imaging.formats import format_from_extension
from srcli.imaging.still import STILL_ENCODERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from srcli.imaging.picture import Frame

__all__ = ["Encoding", "encode_picture", "format_from_extension", "plan_encoding"]


def encode_picture(target: Path | BinaryIO, frames: Iterable[Frame], encoding: Encoding) -> None:
    """Write a picture.

    An animation is written frame by frame, so that memory holds one decoded frame at a time.

    Args:
        target: a file that is made or replaced, whatever its name, or a stream.
        frames: of one size; only the first is taken where the encoding is not animated.
        encoding: from ``plan_encoding``.

    Raises:
        OutputError: the system or the encoder refuses, or there is no frame.
    """
    name = f"the {encoding.format} file"
    with _writer(target, name) as write:
        for block in _encode(iter(frames), encoding, name):
            write(block)


def _encode(frames: Iterator[Frame], encoding: Encoding, name: str) -> Iterator[bytes]:
    if encoding.animated:
        yield from ANIMATORS[encoding.format](
            ((fit_frame(frame, encoding), frame.duration_ms) for frame in frames), encoding
        )
        return
    frame = next(frames, None)
    if frame is None:
        raise OutputError(f"cannot write {name}: there is no frame")
    with writing(name):
        data = STILL_ENCODERS[encoding.format](fit_frame(frame, encoding), encoding)
    yield data


@contextmanager
def _writer(target: Path | BinaryIO, name: str) -> Iterator[Callable[[bytes], None]]:
    """Yield a function that writes; only what it does itself counts as a failure to write."""
    with writing(name):
        stream = target.open("wb") if isinstance(target, Path) else target

    def write(block: bytes) -> None:
        with writing(name):
            stream.write(block)

    try:
        yield write
        with writing(name):
            stream.flush()
    finally:
        if isinstance(target, Path):
            with writing(name):
                stream.close()
