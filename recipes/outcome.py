"""How recipes end: with the exit codes of srcli, and one line where something is wrong."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from srcli.cli.output import report_error
from srcli.core.errors import InputError, MissingExtra, SrcliError
from srcli.core.names import printable
from srcli.core.reasons import why

if TYPE_CHECKING:
    from collections.abc import Callable

EXIT_INTERRUPTED = 128 + signal.SIGINT


def exit_code_of(work: Callable[[], None]) -> int:
    """Do the work, tell what goes wrong with it, and give the exit code."""
    try:
        work()
    except ImportError:
        return _told(MissingExtra("training", "train"))
    except SrcliError as error:
        return _told(error)
    except OSError as error:
        return _told(InputError(f"cannot use {printable(str(error.filename or 'a file'))}: {why(error)}"))
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    return 0


def _told(error: SrcliError) -> int:
    report_error(error)
    return error.exit_code
