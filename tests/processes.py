"""Programs that tests start."""

from __future__ import annotations

import os
import signal

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


def heed_signals():
    """To call in a program before it starts: a test may itself run where Ctrl-C or hang-ups are ignored."""
    for name in SIGNALS:
        signal.signal(getattr(signal, name), signal.SIG_DFL)


HEEDING = {"preexec_fn": heed_signals} if os.name == "posix" else {}
"""Words for ``subprocess`` that do so."""
