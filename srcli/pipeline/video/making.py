"""One video from file to file."""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from srcli.core.errors import InputError, UsageError
from srcli.core.files import atomic_path, real_path
from srcli.core.names import printable
from srcli.core.outcome import Failure
from srcli.pipeline.video.generate import FrameGenerator, as_pixels
from srcli.pipeline.video.inspection import writes_pictures
from srcli.pipeline.video.line import Line
from srcli.pipeline.video.needs import choose_lanes
from srcli.pipeline.video.pace import Pace
from srcli.pipeline.video.report import Status, VideoReport
from srcli.pipeline.video.segments import SegmentJournal
from srcli.pipeline.video.sinks import AnimationSink, PicturesSink, SegmentSink
from srcli.upscaling.chain import label
from srcli.upscaling.enlargement import Recipe
from srcli.upscaling.file_identity import check_unchanged
from srcli.upscaling.report import ran_on
from srcli.upscaling.settings import Existing
from srcli.video.join import join
from srcli.video.segment import encodable, segment_suffix

if TYPE_CHECKING:
    from srcli.core.cancel import Cancel
    from srcli.pipeline.video.inspection import VideoInspection
    from srcli.pipeline.video.line import VideoEvents
    from srcli.pipeline.video.outputs import VideoOutputs
    from srcli.pipeline.video.settings import VideoSettings
    from srcli.pipeline.video.source import Frames
    from srcli.upscaling.pool import GeneratorPool
    from srcli.upscaling.streams import StandardStreams
    from srcli.video.plan import OutputPlan
    from srcli.video.video import Position


