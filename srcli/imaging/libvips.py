"""The lazy door to libvips, which holds 16-bit colour where Pillow can't."""

from __future__ import annotations

import logging
import os
import re
import threading
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

from srcli.core.errors import MachineError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.imaging.source import Origin

_DAMAGE = re.compile(
    r"premature end|bad huffman|bad arithmetic|extraneous bytes|instead of rst|too many warnings|read error",
    re.IGNORECASE,
)
"""What libjpeg says of pixels that are lost; its other warnings are of oddities that cost nothing."""


class _Complaints(logging.Handler):
    """Hands what libvips logs to whoever listens in the same thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._threads = threading.local()

    @contextmanager
    def collect(self, collected: list[str]) -> Iterator[None]:
        before = getattr(self._threads, "collected", None)
        self._threads.collected = collected
        try:
            yield
        finally:
            self._threads.collected = before

    def emit(self, record: logging.LogRecord) -> None:
        collected = getattr(self._threads, "collected", None)
        if collected is not None:
            collected.append(record.getMessage())


_complaints = _Complaints()
logging.getLogger("pyvips").addHandler(_complaints)


def load_vips() -> Any:  # noqa: ANN401
    """The pyvips module, which carries no types.

    Raises:
        MachineError: it is not installed, or finds no libvips.
    """
    try:
        import pyvips
    except (ImportError, OSError) as error:
        raise MachineError(
            f"16-bit pictures need libvips, which does not load: {error}", hint="pip install 'pyvips[binary]'"
        ) from error
    # Its cache of results would keep the last hundred pictures of a batch in memory.
    pyvips.cache_set_max(0)
    return pyvips


@contextmanager
def vips_errors(complaints: list[str] | None = None) -> Iterator[None]:
    """Turn what libvips fails with into a ``ValueError`` of one line.

    Args:
        complaints: takes what libvips only logs.
    """
    pyvips = load_vips()
    try:
        with _complaints.collect([] if complaints is None else complaints):
            yield
    except pyvips.Error as error:
        raise ValueError(_reason(error.detail or error.message)) from error


def check_complaints(complaints: list[str]) -> None:
    """Refuse a picture of which libvips logged that pixels are lost.

    Of JPEG files it says so when it lets go of them.

    Raises:
        ValueError: it did.
    """
    lost = next((line for line in complaints if _DAMAGE.search(line)), None)
    if lost:
        raise ValueError(_reason(lost.removeprefix("VIPS: ")))


def open_with_vips(origin: Origin, **options: Any) -> Any:  # noqa: ANN401
    """A picture that is decoded as its rows are asked for, from top to bottom; any damage is an error.

    Args:
        origin: the file.
        options: of the loader of libvips, such as ``page``.

    Raises:
        ValueError: libvips can't make a picture of it.
    """
    vips = load_vips()
    with vips_errors():
        return vips.Image.new_from_source(
            _open(vips, origin), "", access="sequential", fail_on="error", **options
        )


def _open(vips: Any, origin: Origin) -> Any:  # noqa: ANN401
    """A source of its own, so that several readers of one picture don't move one another's position."""
    if isinstance(origin.stream, BytesIO):
        return vips.Source.new_from_memory(origin.stream.getvalue())
    handle = os.open(origin.stream.name, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        return vips.Source.new_from_descriptor(handle)
    finally:
        # libvips works on a copy.
        os.close(handle)


def _reason(text: str) -> str:
    """The first of the reasons that libvips gives, without the name of what failed: the others repeat it."""
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    reasons = [line.split(": ", 1)[1] for line in lines if ": " in line]
    return (reasons or lines or ["libvips gives no reason"])[0]
