"""The use case behind ``srcli degrade``: large files in, low-resolution files of the same names out."""

from __future__ import annotations

import dataclasses
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import OutputError, UsageError
from srcli.core.files import atomic_path, remove_leftovers
from srcli.core.geometry import Size
from srcli.core.names import printable
from srcli.core.outcome import Failure, Outcome
from srcli.imaging.degradation.degradation import Degradation, crop_to_multiple, degrade
from srcli.imaging.encode import encode_picture, plan_encoding
from srcli.imaging.formats import FORMATS, format_from_extension, format_from_name
from srcli.imaging.picture import Frame, Metadata, Mode
from srcli.imaging.pixels.resize import resize
from srcli.pipeline.measure.still import Still, read_still
from srcli.upscaling.jobs import Job, check_collisions, make_jobs
from srcli.upscaling.naming import Naming
from srcli.upscaling.sinks import FileSink
from srcli.upscaling.sources import STREAM, FileSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.core.arrays import Plane
    from srcli.core.events import Events
    from srcli.imaging.picture import PictureInfo
    from srcli.upscaling.shards import Shard


@dataclass(frozen=True, slots=True)
class DegradeSettings:
    """What to do with each file.

    Attributes:
        degradation: what is done to the pixels.
        seed: of all chance; the result depends on it and on the file's name, not on the order of the files.
        overwrite: whether outputs that exist are replaced.
        format: of the outputs, where their names don't tell.
        references: folder for the references cropped to a multiple of the scale; ``None`` for none.
    """

    degradation: Degradation
    seed: int = 0
    overwrite: bool = False
    format: str = "png"
    references: Path | None = None


@dataclass(frozen=True, slots=True)
class DegradeReport(Outcome):
    """How one file ended. Sizes are (width, height) in pixels; ``used_size`` is what the crop left."""

    input: str
    output: str
    degradation: str
    input_size: tuple[int, int] | None = None
    used_size: tuple[int, int] | None = None
    output_size: tuple[int, int] | None = None
    depth: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One file to degrade; ``reference`` is where its cropped self goes, if anywhere."""

    source: Path
    target: Path
    reference: Path | None


def find_tasks(
    inputs: Sequence[str],
    output: str,
    settings: DegradeSettings,
    *,
    recursive: bool = False,
    shard: Shard | None = None,
) -> list[Task]:
    """Find every input and name its outputs: its own name in the folder, with the extension of the format.

    Args:
        inputs: files, folders or globs.
        output: a file, or a folder (with a final slash where it doesn't exist yet).
        settings: what to do.
        recursive: whether to look into the folders below, and keep the tree.
        shard: which of them are this run's; by default all.

    Raises:
        UsageError: inputs and output don't go together.
        InputError: an input doesn't exist.
        OutputError: two inputs would write one output, or an output is one of the inputs.
    """
    extension = FORMATS[format_from_name(settings.format)].extensions[0]
    named = _name_outputs(inputs, output, extension, recursive=recursive, shard=shard)
    if settings.references is None:
        return [Task(source, target, None) for source, target in named]
    cropped = _name_outputs(inputs, f"{settings.references}/", ".png", recursive=recursive, shard=shard)
    return [Task(*pair, reference) for pair, (_, reference) in zip(named, cropped, strict=True)]


def degrade_files(
    tasks: Sequence[Task], settings: DegradeSettings, events: Events[DegradeReport]
) -> list[DegradeReport]:
    """Work through the files; one that fails is reported and does not end the run."""
    for folder in {path.parent for task in tasks for path in (task.target, task.reference) if path}:
        remove_leftovers(folder)
    reports = []
    for task in tasks:
        events.started(printable(task.source))
        reports.append(_try_file(task, settings))
        events.finished(reports[-1])
    return reports


def _try_file(task: Task, settings: DegradeSettings) -> DegradeReport:
    try:
        return _degrade_file(task, settings)
    except Exception as error:
        source = printable(task.source)
        failure = Failure.of(error, source)
        return DegradeReport(source, printable(task.target), str(settings.degradation), failure=failure)


def _name_outputs(
    inputs: Sequence[str], output: str, extension: str, *, recursive: bool, shard: Shard | None
) -> list[tuple[Path, Path]]:
    if STREAM in (*inputs, output):
        raise UsageError("degrade reads and writes files", hint="give a file or folder with -o")
    found = make_jobs(inputs, Naming(output, "low", extension), recursive=recursive)
    for _, error in found.failures:
        raise error
    ours = {job.source.path for job in (found.shared(shard) if shard else found).jobs}
    pairs = [(job.source.path, job.target.path) for job in found.jobs if job.source.path and job.target.path]
    if [target for _, target in pairs] == [Path(output)]:
        return [pair for pair in pairs if pair[0] in ours]
    named = [(source, target.with_name(source.stem + extension)) for source, target in pairs]
    check_collisions([Job(FileSource(source), FileSink(target)) for source, target in named])
    return [pair for pair in named if pair[0] in ours]


def _degrade_file(task: Task, settings: DegradeSettings) -> DegradeReport:
    for path in filter(None, (task.target, task.reference)):
        _check_existing(path, settings)
    still = read_still(task.source)
    scale, depth = settings.degradation.scale, still.info.depth
    if settings.degradation.only_eight_bit:
        depth = 8
    whole = Frame(crop_to_multiple(still.colour, scale), _crop_alpha(still, scale))
    low = degrade(whole.colour, settings.degradation, _rng(task.source, settings.seed), depth=depth)
    small = Frame(low, _shrink_alpha(whole, Size(*low.shape[:2])))
    _write(task.source, task.target, small, _info_of(still.info, low.shape[2], depth), settings)
    if task.reference is not None:
        _write(task.source, task.reference, whole, still.info, settings)
    return DegradeReport(
        printable(task.source),
        printable(task.target),
        str(settings.degradation),
        input_size=(still.info.size.width, still.info.size.height),
        used_size=(whole.colour.shape[1], whole.colour.shape[0]),
        output_size=(low.shape[1], low.shape[0]),
        depth=depth,
    )


def _info_of(info: PictureInfo, channels: int, depth: int) -> PictureInfo:
    """The header of a degraded picture; the profile of colours says nothing of what has become grey."""
    if channels == 1 and info.mode is not Mode.GREY:
        info = dataclasses.replace(info, mode=Mode.GREY, metadata=Metadata())
    return dataclasses.replace(info, depth=depth)


def _rng(source: Path, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(printable(source.name).encode())])


def _crop_alpha(still: Still, scale: int) -> Plane | None:
    return None if still.alpha is None else crop_to_multiple(still.alpha[:, :, None], scale)[:, :, 0]


def _shrink_alpha(frame: Frame, size: Size) -> Plane | None:
    return None if frame.alpha is None else np.clip(resize(frame.alpha[:, :, None], size), 0, 1)[:, :, 0]


def _write(source: Path, target: Path, frame: Frame, info: PictureInfo, settings: DegradeSettings) -> None:
    size = Size(*frame.colour.shape[:2])
    known = dataclasses.replace(info, size=size, has_alpha=frame.alpha is not None)
    format_name = format_from_extension(target.suffix) or format_from_name(settings.format)
    encoding = plan_encoding(known, size, format=format_name, quality=None, strip=True)
    with atomic_path(target, overwrite=settings.overwrite, like=source) as temporary:
        encode_picture(temporary, iter([frame]), encoding)


def _check_existing(target: Path, settings: DegradeSettings) -> None:
    if target.exists() and not settings.overwrite:
        raise OutputError(f"{printable(target)} exists already", hint="add --overwrite to replace it")
