"""How long a person waits for one picture."""

from __future__ import annotations

from srcli.core.cancel import CancelToken, TimedToken
from srcli.core.errors import OutputError


class TookTooLong(OutputError):
    """Enlarging a picture took longer than allowed."""


class Patience(TimedToken):
    """Begins when it is made, and ends a picture at its next check after its time, or once it is cancelled.

    Args:
        name: the picture's.
        limit_s: the longest that enlarging it may take, in seconds; None for any time.
        cancel: asks for the end of the picture.
    """

    def __init__(self, name: str, limit_s: float | None, cancel: CancelToken | None = None) -> None:
        super().__init__(limit_s, cancel)
        self._name = name

    def _late(self, limit_s: float) -> TookTooLong:
        return TookTooLong(
            f"gave {self._name} up: enlarging it takes longer than {limit_s:g} seconds",
            hint="allow more with --timeout SECONDS, or choose --model fast",
        )
