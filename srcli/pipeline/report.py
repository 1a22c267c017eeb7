"""What became of each picture, and the one place that turns it into an exit code."""

from __future__ import annotations

import dataclasses
import traceback
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from srcli.core.errors import EXIT_INTERNAL, OutOfMemory, SrcliError
from srcli.engine.runtime import ran_out_of_memory

if TYPE_CHECKING:
    from srcli.pipeline.fidelity.figures import Fidelity
    from srcli.pipeline.seams import Seams


class Status(StrEnum):
    """How a picture ended."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one picture; the fields of ``--json``. Sizes are [width, height] in pixels there.

    ``model`` and ``model_sha256`` name the generators in the order they ran, joined by ``+``; ``tile`` is the
    window of the last pass as [width, height] in input pixels. ``seconds`` is the work's own time,
    ``waiting_seconds`` what passed between decoding and the picture's turn.
    """

    input: str
    output: str
    status: Status
    input_size: tuple[int, int] | None = None
    output_size: tuple[int, int] | None = None
    frames: int | None = None
    scale: float | None = None
    model: str | None = None
    model_sha256: str | None = None
    device: str | None = None
    provider: str | None = None
    runtime: str | None = None
    precision: str | None = None
    tile: tuple[int, int] | None = None
    tiles: int | None = None
    ensemble: int | None = None
    seconds: float = 0.0
    waiting_seconds: float = 0.0
    output_bytes: int | None = None
    fidelity: Fidelity | None = None
    seams: Seams | None = None
    warnings: tuple[str, ...] = ()
    error: str | None = None
    hint: str | None = None
    exit_code: int = 0
    traceback: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The report as JSON-ready values."""
        fidelity = self.fidelity and self.fidelity.to_json()
        return dataclasses.asdict(dataclasses.replace(self, fidelity=None)) | {"fidelity": fidelity}


def failure(source: str, target: str, error: Exception, seconds: float = 0.0) -> FileReport:
    """The report of a picture that ended with an error.

    An error from outside the tree is a bug in srcli: it is named as one and does not end the run either.
    """
    if ran_out_of_memory(error) and not isinstance(error, SrcliError):
        error = OutOfMemory(f"there is not enough memory for {source}")
    if isinstance(error, SrcliError):
        message, hint, code = error.message, error.hint, error.exit_code
    else:
        message = f"internal error: {type(error).__name__}: {error}"
        hint, code = "this is a bug in srcli; run again with --debug and report the traceback", EXIT_INTERNAL
    return FileReport(
        source,
        target,
        Status.FAILED,
        seconds=round(seconds, 4),
        error=message,
        hint=hint,
        exit_code=code,
        traceback="".join(traceback.format_exception(error)) if code == EXIT_INTERNAL else None,
    )


@dataclass(slots=True)
class Summary:
    """Counts over a run. Only failures are kept, so that a long run's memory stays flat."""

    done: int = 0
    skipped: int = 0
    failures: list[FileReport] = field(default_factory=list)

    def add(self, report: FileReport) -> None:
        """Count one picture."""
        match report.status:
            case Status.DONE:
                self.done += 1
            case Status.SKIPPED:
                self.skipped += 1
            case Status.FAILED:
                self.failures.append(report)

    @property
    def exit_code(self) -> int:
        """See :func:`exit_code_of`."""
        codes = {report.exit_code for report in self.failures}
        return exit_code_of(codes, any_succeeded=bool(self.done or self.skipped))


def exit_code_of(failures: set[int], *, any_succeeded: bool) -> int:
    """The exit code of a run, done or planned.

    0 where nothing failed; where everything failed for one kind of reason, that reason's; else 1. A bug
    outranks the rest.

    Args:
        failures: exit codes of the pictures that failed.
        any_succeeded: whether any picture did not fail.
    """
    if EXIT_INTERNAL in failures:
        return EXIT_INTERNAL
    if len(failures) == 1 and not any_succeeded:
        return next(iter(failures))
    return 1 if failures else 0