@dataclass(slots=True)
class Making:
    """The work on one video.

    Attributes:
        inspection: the video.
        settings: what to do.
        pool: the generators.
        outputs: remembers what is finished.
        listener: hears how it goes on.
        streams: what ``-`` stands for.
        cancel: whether it is to be given up.
    """

    inspection: VideoInspection
    settings: VideoSettings
    pool: GeneratorPool
    outputs: VideoOutputs
    listener: VideoEvents
    streams: StandardStreams | None = None
    cancel: Cancel | None = None
    _started_s: float = field(default_factory=time.perf_counter)
    _resumed: int = 0
    _kept: SegmentJournal | None = None

    @property
    def kept_frames(self) -> int:
        """Frames that are finished and stay, whatever ends the work."""
        return self._kept.frames if self._kept else 0

    def run(self) -> VideoReport:
        """Do it.

        Raises:
            InputError, OutputError, MachineError, ModelError: see the parts.
        """
        inspection = self.inspection
        if writes_pictures(inspection.job, self.settings):
            return self._make_pictures(inspection.job.target)
        if inspection.plan is None:
            return self._make_animation(inspection.job.target)
        if inspection.job.target is None:
            return self._make_stream(inspection.plan)
        return self._make_file(inspection.plan, inspection.job.target)

    def _make_file(self, plan: OutputPlan, target: Path) -> VideoReport:
        place = real_path(target)
        self._kept = journal = self._journal(place, plan)
        overwrite = self.settings.existing is Existing.OVERWRITE
        with journal.making(resume=self.settings.resume):
            line = self._fill(journal, plan)
            self._check_source()
            source = self.inspection.job.source
            with atomic_path(place, overwrite=overwrite, like=source) as temporary:
                self._join(journal, plan, temporary)
                report = self._report(line, journal, temporary.stat().st_size)
                # One that lacks frames is not finished: its input may be whole another time.
                if report.failure is None:
                    self.outputs.note(self.inspection, target, temporary)
        return report

    def _make_stream(self, plan: OutputPlan) -> VideoReport:
        """Segments go to a temporary folder first: no failure leaves half a video in the pipe."""
        folder = Path(tempfile.mkdtemp(prefix="srcli-video-"))
        try:
            journal = self._journal(folder / "stdout", plan)
            with journal.making(resume=False):
                line = self._fill(journal, plan)
                self._check_source()
                self._join(journal, plan, self._output())
                return self._report(line, journal, None)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _output(self) -> BinaryIO:
        if self.streams is None:
            raise UsageError("there is no standard output to write to")
        return self.streams.open_output()

    def _make_animation(self, target: Path | None) -> VideoReport:
        assert target is not None, "animations go to files"
        inspection = self.inspection
        line = self._line(None)
        self.listener.opened(inspection, 0, ())
        overwrite = self.settings.existing is Existing.OVERWRITE
        with atomic_path(target, overwrite=overwrite, like=inspection.job.source) as temporary:
            sink = AnimationSink(temporary, target.suffix, inspection.size, inspection.info, line.written)
            line.run(sink)
            self._check_source()
            self.outputs.note(inspection, target, temporary)
            return self._report(line, None, temporary.stat().st_size)

    def _make_pictures(self, folder: Path | None) -> VideoReport:
        assert folder is not None, "pictures go to a folder"
        line = self._line(None)
        self.listener.opened(self.inspection, 0, ())
        overwrite = self.settings.existing is Existing.OVERWRITE
        line.run(PicturesSink(folder, self.inspection.info, overwrite, line.written))
        self._check_source()
        return self._report(line, None, None)

    def _fill(self, journal: SegmentJournal, plan: OutputPlan) -> Line:
        """Make the segments that are missing."""
        self._resumed = journal.frames
        notes = () if journal.why_anew is None else (f"begins again, since it is {journal.why_anew}",)
        self.listener.opened(self.inspection, self._resumed, notes)
        line = self._line(journal.notes[-1].position if journal.notes else None)
        line.pace.done = journal.frames
        line.pace.repeated = sum(note.repeated for note in journal.notes)

        def segment_done(index: int) -> None:
            line.segment_done(index)
            # No hours of work on a file that somebody writes to.
            self._check_source()

        line.run(SegmentSink(journal, plan.encoding, line.read, line.written, segment_done))
        return line

    def _join(self, journal: SegmentJournal, plan: OutputPlan, output: Any) -> None:  # noqa: ANN401
        part = self.settings.part
        between = None
        if part is not None:
            end_s = None if part.duration_s is None else part.start_s + part.duration_s
            between = (part.start_s, end_s)
        join(journal.segments, plan, output, self.inspection.source.copied_from, between=between)

    def _line(self, after: Position | None) -> Line:
        inspection, settings = self.inspection, self.settings
        lanes = choose_lanes(inspection, self.pool)
        recipe = Recipe(lanes.generators, self.pool.interpolation, settings.strength)
        info, plan = inspection.info, inspection.plan
        finish = as_pixels if plan is None else partial(encodable, plan=plan.encoding)
        return Line(
            inspection.source.frames(settings.part, after, strict=settings.strict),
            FrameGenerator(recipe, inspection.size, lanes.count, finish),
            Pace(inspection.expected),
            info.time_base,
            info.start or 0,
            info.frames_known and settings.part is None,
            self.listener,
            inspection.job.source_name,
            settings.reuse,
            self.cancel,
        )

    def _journal(self, target: Path, plan: OutputPlan) -> SegmentJournal:
        job, identity = self.inspection.job, self.inspection.identity
        key = {
            "input": printable(real_path(job.source)) if job.source else None,
            "input file": None if identity is None else [identity.bytes, identity.mtime_ns],
            "generators": label(self.inspection.generators),
            "encoder": plan.encoding.key(),
            **self.settings.shaping(self.pool.hashes),
        }
        return SegmentJournal(target, key, segment_suffix(plan.encoding))

    def _check_source(self) -> None:
        """See that the file is still the one that was opened; segments of one that isn't are worth nothing.

        Raises:
            InputError: it isn't.
        """
        job, identity = self.inspection.job, self.inspection.identity
        if job.source and identity:
            try:
                check_unchanged(job.source, identity)
            except InputError:
                if self._kept:
                    self._kept.notes.clear()
                raise

    def _report(self, line: Line, journal: SegmentJournal | None, output_bytes: int | None) -> VideoReport:
        inspection, plan, pool = self.inspection, self.inspection.plan, self.pool
        runs = inspection.generators if line.generator.reports else ()
        info, read = inspection.info, line.read
        notes = journal.notes if journal else []
        duration = notes[-1].end_pts - notes[0].first_pts if notes else None
        failure = _incomplete(line, read, inspection)
        return VideoReport(
            input=inspection.job.source_name,
            output=inspection.job.target_name,
            status=Status.DONE if failure is None else Status.INCOMPLETE,
            input_size=(info.size.width, info.size.height),
            output_size=(inspection.size.width, inspection.size.height),
            frames=line.pace.done,
            frames_expected=line.pace.total if line.exact else None,
            repeated=line.pace.repeated,
            resumed=self._resumed,
            damaged_frames=sum(note.damaged_frames for note in notes) if journal else read.damaged_frames,
            damaged_packets=max([read.damaged_packets, *(note.damaged_packets for note in notes)]),
            duration_s=None if duration is None else round(float(duration * info.time_base), 6),
            container=plan.container if plan else None,
            codec=plan.encoding.codec if plan else None,
            pixel_format=plan.encoding.pixel_format.name if plan else None,
            model=pool.label(runs) if runs or not inspection.generators else None,
            **ran_on(pool, runs, line.generator.reports, inspection.choice),
            seconds=round(time.perf_counter() - self._started_s, 3),
            stage_seconds=_stages(line),
            output_bytes=output_bytes,
            warnings=(*inspection.warnings, *line.generator.warnings, *_resized(read)),
            failure=failure,
        )


def _stages(line: Line) -> dict[str, float]:
    """How long each stage was busy."""
    busy_s = {**line.busy_s, "enlarge": line.generator.busy_s}
    return {name: round(seconds, 3) for name, seconds in busy_s.items()}


def _resized(read: Frames) -> tuple[str, ...]:
    if not read.resized:
        return ()
    return (f"{read.resized} frames had another size than the first, and were brought to that",)


def _incomplete(line: Line, read: Frames, inspection: VideoInspection) -> Failure | None:
    """What the input could not give, where there is such a thing."""
    damaged = read.damaged_packets or read.damaged_frames
    if not read.missing and not damaged:
        return None
    name = inspection.job.source_name
    if read.missing:
        about = "" if inspection.info.frames_known else "about "
        message = f"{name} gave {line.pace.done} of {about}{line.pace.done + read.missing} frames"
    else:
        message = (
            f"{name} has {read.damaged_packets} damaged packets and {read.damaged_frames} damaged frames"
        )
    return Failure(f"{message}: the output has what could be read", hint="--strict stops at the first damage")
