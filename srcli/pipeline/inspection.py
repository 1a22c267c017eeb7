"""All that can be known, and go wrong, before the work on a picture starts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from srcli.core.errors import OutputError, UsageError
from srcli.core.names import printable
from srcli.imaging.decode import PictureFile, open_picture
from srcli.imaging.encode import Encoding, plan_encoding
from srcli.imaging.formats import format_from_extension
from srcli.pipeline.chain import reached
from srcli.pipeline.choice import choose_generator
from srcli.pipeline.identity import Identity, identify
from srcli.pipeline.needs import is_resumable
from srcli.pipeline.streams import output_file

if TYPE_CHECKING:
    from srcli.core.geometry import Size
    from srcli.imaging.picture import PictureInfo
    from srcli.pipeline.choice import Choice
    from srcli.pipeline.generator import Generator
    from srcli.pipeline.jobs import Job
    from srcli.pipeline.pool import GeneratorPool
    from srcli.pipeline.settings import FidelityGuard, UpscaleSettings


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


def inspect(job: Job, settings: UpscaleSettings, pool: GeneratorPool, *, explicit_output: bool) -> Inspection:
    """Open a picture and plan its output. The caller closes ``picture``.

    Args:
        job: what to read and where to write.
        settings: what to do.
        pool: the generators.
        explicit_output: whether the user named the output file, so that its extension decides the format.

    Raises:
        InputError: it can't be read.
        OutputError: the format can't hold the result.
        UsageError: the settings don't go together for this picture.
    """
    identity = _identity(job)
    picture = _open(job, settings.timeout_s)
    try:
        planned = _plan(job, picture, settings, pool, explicit_output=explicit_output)
        return replace(planned, identity=identity)
    except BaseException:
        picture.close()
        raise


def _open(job: Job, limit_s: float | None) -> PictureFile:
    if job.stream:
        return open_picture(job.stream.read(), name=job.stream.name, limit_s=limit_s, page=job.page)
    assert job.source is not None, "a job reads a file or a stream"
    return open_picture(job.source, limit_s=limit_s, page=job.page)


def _identity(job: Job) -> Identity | None:
    """Taken before the file is opened, so that a file that takes its place in between is noticed."""
    if job.stream or job.source is None:
        return None
    try:
        return identify(job.source)
    except OSError:
        # Opening it tells what is wrong.
        return None


def _plan(
    job: Job, picture: PictureFile, settings: UpscaleSettings, pool: GeneratorPool, *, explicit_output: bool
) -> Inspection:
    info = picture.info
    size = settings.target.size_for(info.size)
    choice = choose_generator(picture) if pool.chooses else None
    generators = pool.chain(settings.target.factor_for(info.size), choice.model if choice else None)
    if settings.seamless:
        _check_seamless(info.size, size, generators)
    encoding = plan_encoding(
        info,
        size,
        format=_format(job, settings, explicit_output=explicit_output),
        quality=settings.quality,
        strip=settings.strip,
    )
    warnings = (
        *info.notes,
        *encoding.warnings,
        *_enlargement_warnings(info.size, size),
        *_name_warnings(job, encoding, explicit_output=explicit_output),
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


def _guard_warnings(planned: Inspection) -> tuple[str, ...]:
    if not planned.guard or not is_resumable(replace(planned, guard=None)):
        return ()
    return ("its fidelity is that of the whole picture: a run that is cut short begins it again",)


def _format(job: Job, settings: UpscaleSettings, *, explicit_output: bool) -> str | None:
    if settings.format or not explicit_output or job.target is None:
        return settings.format
    extension = job.target.suffix
    if not extension:
        return None
    chosen = format_from_extension(extension)
    if chosen is None:
        raise OutputError(
            f"cannot write {job.target_name}: unknown format {extension}", hint="add --format png"
        )
    return chosen


def _name_warnings(job: Job, encoding: Encoding, *, explicit_output: bool) -> tuple[str, ...]:
    """Whether a name that the user chose, with -o or by redirection, promises another format."""
    named_by_user = job.target if explicit_output else None
    chosen = output_file() if job.target is None else named_by_user
    named = format_from_extension(chosen.suffix) if chosen else None
    if chosen is None or named is None or named == encoding.format:
        return ()
    return (
        f"{printable(chosen)} gets a {encoding.format} file, whatever its name says: "
        f"add --format {chosen.suffix[1:].lower()}",
    )


def _enlargement_warnings(source: Size, size: Size) -> tuple[str, ...]:
    if size.pixels > source.pixels:
        return ()
    return (f"{source} is not smaller than the size asked for, {size}: resized without a generator",)


def _check_seamless(source: Size, size: Size, generators: tuple[Generator, ...]) -> None:
    if reached(generators, source) != size or not generators:
        raise UsageError(
            f"--seamless needs a factor that the generator has, and {source} to {size} is none",
            hint="choose -s 2, -s 3 or -s 4",
        )
