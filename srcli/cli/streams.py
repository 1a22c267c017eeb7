"""The standard streams of the process: closed, full, of any encoding, and what libraries write to them."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

from srcli.core.errors import OutputError, UsageError
from srcli.core.reasons import why

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.upscaling.streams import StandardStreams

NOISE_BYTES = 2**16
"""How much of what libraries write is looked at; what a pipe holds."""


class _Output(io.TextIOWrapper):
    """Standard output: tells where it is closed or full."""

    def write(self, text: str) -> int:
        with writing_output():
            return super().write(text)

    def flush(self) -> None:
        with writing_output():
            super().flush()


class _Messages(io.TextIOWrapper):
    """Standard error: where it is closed or full, there is no one left to tell."""

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            super().flush()


def check_output_free(what: str, redirect: str, *, json: bool) -> None:
    """See to it that standard output can take a picture or a video.

    Args:
        what: is to be written there, such as ``picture``.
        redirect: a command that writes it to a file instead.
        json: whether reports are to go there.

    Raises:
        UsageError: they are, or it is a terminal.
    """
    if json:
        raise UsageError(
            f"--json and the {what} both want standard output", hint="write to a file with -o FILE"
        )
    if sys.stdout.isatty():
        raise UsageError(
            f"a {what} can't be shown on a terminal", hint=f"redirect it: {redirect}, or use -o FILE"
        )


@contextlib.contextmanager
def writing_output() -> Iterator[None]:
    """Tell of a standard output that is closed or full as of any other file.

    Raises:
        OutputError: it is.
        BrokenPipeError: its reader went away.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write to standard output: {why(error)}") from error


def prepare_streams(*, keep_noise: bool) -> Noise | None:
    """Make the standard streams safe to use; what an encoding can't express is written escaped.

    Args:
        keep_noise: leave what C libraries write to standard error where it goes.

    Returns:
        What they write, unless it is kept.
    """
    _fill_gaps()
    sys.stdin = sys.stdin or os.fdopen(0, "r", closefd=False)
    sys.stdout = _reopen(sys.stdout, 1, _Output)
    # Windows has no pipes that are never waited for, before Python 3.12.
    noise = None if keep_noise or os.name == "nt" else Noise()
    sys.stderr = _reopen(sys.stderr, 2 if noise is None else noise.messages, _Messages)
    return noise


def standard_streams() -> StandardStreams:
    """The streams of this process, for the pipeline, which opens none itself."""
    from srcli.upscaling.streams import StandardStreams

    return StandardStreams(_standard_input, lambda: sys.stdout.buffer, _output_file())


def _standard_input() -> BinaryIO:
    if sys.stdin.isatty():
        raise UsageError(
            "standard input is a terminal", hint="pipe a picture into it: srcli upscale - < photo.jpg"
        )
    return sys.stdin.buffer


def _output_file() -> Path | None:
    """The file that standard output was redirected to, where the system tells."""
    try:
        if stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode):
            return Path(f"/proc/self/fd/{sys.stdout.fileno()}").readlink()
    except (OSError, ValueError):
        # Not Linux, or no file at all.
        pass
    return None


def _fill_gaps() -> None:
    """Put something in the place of streams that were closed at the start, or a file we open would get there.

    It is opened the wrong way round, so that reading or writing fails and says why; what goes to a closed
    standard error is lost.
    """
    for number, mode in enumerate((os.O_WRONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is taken.
            os.open(os.devnull, mode)


def _reopen(stream: TextIO | None, number: int, kind: type[io.TextIOWrapper]) -> io.TextIOWrapper:
    if stream is not None:
        stream.flush()
    return kind(
        open(number, "wb", closefd=False),
        encoding=getattr(stream, "encoding", None),
        errors="backslashreplace",
        line_buffering=kind is _Messages or os.isatty(number),
    )


class Noise:
    """What C libraries write to standard error by themselves, kept apart from our own messages.

    They write to file number 2 whatever Python thinks, so that number leads into a pipe, and our messages go
    to a copy of what it was. The pipe is read in the end only; what does not fit is dropped, and never waited
    for.

    Attributes:
        messages: the number of the file that our messages go to.
    """

    def __init__(self) -> None:
        self.messages = os.dup(2)
        self._read, write = os.pipe()
        for end in (self._read, write):
            os.set_blocking(end, False)
        os.dup2(write, 2)
        os.close(write)

    def lines(self) -> list[str]:
        """What was written so far, without empty lines."""
        with contextlib.suppress(BlockingIOError):
            text = os.read(self._read, NOISE_BYTES).decode("utf-8", "backslashreplace")
            return [line.strip() for line in text.splitlines() if line.strip()]
        return []


def drop_output() -> None:
    """Send what is still in standard output's buffer nowhere: Python would try again when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
