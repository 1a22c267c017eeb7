"""How Ctrl-C, a hang-up and a request to terminate end the process, however busy or stuck it is."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
from threading import Thread
from typing import TYPE_CHECKING

from srcli.core.unfinished import remove_unfinished

if TYPE_CHECKING:
    from collections.abc import Iterator

GRACE_S = 3.0
"""How long what is at work may take to clean up after the first signal."""

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class Signals:
    """The first signal interrupts the main thread, so that all is cleaned up on the way out.

    Where that takes too long, because a thread waits for a pipe or a library for a large matrix, or where the
    user asks again, the process removes what is unfinished and ends at once.

    Attributes:
        number: of the first signal that came, if any.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        if os.name != "nt":
            self._start_watching()
        for name in _NAMES:
            number = getattr(signal, name, None)
            # Ignored on purpose, as by nohup, stays ignored.
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._interrupt)

    def _start_watching(self) -> None:
        self._read, write = os.pipe()
        os.set_blocking(write, False)
        # Told of signals at once, also while the main thread is inside a library.
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        Thread(target=self._watch, name="signals", daemon=True).start()

    def leave(self, number: int) -> None:
        """End the process as after a signal, without waiting for any thread."""
        remove_unfinished()
        os._exit(128 + number)

    def _interrupt(self, number: int, _frame: object) -> None:
        if self.number is None:
            self.number = number
            raise KeyboardInterrupt

    def _watch(self) -> None:
        first = os.read(self._read, 1)[0]
        # Ends with a second signal, or when the time is over.
        select.select([self._read], [], [], GRACE_S)
        with contextlib.suppress(OSError, ValueError):
            # Not through the stream, which the thread that is stuck may hold.
            os.write(sys.stderr.fileno(), b"interrupted\n")
        self.leave(first)


@contextlib.contextmanager
def handled_elsewhere() -> Iterator[None]:
    """Leave signals to a server, which ends in good order and takes the time for that."""
    if os.name == "nt":
        yield
        return
    before = signal.set_wakeup_fd(-1)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before, warn_on_full_buffer=False)
