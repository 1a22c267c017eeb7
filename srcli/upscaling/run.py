"""The use case behind ``srcli upscale``: from words on the command line to finished files, or to a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from srcli.core.errors import UsageError
from srcli.core.names import printable
from srcli.core.outcome import Failure, Outcome
from srcli.imaging.formats import FORMATS, format_from_extension, format_from_name
from srcli.upscaling.advice import advise
from srcli.upscaling.estimates import PROCESS_BYTES, memory_needed
from srcli.upscaling.inputs import count_kinds
from srcli.upscaling.jobs import Job, check_collisions, make_jobs
from srcli.upscaling.naming import Naming
from srcli.upscaling.outputs import remove_remains
from srcli.upscaling.pool import GeneratorPool, open_pool
from srcli.upscaling.report import FileReport, Summary, failed
from srcli.upscaling.scheduler import run_batch
from srcli.upscaling.sources import STREAM
from srcli.upscaling.stages import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from srcli.core.cancel import CancelToken
    from srcli.core.events import Events
    from srcli.upscaling.settings import UpscaleSettings
    from srcli.upscaling.shards import Shard
    from srcli.upscaling.streams import StandardStreams


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is ready to start: inputs found, outputs named, device and generators there.

    ``failures`` are of words that name nothing; ``left_out`` tells what was seen and not taken.
    """

    jobs: tuple[Job, ...]
    settings: UpscaleSettings
    pool: GeneratorPool
    worker: Worker
    failures: tuple[FileReport, ...] = ()
    left_out: str | None = None

    def start(self, events: Events[FileReport], cancel: CancelToken | None = None) -> Summary:
        """Do the work.

        Args:
            events: hears how it goes.
            cancel: ends the run; a job's own token ends that job.

        Raises:
            Cancelled: the run was cancelled. Finished pictures were reported and stay; others leave nothing.
        """
        remove_remains(self.jobs)
        for report in self.failures:
            events.finished(report)
        summary = run_batch(self.jobs, self.worker, events, cancel) if self.jobs else Summary()
        summary.failures[:0] = self.failures
        return summary


@dataclass(frozen=True, slots=True)
class PlannedFile(Outcome):
    """What a run would make of one picture. Sizes are [width, height]; seconds and bytes are estimates."""

    input: str
    output: str
    action: str
    input_size: tuple[int, int] | None = None
    output_size: tuple[int, int] | None = None
    format: str | None = None
    model: str | None = None
    model_reason: str | None = None
    ensemble: int | None = None
    memory_bytes: int | None = None
    disk_bytes: int | None = None
    seconds: float | None = None
    warnings: tuple[str, ...] = ()
    advice: str | None = None


def prepare_run(
    inputs: Sequence[str],
    output: str | None,
    settings: UpscaleSettings,
    *,
    recursive: bool = False,
    listed: Sequence[str] = (),
    streams: StandardStreams | None = None,
    shard: Shard | None = None,
    pool: GeneratorPool | None = None,
) -> Run:
    """Find inputs, name outputs, and make sure of the device and the generator before any work.

    Args:
        inputs: files, folders, globs, or ``-`` for standard input.
        output: a file, a folder (with a final slash where it doesn't exist yet), ``-``, or ``None``.
        settings: what to do.
        recursive: whether to look into the folders below a folder.
        listed: names of files and folders that stand for nothing but themselves.
        streams: what ``-`` stands for.
        shard: which of the pictures are this run's; by default all.
        pool: the generators that the settings ask for; opened by default.

    Raises:
        UsageError, InputError, OutputError, DeviceUnavailable, ModelError: see the parts.
    """
    if STREAM in inputs and len(inputs) + len(listed) > 1:
        raise UsageError("standard input (-) goes alone")
    extension = FORMATS[format_from_name(settings.format)].extensions[0] if settings.format else None
    naming = Naming(output, settings.label, extension)
    found = make_jobs(
        inputs,
        naming,
        recursive=recursive,
        listed=listed,
        pages=settings.pages,
        streams=streams,
        limit_s=settings.timeout_s,
    )
    # Shared out after all names are known, so that two inputs for one output are refused in every shard.
    found = found.shared(shard) if shard else found
    jobs = found.jobs
    pool = pool or open_pool(settings)
    # A picture named by itself leaves no manifest behind, unless its maker means to resume.
    remember = (
        settings.resume
        or shard is not None
        or len(jobs) > 1
        or any(Path(word).is_dir() for word in (*inputs, *listed))
    )
    worker = Worker(settings, pool, remember=remember)
    failures = tuple(failed(word, "", error) for word, error in found.failures)
    if output is None and len(inputs) == 2 and not listed:
        failures = _with_hint(failures, inputs[1])
    return Run(tuple(jobs), settings, pool, worker, failures, count_kinds(found.left_out) or None)


