"""PyAV, loaded when the first video is opened, and its errors in srcli's words."""

from __future__ import annotations

import os
from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from srcli.core.errors import InputError, MissingExtra, OutputError
from srcli.core.reasons import why

if TYPE_CHECKING:
    from collections.abc import Iterator

# PyAV's types change from version to version; its objects are known by what is asked of them here.
Library: TypeAlias = Any
Container: TypeAlias = Any
Stream: TypeAlias = Any
RawFrame: TypeAlias = Any
Packet: TypeAlias = Any
CodecContext: TypeAlias = Any


def load_av() -> Library:
    """PyAV, the package ``av``.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        import av
        import av.logging
    except ImportError as error:
        raise MissingExtra("a video", "video") from error
    # SVT-AV1 prints what it is to standard error, past FFmpeg's log; this leaves errors.
    os.environ.setdefault("SVT_LOG", "1")
    return av


def major_version(av: Library) -> int:
    """The first number of PyAV's version."""
    return int(str(av.__version__).partition(".")[0])


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turn PyAV's errors into one that says which file can't be read."""
    av = load_av()
    try:
        yield
    except av.error.FFmpegError as error:
        raise InputError(f"cannot read {name}: {reason(error)}") from error


@contextmanager
def writing(name: str) -> Iterator[None]:
    """Turn errors of PyAV and of the system into one that says what can't be written."""
    av = load_av()
    try:
        yield
    except (av.error.FFmpegError, OSError) as error:
        raise OutputError(f"cannot write {name}: {reason(error)}") from error


def reason(error: Exception) -> str:
    """Why FFmpeg or the system refused, in a few lower-case words."""
    if type(error).__name__ == "InvalidDataError":
        return "it is damaged or not a video"
    if isinstance(error, OSError):
        return why(error)
    words = str(getattr(error, "strerror", None) or error)
    return words[:1].lower() + words[1:]


def as_fraction(value: Any) -> Fraction | None:  # noqa: ANN401  Fraction, AVRational or nothing
    """A rational number of PyAV, or nothing where it is unset or has no meaning."""
    if not value or not value.denominator:
        return None
    return Fraction(value.numerator, value.denominator)
