"""How ``srcli video`` tells what it does: lines, bars, events, and the plan of a dry run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from srcli.cli.output import emit_json, hint, report_failure, say, say_left_out, stdout, warn
from srcli.cli.progress import Bars
from srcli.cli.words import size_in_words, source_in_words, weight_in_words
from srcli.pipeline.video.inspection import streams_of
from srcli.pipeline.video.line import VideoEvents
from srcli.pipeline.video.report import Status
from srcli.pipeline.video.run import plan_run

if TYPE_CHECKING:
    from types import TracebackType

    from srcli.pipeline.video.inspection import VideoInspection
    from srcli.pipeline.video.report import Going, VideoReport
    from srcli.pipeline.video.run import PlannedVideo, VideoRun

EVENT_EVERY_S = 1.0


class Reporter(VideoEvents):
    """Listens to a run; prints warnings before the work, events or bars meanwhile, a line per video."""

    def __init__(self, run: VideoRun, *, json: bool, quiet: bool) -> None:
        self._json = json
        self._quiet = quiet
        self._device = run.pool.device
        self._asked = run.settings.device != "auto" or run.pool.device.surprising
        self._many = len(run.jobs) + len(run.failures) > 1
        self._counts = dict.fromkeys(Status, 0)
        self._started_s = time.monotonic()
        self._told: tuple[str, ...] = ()
        self._safe_frames = 0
        self._said_s = 0.0
        self._bars = Bars(len(run.jobs) + len(run.failures), shown=not quiet, files_unit="video")
        if not quiet and not json and run.pool.hashes and self._asked:
            say(f"{self._device.name}: {self._device.reason}")
        if not quiet:
            say_left_out(run.left_out)

    def __enter__(self) -> Reporter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.__exit__(kind, error, trace)
        if self._safe_frames and kind is not None and issubclass(kind, KeyboardInterrupt):
            hint(f"{self._safe_frames} frames are finished: --resume goes on behind them")
        if self._many and not self._quiet:
            counts = ", ".join(
                f"{count} {status}"
                for status, count in self._counts.items()
                if count or status is Status.DONE
            )
            say(f"{counts} in {time.monotonic() - self._started_s:.1f} s")

    def opened(self, inspection: VideoInspection, resumed: int, notes: tuple[str, ...]) -> None:
        """Tell what is lost before the work."""
        self._told, self._safe_frames = (*inspection.warnings, *notes), resumed
        name = source_in_words(inspection.job.source_name)
        if not self._quiet:
            with self._bars.paused():
                for warning in self._told:
                    warn(f"{name}: {warning}")
                if resumed and not self._json:
                    say(f"{name}: goes on behind {resumed} frames that are finished")
        if self._json:
            emit_json(_start_event(inspection, resumed, notes))

    def progress(self, item: str, unit: str, done: int, total: int) -> None:
        """Move the bar of the video at hand."""
        self._bars.progress(item, unit, done, total)

    def going(self, going: Going) -> None:
        """Tell how far the video is, in an event at most once a second."""
        now_s = time.monotonic()
        if self._json and now_s - self._said_s >= EVENT_EVERY_S:
            self._said_s = now_s
            emit_json(going.to_json())

    def segment(self, index: int, frames: int) -> None:
        """Tell of a segment that is safe."""
        self._safe_frames = frames
        if self._json:
            emit_json({"event": "segment", "index": index, "frames": frames})

    def finished(self, outcome: VideoReport) -> None:
        """Take note of a video that ended."""
        report = outcome
        self._counts[report.status] += 1
        with self._bars.paused():
            if self._json:
                emit_json({"event": "done", **report.to_json()})
            self._print(report)
        self._bars.file_done(report.input)
        self._told, self._safe_frames = (), 0

    def _print(self, report: VideoReport) -> None:
        made = report.status is not Status.FAILED
        if made and not self._quiet and not self._json:
            say(_line(report))
        report_failure(report.failure)
        if not self._quiet:
            for warning in report.warnings:
                if warning not in self._told:
                    warn(f"{source_in_words(report.input)}: {warning}")


def _start_event(inspection: VideoInspection, resumed: int, notes: tuple[str, ...]) -> dict[str, Any]:
    info, plan = inspection.info, inspection.plan
    colour = plan.encoding.colour if plan else info.colour
    return {
        "event": "start",
        "input": inspection.job.source_name,
        "output": inspection.job.target_name,
        "frames": inspection.expected,
        "frames_known": info.frames_known,
        "resumed": resumed,
        "input_size": [info.size.width, info.size.height],
        "output_size": [inspection.size.width, inspection.size.height],
        "time_base": [info.time_base.numerator, info.time_base.denominator],
        "container": plan.container if plan else None,
        "codec": plan.encoding.codec if plan else None,
        "pixel_format": plan.encoding.pixel_format.name if plan else None,
        "matrix": colour.matrix,
        "full_range": colour.full_range,
        "streams": streams_of(plan),
        "warnings": [*inspection.warnings, *notes],
    }


def _line(report: VideoReport) -> str:
    """What was made, how large it is, and how long it took."""
    if report.status is Status.SKIPPED:
        return f"{report.output}: finished before, skipped"
    name = "standard output" if report.output == "-" else report.output
    repeated = f" ({report.repeated} equal to the one before)" if report.repeated else ""
    weight = f", {weight_in_words(report.output_bytes)}" if report.output_bytes is not None else ""
    made = (report.frames or 0) - report.resumed
    rate = f", {made / report.seconds:.2f} frames/s" if report.seconds and made else ""
    size = size_in_words(report.output_size)
    return f"{name}: {report.frames} frames of {size}{repeated}{weight}, in {report.seconds:.1f} s{rate}"


def print_plan(run: VideoRun) -> list[int]:
    """Print the plan of a run as a table on stdout.

    Returns:
        The exit codes of the videos in it, 0 for those that would work.
    """
    from rich.table import Table

    columns = ("input", "size", "frames", "output", "size", "codec", "model", "memory", "disk", "time")
    table = Table(*columns, box=None, pad_edge=False)
    planned = list(plan_run(run))
    for each in planned:
        table.add_row(*_plan_row(each))
    stdout().print(table)
    ready = [each for each in planned if each.action == "enlarge"]
    disk = most = 0
    for each in ready:
        most = max(most, disk + (each.disk_peak_bytes or 0))
        disk += each.disk_bytes or 0
    seconds = sum(each.seconds or 0.0 for each in ready)
    stdout().print(
        f"{len(ready)} of {len(planned)} to enlarge on {run.pool.device.name} ({run.pool.device.reason}): "
        f"about {weight_in_words(disk)} on disk, {weight_in_words(most)} until all is whole, "
        f"{_time_in_words(seconds)}"
    )
    say_left_out(run.left_out)
    for each in planned:
        report_failure(each.failure)
        for warning in each.warnings:
            warn(f"{source_in_words(each.input)}: {warning}")
    return [each.exit_code for each in planned]


def _plan_row(each: PlannedVideo) -> tuple[str, ...]:
    from rich.markup import escape

    if each.action != "enlarge":
        return (escape(each.input), "", "", escape(each.output), "", "", each.action, "", "", "")
    about = "" if each.frames_known else "about "
    return (
        escape(each.input),
        size_in_words(each.input_size),
        f"{about}{each.frames}" if each.frames is not None else "unknown",
        escape(each.output),
        size_in_words(each.output_size),
        f"{each.codec} {each.pixel_format}" if each.codec else "pictures",
        each.model or "",
        weight_in_words(each.memory_bytes or 0),
        "unknown" if each.disk_bytes is None else weight_in_words(each.disk_bytes),
        "unknown" if each.seconds is None else _time_in_words(each.seconds),
    )


def _time_in_words(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
