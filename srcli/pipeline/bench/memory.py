"""The largest memory that this process took."""

from __future__ import annotations

import sys
from pathlib import Path

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def forget_peak() -> None:
    """Count the peak from now on, where the system can (Linux)."""
    try:
        _RESET.write_text("5", encoding="ascii")
    except OSError:
        return


def peak_bytes() -> int | None:
    """The largest resident memory since ``forget_peak``, else of the process's life; None where unknown."""
    try:
        for line in _STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return _peak_on_windows()
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # macOS counts bytes, the others kibibytes.
    return largest if sys.platform == "darwin" else largest * 1024


def _peak_on_windows() -> int | None:
    import psutil

    return getattr(psutil.Process().memory_info(), "peak_wset", None)
