"""All that can be known, and go wrong, before the work on a picture starts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from srcli.core.errors import InputError, OutputError, UsageError
from srcli.core.names import printable
from srcli.imaging.encode import Encoding, plan_encoding
from srcli.imaging.formats import format_from_extension, format_read_only, known_extensions
from srcli.imaging.picture import Mode
from srcli.upscaling.chain import label, reached
from srcli.upscaling.choice import choose_generator
from srcli.upscaling.estimates import is_resumable
from srcli.upscaling.sinks import StreamSink

if TYPE_CHECKING:
    from srcli.core.geometry import Size
    from srcli.imaging.decode import PictureFile
    from srcli.imaging.picture import PictureInfo
    from srcli.upscaling.choice import Choice
    from srcli.upscaling.file_identity import Identity
    from srcli.upscaling.generator import Generator
    from srcli.upscaling.jobs import Job
    from srcli.upscaling.pool import GeneratorPool
    from srcli.upscaling.settings import FidelityGuard, UpscaleSettings
    from srcli.upscaling.target import Target


@dataclass(frozen=True, slots=True)
class Inspection:
    """A picture whose header was read and whose output was planned.

    ``identity`` is the file's when it was opened; None for standard input. ``choice`` tells why it has these
    generators, where the user left that open.
    """

    job: Job
    picture: PictureFile
    size: Size
    generators: tuple[Generator, ...]
    encoding: Encoding
    warnings: tuple[str, ...]
    identity: Identity | None = None
    choice: Choice | None = None
    strength: float = 1.0
    seamless: bool = False
    guard: FidelityGuard | None = None

    @property
    def info(self) -> PictureInfo:
        """What the header says."""
        return self.picture.info


def inspect(job: Job, settings: UpscaleSettings, pool: GeneratorPool) -> Inspection:
    """Open a picture and plan its output. The caller closes ``picture``.

    Args:
        job: what to read and where to write.
        settings: what to do.
        pool: the generators.

    Raises:
        InputError: it can't be read.
        OutputError: the format can't hold the result.
        UsageError: the settings don't go together for this picture.
    """
    identity = job.source.identity()
    picture = job.source.open(settings.timeout_s)
    try:
        planned = _plan(job, picture, settings, pool)
        return replace(planned, identity=identity)
    except BaseException:
        picture.close()
        raise


def _plan(job: Job, picture: PictureFile, settings: UpscaleSettings, pool: GeneratorPool) -> Inspection:
    size = settings.target.size_for(picture.info.size)
    choice = choose_generator(picture) if pool.chooses else None
    generators = pool.chain(settings.target.factor_for(picture.info.size), choice.model if choice else None)
    if any(generator.card.colours for generator in generators):
        _check_colouring(job, picture.info, settings)
        picture = picture.in_colour()
    info = picture.info
    if settings.seamless:
        _check_seamless(info.size, size, generators)
    encoding = plan_encoding(
        info,
        size,
        format=_format(job, settings),
        quality=settings.quality,
        strip=settings.strip,
    )
    warnings = (
        *info.notes,
        *encoding.warnings,
        *_enlargement_warnings(info.size, size, generators, settings.target),
        *_name_warnings(job, encoding),
    )
    planned = Inspection(
        job,
        picture,
        size,
        generators,
        encoding,
        warnings,
        choice=choice,
        strength=settings.strength,
        seamless=settings.seamless,
        guard=settings.guard,
    )
    return replace(planned, warnings=(*warnings, *_guard_warnings(planned)))


def _check_colouring(job: Job, info: PictureInfo, settings: UpscaleSettings) -> None:
    if info.mode is Mode.CMYK:
        raise InputError(
            f"{job.source.name} is of inks (CMYK), which get no colour",
            hint="convert it to grey or RGB",
        )
    if settings.guard:
        raise UsageError(
            "colours that a generator adds can't be held against a grey picture", hint="leave --fidelity out"
        )


def _guard_warnings(planned: Inspection) -> tuple[str, ...]:
    if not planned.guard or not is_resumable(replace(planned, guard=None)):
        return ()
    return ("its fidelity is that of the whole picture: a run that is cut short begins it again",)


def _format(job: Job, settings: UpscaleSettings) -> str | None:
    # Where a stream leads to is the shell's choice.
    named = None if isinstance(job.target, StreamSink) else job.target.promised
    if settings.format or named is None:
        return settings.format
    if not named.suffix:
        return None
    chosen = format_from_extension(named.suffix)
    if chosen is None:
        read_only = format_read_only(named.suffix)
        reason = f"{read_only} is read, never written" if read_only else f"unknown format {named.suffix}"
        raise OutputError(
            f"cannot write {job.target.name}: {reason}",
            hint=f"end the name in {known_extensions()}",
        )
    return chosen


def _name_warnings(job: Job, encoding: Encoding) -> tuple[str, ...]:
    """Whether a name that the user chose, with -o or by redirection, promises another format."""
    chosen = job.target.promised
    if chosen is not None and job.target.path and not chosen.suffix and not chosen.exists():
        return (f"{printable(chosen)} becomes a file without an extension: a new folder ends in a slash",)
    named = format_from_extension(chosen.suffix) if chosen else None
    if chosen is None or named is None or named == encoding.format:
        return ()
    return (
        f"{printable(chosen)} gets a {encoding.format} file, whatever its name says: "
        f"add --format {chosen.suffix[1:].lower()}",
    )


def _enlargement_warnings(
    source: Size, size: Size, generators: tuple[Generator, ...], target: Target
) -> tuple[str, ...]:
    if size.pixels > source.pixels or target.keep:
        return ()
    how = f"after {label(generators)}" if generators else "without a generator"
    return (f"{source} is not smaller than the size asked for, {size}: resized {how}",)


def _check_seamless(source: Size, size: Size, generators: tuple[Generator, ...]) -> None:
    if reached(generators, source) != size or not generators:
        raise UsageError(
            f"--seamless needs a factor that the generator has, and {source} to {size} is none",
            hint="choose -s 2, -s 3 or -s 4",
        )
