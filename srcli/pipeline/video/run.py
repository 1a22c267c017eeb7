"""The use case behind ``srcli video``: from words on the command line to finished files, or to a plan."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from srcli.core.errors import Cancelled, InputError, UsageError
from srcli.core.names import printable
from srcli.core.outcome import Failure, Outcome, exit_code_of
from srcli.pipeline.video.estimate import estimate
from srcli.pipeline.video.inspection import inspecting, streams_of, writes_pictures
from srcli.pipeline.video.job import VideoJob
from srcli.pipeline.video.making import Making
from srcli.pipeline.video.naming import name_jobs
from srcli.pipeline.video.needs import choose_lanes, memory_bytes
from srcli.pipeline.video.outputs import VideoOutputs, remove_remains
from srcli.pipeline.video.report import VideoReport, failed
from srcli.pipeline.video.room import check_room, peak_bytes
from srcli.upscaling.inputs import count_kinds
from srcli.upscaling.pool import GeneratorPool
from srcli.upscaling.second_try import NOTE, SecondTries
from srcli.upscaling.sources import STREAM

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from srcli.core.cancel import Cancel
    from srcli.pipeline.video.inspection import VideoInspection
    from srcli.pipeline.video.line import VideoEvents
    from srcli.pipeline.video.settings import VideoSettings
    from srcli.upscaling.streams import StandardStreams


@dataclass(frozen=True, slots=True)
class VideoRun:
    """A run that is ready to start.

    Attributes:
        jobs: inputs and outputs.
        settings: what to do.
        pool: the generators.
        outputs: what is finished.
        streams: what ``-`` stands for.
        failures: words that name nothing.
        left_out: what was seen in folders and not taken.
    """

    jobs: tuple[VideoJob, ...]
    settings: VideoSettings
    pool: GeneratorPool
    outputs: VideoOutputs
    streams: StandardStreams | None = None
    failures: tuple[VideoReport, ...] = ()
    left_out: str | None = None

    def start(self, listener: VideoEvents, cancel: Cancel | None = None) -> int:
        """Do the work, one video after the other; one that fails does not end the run.

        Returns:
            The exit code.

        Raises:
            Cancelled: that was asked for; finished segments stay for ``resume``.
        """
        remove_remains(self.jobs)
        codes = []

        def finished(report: VideoReport) -> None:
            listener.finished(report)
            codes.append(report.exit_code)

        for report in self.failures:
            finished(report)
        second: SecondTries[VideoJob, VideoReport] = SecondTries()
        for job in self.jobs:
            report = self._make(job, listener, cancel, second)
            if not second.holds(report):
                finished(report)
        for job in second.begin_second_round():
            report = self._make(job, listener, cancel, second)
            finished(replace(report, warnings=(*report.warnings, NOTE)))
        return exit_code_of(codes)

    def _make(
        self,
        job: VideoJob,
        listener: VideoEvents,
        cancel: Cancel | None,
        second: SecondTries[VideoJob, VideoReport],
    ) -> VideoReport:
        started_s, before = time.perf_counter(), job.identity()
        kept = 0
        try:
            finished = self.outputs.check(job)
            if finished:
                return finished
            with inspecting(job, self.settings, self.pool) as opened:
                inspection = self._with_room(opened)
                making = Making(
                    inspection, self.settings, self.pool, self.outputs, listener, self.streams, cancel
                )
                try:
                    return making.run()
                finally:
                    kept = making.kept_frames
        except Cancelled:
            raise
        except Exception as error:
            report = failed(job.source_name, job.target_name, error, time.perf_counter() - started_s)
            report = _with_way_on(report, kept)
            # What went into a pipe or into single pictures can't be taken back.
            if job.target is not None and not writes_pictures(job, self.settings):
                second.hold(job, before, job.identity(), error, report)
            return report

    def _with_room(self, inspection: VideoInspection) -> VideoInspection:
        """The inspection, warned where the disk might be too small."""

        def output_bytes() -> int | None:
            return estimate(inspection, self.settings, self.pool, inspection.expected).disk_bytes

        told = check_room(inspection, output_bytes, resume=self.settings.resume)
        return replace(inspection, warnings=(*inspection.warnings, *told))


def _with_way_on(report: VideoReport, kept: int) -> VideoReport:
    """Tell how to go on behind frames that are finished."""
    if not kept or report.failure is None:
        return report
    hints = [report.failure.hint, f"{kept} frames are finished: --resume goes on behind them"]
    failure = replace(report.failure, hint="; ".join(filter(None, hints)))
    return replace(report, failure=failure)


@dataclass(frozen=True, slots=True)
class PlannedVideo(Outcome):
    """What a run would make of one video. Sizes are [width, height]; seconds and bytes are estimates.

    ``disk_peak_bytes`` is what the output and its segments take together until it is whole.
    """

    input: str
    output: str
    action: str
    input_size: tuple[int, int] | None = None
    output_size: tuple[int, int] | None = None
    frames: int | None = None
    frames_known: bool = False
    duration_s: float | None = None
    container: str | None = None
    codec: str | None = None
    pixel_format: str | None = None
    model: str | None = None
    model_reason: str | None = None
    memory_bytes: int | None = None
    disk_bytes: int | None = None
    disk_peak_bytes: int | None = None
    seconds: float | None = None
    streams: list[dict[str, object]] = field(default_factory=list)
    warnings: tuple[str, ...] = ()


def prepare_run(
    inputs: Sequence[str],
    output: str | None,
    settings: VideoSettings,
    *,
    recursive: bool = False,
    streams: StandardStreams | None = None,
) -> VideoRun:
    """Find inputs, name outputs, and make sure of the device and the generator before any work.

    Args:
        inputs: files, folders, globs, or ``-`` for standard input.
        output: a file, a folder (with a final slash where it doesn't exist yet), ``-``, or None.
        settings: what to do.
        recursive: whether to look into the folders below a folder.
        streams: what ``-`` stands for.

    Raises:
        UsageError, InputError, OutputError, DeviceUnavailable, ModelError: see the parts.
    """
    if STREAM in inputs and len(inputs) > 1:
        raise UsageError("standard input (-) goes alone")
    failures: tuple[VideoReport, ...] = ()
    left_out = None
    if settings.frames is not None:
        jobs = [_pictures_job(inputs, output, settings.frames)]
        if output is None and settings.resume:
            raise UsageError("--frames writes single pictures, which --resume does not go on with")
    else:
        jobs, found = name_jobs(
            inputs,
            output,
            settings.label,
            settings.format.container,
            recursive=recursive,
            streams=streams,
        )
        failures = tuple(failed(word, "", error) for word, error in found.failures)
        left_out = count_kinds(found.left_out) or None
    pool = GeneratorPool(settings.model, settings.device, settings.options, keep=settings.target.keep)
    # A video named by itself leaves no manifest behind, unless its maker means to resume.
    remember = settings.resume or len(jobs) > 1 or any(Path(word).is_dir() for word in inputs)
    outputs = VideoOutputs(settings, pool.hashes, remember=remember)
    return VideoRun(tuple(jobs), settings, pool, outputs, streams, failures, left_out)


def _pictures_job(inputs: Sequence[str], output: str | None, folder: Path) -> VideoJob:
    """Pictures from a folder into a video, or frames of a video into a folder."""
    if len(inputs) > 1:
        raise UsageError("--frames goes with one video")
    source = Path(inputs[0]) if inputs else folder
    if inputs and not source.is_file():
        raise InputError(f"no such file: {printable(source)}")
    if output is None and not inputs:
        raise UsageError(
            "where is the video to go?", hint="add -o NAME.mp4, or name a video whose frames are wanted"
        )
    target = folder if output is None else None if output == STREAM else Path(output)
    return VideoJob(source, target)


def plan_run(run: VideoRun) -> Iterator[PlannedVideo]:
    """Say what a run would do, video by video, and do no more than enlarge a sample of each."""
    for report in run.failures:
        yield PlannedVideo(report.input, "", "fail", failure=report.failure)
    taken = 0
    for job in run.jobs:
        try:
            planned = _plan_video(job, run, taken)
            taken += planned.disk_bytes or 0
            yield planned
        except Exception as error:
            failure = Failure.of(error, job.source_name)
            yield PlannedVideo(job.source_name, job.target_name, "fail", failure=failure)


def _plan_video(job: VideoJob, run: VideoRun, taken: int) -> PlannedVideo:
    if run.outputs.check(job):
        return PlannedVideo(job.source_name, job.target_name, "skip")
    with inspecting(job, run.settings, run.pool) as inspection:
        info, plan = inspection.info, inspection.plan
        cost = estimate(inspection, run.settings, run.pool, inspection.expected)
        told = check_room(inspection, lambda: cost.disk_bytes, resume=run.settings.resume, planned=taken)
        return PlannedVideo(
            job.source_name,
            job.target_name,
            "enlarge",
            input_size=(info.size.width, info.size.height),
            output_size=(inspection.size.width, inspection.size.height),
            frames=inspection.expected,
            frames_known=info.frames_known and run.settings.part is None,
            duration_s=info.duration_s,
            container=plan.container if plan else None,
            codec=plan.encoding.codec if plan else None,
            pixel_format=plan.encoding.pixel_format.name if plan else None,
            model=run.pool.label(inspection.generators),
            model_reason=inspection.choice.reason if inspection.choice else None,
            memory_bytes=memory_bytes(inspection, choose_lanes(inspection, run.pool)),
            disk_bytes=cost.disk_bytes,
            disk_peak_bytes=None if cost.disk_bytes is None else peak_bytes(inspection, cost.disk_bytes),
            seconds=cost.seconds,
            streams=streams_of(inspection.plan),
            warnings=(*inspection.warnings, *told),
        )
