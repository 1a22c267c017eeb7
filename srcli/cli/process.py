"""The process around one command line: its streams, its signals, and its end."""

from __future__ import annotations

import sys

from srcli.cli.signals import Signals
from srcli.cli.streams import drop_output, prepare_streams
from srcli.core.errors import OutputError

_QUIET = {"-q", "--quiet"}
_INTERRUPTED = 130


def run_process() -> int:
    """Run the command line of this process and return its exit code.

    With ``--debug``, what libraries write to standard error is shown as it comes; otherwise its first line
    where a command ends well, and nothing else would tell of it.
    """
    noise = prepare_streams(keep_noise="--debug" in sys.argv)
    signals = Signals()
    code = _run()
    if signals.number is not None:
        # Threads that wait for a pipe would keep an ordinary end from coming.
        signals.leave(signals.number)
    if noise is not None and code == 0 and not _QUIET & set(sys.argv):
        _tell(noise.lines())
    return code


def _run() -> int:
    try:
        # Takes a while: a signal may come meanwhile.
        from srcli.cli.app import run

        return _flush(run())
    except KeyboardInterrupt:
        return _INTERRUPTED


def _flush(code: int) -> int:
    """Write out what is left, while a failure can still be told."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        drop_output()
        return code or 1
    except OutputError as error:
        from srcli.cli.output import report_error

        drop_output()
        # A command that failed for that reason has told so.
        if code == 0:
            report_error(error)
        return code or error.exit_code
    return code


def _tell(lines: list[str]) -> None:
    from srcli.cli.output import warn

    if lines:
        others = f" (and {len(lines) - 1} lines more, which --debug shows)" if len(lines) > 1 else ""
        warn(f"a library says: {lines[0]}{others}")
