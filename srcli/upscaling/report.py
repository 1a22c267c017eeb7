"""How each picture of a run ended, and the counts over them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypedDict

from srcli.core.outcome import Failure, Outcome, exit_code_of
from srcli.upscaling.chain import hashes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.engine.tiling.tiled import TiledReport
    from srcli.upscaling.choice import Choice
    from srcli.upscaling.fidelity.figures import Fidelity
    from srcli.upscaling.generator import Generator
    from srcli.upscaling.pool import GeneratorPool
    from srcli.upscaling.seams import Seams


class Status(StrEnum):
    """How a picture ended."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileReport(Outcome):
    """How one picture ended; the fields of ``--json``. Sizes are [width, height] in pixels there.

    ``model`` and ``model_sha256`` name the generators in the order they ran, joined by ``+``, and
    ``model_reason`` says why it was them where srcli chose; ``tile`` is the
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
    model_reason: str | None = None
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

    def to_json(self) -> dict[str, Any]:
        """The report as JSON-ready values."""
        fidelity = self.fidelity and self.fidelity.to_json()
        return Outcome.to_json(dataclasses.replace(self, fidelity=None)) | {"fidelity": fidelity}


class RanOn(TypedDict):
    """The fields of a report that tell what generators ran, and where; None where none did."""

    model_sha256: str | None
    model_reason: str | None
    device: str | None
    provider: str | None
    runtime: str | None
    precision: str | None
    tile: tuple[int, int] | None


def ran_on(
    pool: GeneratorPool, runs: Sequence[Generator], reports: Sequence[TiledReport], choice: Choice | None
) -> RanOn:
    """What ran, by the generators that did, the reports of their passes, and why it was them."""
    last = reports[-1] if reports else None
    return {
        "model_sha256": hashes(runs) or None,
        "model_reason": choice.reason if choice and runs else None,
        "device": pool.device.name if runs else None,
        "provider": runs[-1].session.provider if runs else None,
        "runtime": runs[-1].session.version if runs else None,
        "precision": last.precision if last else None,
        "tile": (last.window.width, last.window.height) if last else None,
    }


def failed(source: str, target: str, error: Exception, seconds: float = 0.0) -> FileReport:
    """The report of a picture that ended with an error."""
    failure = Failure.of(error, source)
    return FileReport(source, target, Status.FAILED, seconds=round(seconds, 4), failure=failure)


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
        others = [0] if self.done or self.skipped else []
        return exit_code_of([*others, *(report.exit_code for report in self.failures)])