def prepare_jobs(
    jobs: Sequence[Job],
    settings: UpscaleSettings,
    pool: GeneratorPool | None = None,
    *,
    remember: bool = False,
) -> Run:
    """A run over pictures that a program names itself; see ``srcli.upscaling.sources`` and ``sinks``.

    Args:
        jobs: where each picture comes from and goes, the sources with names that differ.
        settings: what to do with all of them.
        pool: the generators that the settings ask for, open from an earlier run; opened by default.
        remember: whether finished pictures are noted for ``settings.resume``.

    Raises:
        OutputError: an output is an input, or two outputs are one file.
        DeviceUnavailable, ModelError: the device or the generator can't be used.
    """
    check_collisions(jobs)
    pool = pool or open_pool(settings)
    return Run(tuple(jobs), settings, pool, Worker(settings, pool, remember=remember))


def _with_hint(failures: tuple[FileReport, ...], last: str) -> tuple[FileReport, ...]:
    """Tell how to name an output where the second of two words is no file yet: other programs take it so."""
    if not format_from_extension(Path(last).suffix):
        return failures
    hint = f"to write there: -o {printable(last)}"
    return tuple(
        replace(report, failure=replace(report.failure, hint=hint))
        if report.failure and report.input == printable(last)
        else report
        for report in failures
    )


def plan_run(run: Run) -> Iterator[PlannedFile]:
    """Say what a run would do, file by file, and do no more than enlarge a sample of each."""
    for report in run.failures:
        yield PlannedFile(report.input, "", "fail", failure=report.failure)
    written = 0
    for job in run.jobs:
        try:
            planned = _plan_file(job, run, written)
            written += planned.disk_bytes or 0
            yield planned
        except Exception as error:
            failure = Failure.of(error, job.source.name)
            yield PlannedFile(job.source.name, job.target.name, "fail", failure=failure)


def _plan_file(job: Job, run: Run, written: int) -> PlannedFile:
    if run.worker.outputs.check(job):
        return PlannedFile(job.source.name, job.target.name, "skip")
    inspection = run.worker.inspect(job)
    estimator = run.worker.estimator
    with inspection.picture:
        run.worker.check_room(inspection, written)
        return PlannedFile(
            job.source.name,
            job.target.name,
            "restore" if run.settings.target.keep else "upscale",
            input_size=(inspection.info.size.width, inspection.info.size.height),
            output_size=(inspection.size.width, inspection.size.height),
            format=inspection.encoding.format,
            model=run.pool.label(inspection.generators),
            model_reason=inspection.choice.reason if inspection.choice else None,
            ensemble=inspection.generators[0].options.ensemble.size if inspection.generators else None,
            memory_bytes=PROCESS_BYTES + memory_needed(inspection),
            disk_bytes=estimator.disk_bytes(inspection),
            seconds=round(estimator.seconds(inspection), 4),
            warnings=inspection.warnings,
            advice=advise(inspection),
        )
