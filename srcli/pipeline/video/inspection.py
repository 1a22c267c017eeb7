"""All that can be known, and go wrong, before the work on a video starts."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from srcli.core.errors import InputError, UsageError
from srcli.core.names import printable
from srcli.engine.machine import usable_cores
from srcli.imaging.containers.sniff import HEAD_BYTES, sniff_format
from srcli.pipeline.video.choice import choose_generator
from srcli.pipeline.video.naming import ANIMATIONS, container_of
from srcli.pipeline.video.sinks import plan_animation
from srcli.pipeline.video.source import VideoSource, open_animation, open_folder
from srcli.video.plan import OutputPlan, plan_output
from srcli.video.spool import spool
from srcli.video.video import open_video

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from srcli.core.geometry import Size
    from srcli.pipeline.video.job import VideoJob
    from srcli.pipeline.video.settings import VideoSettings
    from srcli.pipeline.video.source import AnimationSource, FrameSource
    from srcli.upscaling.choice import Choice
    from srcli.upscaling.file_identity import Identity
    from srcli.upscaling.generator import Generator
    from srcli.upscaling.pool import GeneratorPool
    from srcli.video.info import VideoInfo

MOST_ENCODER_THREADS = 8
_ANIMATED = frozenset({"GIF", "PNG", "WEBP"})


@dataclass(frozen=True, slots=True)
class VideoInspection:
    """A video that was opened and whose output was planned.

    Attributes:
        job: what to read and where to write.
        source: its frames.
        size: of the result.
        generators: run one after the other; none for an interpolation.
        plan: of the file; None where pictures are written instead.
        expected: frames that will come, where anything tells.
        warnings: what should be said before the work.
        identity: of the file when it was opened; None for standard input and folders.
        choice: why it has these generators, where the user left that open.
    """

    job: VideoJob
    source: FrameSource
    size: Size
    generators: tuple[Generator, ...]
    plan: OutputPlan | None
    expected: int | None
    warnings: tuple[str, ...]
    identity: Identity | None = None
    choice: Choice | None = None

    @property
    def info(self) -> VideoInfo:
        """What is known about the input."""
        return self.source.info


@contextmanager
def inspecting(job: VideoJob, settings: VideoSettings, pool: GeneratorPool) -> Iterator[VideoInspection]:
    """Open a video and plan its output; it is closed when the block ends.

    Raises:
        InputError: it can't be read.
        OutputError: the container can't hold the result.
        UsageError: the settings don't go together for this video.
        MissingExtra: PyAV is not installed.
    """
    with ExitStack() as resources:
        # Taken before the file is opened, so that a file that takes its place in between is noticed.
        identity = job.identity()
        source = _open(job, settings, resources)
        yield _plan(job, source, settings, pool, identity)


def _open(job: VideoJob, settings: VideoSettings, resources: ExitStack) -> FrameSource:
    reads_pictures = settings.frames is not None and not writes_pictures(job, settings)
    if job.source is not None and job.source.is_dir():
        return open_folder(job.source, None, settings.rate)
    if job.stream is not None:
        path = spool(job.stream.open())
        resources.callback(path.unlink, missing_ok=True)
        source = _open_video(path, job.stream.name, settings, resources)
    else:
        assert job.source is not None, "a job reads a file or a stream"
        if _is_animation(job.source):
            return resources.enter_context(_open_animation(job))
        source = _open_video(job.source, printable(job.source), settings, resources)
    if reads_pictures and settings.frames is not None:
        return open_folder(settings.frames, source, settings.rate)
    return source


def _open_video(path: Path, name: str, settings: VideoSettings, resources: ExitStack) -> FrameSource:
    opened = open_video(path, name=name, stream=settings.stream, deinterlace=settings.deinterlace)
    return VideoSource(resources.enter_context(opened))


def _is_animation(path: Path) -> bool:
    """Whether a file is a picture by its first bytes, of a format that can move."""
    try:
        with path.open("rb") as file:
            return sniff_format(file.read(HEAD_BYTES)) in _ANIMATED
    except OSError:
        # Opening it as a video tells what is wrong.
        return False


def _open_animation(job: VideoJob) -> AbstractContextManager[AnimationSource]:
    assert job.source is not None, "animations come from files"
    if job.target is None or job.target.suffix.lower() in ANIMATIONS:
        name = printable(job.source)
        raise InputError(
            f"{name} is a picture that moves, not a video",
            hint=f"srcli upscale {name} enlarges it; -o NAME.mp4 makes a video of it",
        )
    return open_animation(job.source)


def writes_pictures(job: VideoJob, settings: VideoSettings) -> bool:
    """Whether numbered pictures are written instead of a video."""
    return settings.frames is not None and job.target == settings.frames


def _plan(
    job: VideoJob,
    source: FrameSource,
    settings: VideoSettings,
    pool: GeneratorPool,
    identity: Identity | None,
) -> VideoInspection:
    info = source.info
    if settings.part is not None:
        settings.part.check(info)
    wished = settings.target.size_for(info.size)
    choice = choose_generator(source) if pool.chooses else None
    generators = pool.chain(settings.target.factor_for(info.size), choice.model if choice else None)
    if any(generator.card.colours for generator in generators):
        raise UsageError(
            f"{pool.model} gives each picture colours of its own, which would flicker in a video",
            hint="leave it out",
        )
    as_pictures = writes_pictures(job, settings) or _is_named_as_animation(job.target)
    plan = None
    if not as_pictures:
        threads = _encoder_threads(settings, on_gpu=any(each.device.on_gpu for each in generators))
        plan = plan_output(info, settings.wish(wished, container_of(job.target), threads))
        _check_pipe(job, plan)
    losses = plan.losses if plan else _losses_of_pictures(info)
    if job.target is not None and _is_named_as_animation(job.target):
        losses = (*losses, *plan_animation(wished, info, job.target.suffix).warnings)
    size = plan.encoding.size if plan else wished
    notes = info.notes if job.source is None or source.copied_from == job.source else ()
    warnings = (*notes, *losses, *_enlargement_warnings(info.size, wished, generators))
    expected = _expected_frames(info, settings)
    return VideoInspection(job, source, size, generators, plan, expected, warnings, identity, choice)


def _expected_frames(info: VideoInfo, settings: VideoSettings) -> int | None:
    """Frames that will come, where anything tells."""
    part = settings.part
    if part is None or info.frames is None or not info.duration_s:
        return info.frames
    return round(info.frames * part.length_s(info.duration_s) / info.duration_s)


def _check_pipe(job: VideoJob, plan: OutputPlan) -> None:
    if job.target is None and plan.container not in ("mkv", "y4m"):
        raise UsageError(
            f"{plan.container} can't be written to a pipe", hint="leave --container out, or choose mkv or y4m"
        )


def _is_named_as_animation(target: Path | None) -> bool:
    return target is not None and target.suffix.lower() in ANIMATIONS


def _losses_of_pictures(info: VideoInfo) -> tuple[str, ...]:
    streams = [each for each in info.streams if each.kind in ("audio", "subtitle")]
    kinds = " and ".join(sorted({"sound" if each.kind == "audio" else "subtitles" for each in streams}))
    return (f"pictures hold no {kinds}",) if kinds else ()


def _encoder_threads(settings: VideoSettings, *, on_gpu: bool) -> int:
    """Threads of the encoder, whose results may depend on them.

    A CPU is busy with the generator, which takes ten times as long; beside a GPU the encoder is what takes
    longest.
    """
    cores = settings.options.threads or usable_cores()
    return min(cores, MOST_ENCODER_THREADS) if on_gpu else 1


def _enlargement_warnings(source: Size, size: Size, generators: tuple[Generator, ...]) -> tuple[str, ...]:
    if size.pixels > source.pixels or generators:
        return ()
    return (f"{source} is not smaller than the size asked for, {size}: resized without a generator",)


def streams_of(plan: OutputPlan | None) -> list[dict[str, object]]:
    """What becomes of each stream of an input, as JSON-ready values."""
    return [asdict(stream) for stream in plan.streams] if plan else []
