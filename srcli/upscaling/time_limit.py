"""How long a person waits for one picture."""

from __future__ import annotations

import time

from srcli.core.cancel import CancelToken
from srcli.core.errors import OutputError


class TookTooLong(OutputError):
    """Enlarging a picture took longer than allowed."""


class Patience(CancelToken):
    """Begins when it is made, and ends a picture at its next check after its time, or once it is cancelled.

    Args:
        name: the picture's.
        limit_s: the longest that enlarging it may take, in seconds; None for any time.
        cancel: asks for the end of the picture.
    """

    def __init__(self, name: str, limit_s: float | None, cancel: CancelToken | None = None) -> None:
        super().__init__(cancel)
        self._name = name
        self._limit_s = limit_s
        self._started_s = time.monotonic()

    def check(self) -> None:
        """Go on, unless the picture is to end.

        Raises:
            Cancelled: that was asked for.
            TookTooLong: its time is over.
        """
        super().check()
        if self._limit_s is not None and time.monotonic() - self._started_s > self._limit_s:
            raise TookTooLong(
                f"gave {self._name} up: enlarging it takes longer than {self._limit_s:g} seconds",
                hint="allow more with --timeout SECONDS, or choose --model fast",
            )
