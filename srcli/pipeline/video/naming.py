"""How outputs are named after videos, and what their names ask for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from srcli.core.errors import OutputError, UsageError
from srcli.core.names import printable
from srcli.pipeline.video.job import VideoJob
from srcli.upscaling.inputs import find_inputs
from srcli.upscaling.jobs import Job, check_collisions, without_outputs
from srcli.upscaling.sinks import BytesSink, FileSink
from srcli.upscaling.sources import STREAM, StreamSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.upscaling.inputs import Found, Input
    from srcli.upscaling.streams import StandardStreams

CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "mkv", ".webm": "webm", ".y4m": "y4m"}
"""The containers that are written, by extension."""
ANIMATIONS = frozenset({".gif", ".webp", ".png", ".apng"})
"""Extensions of pictures that move; a video becomes one where the output is named so."""
EXTENSIONS = frozenset(
    {
        *CONTAINERS,
        *(".avi", ".mts", ".m2ts", ".mpg", ".mpeg", ".3gp", ".wmv", ".flv", ".ogv", ".vob", ".mxf", ".asf"),
    }
)
"""Extensions, lower case with the dot, that a walk through a folder takes for videos."""
OTHERWISE = "mkv"
"""The container of an output whose input's is not written: it holds anything."""
_NAME_BYTES = 255


def name_jobs(
    inputs: Sequence[str],
    output: str | None,
    label: str,
    container: str | None,
    *,
    recursive: bool,
    streams: StandardStreams | None = None,
) -> tuple[list[VideoJob], Found]:
    """Find every video and name its output.

    Args:
        inputs: files, folders, globs, or ``-`` for standard input.
        output: a file, a folder (with a final slash where it doesn't exist yet), ``-``, or None.
        label: what a default name ends with, such as ``x2``.
        container: that the user asked for.
        recursive: whether to look into the folders below a folder.
        streams: what ``-`` stands for.

    Raises:
        UsageError: inputs and output don't go together.
        InputError: there is one input, and it doesn't exist or holds no video.
        OutputError: two inputs would write one output, or an output is one of the inputs.
    """
    found = find_inputs(inputs, recursive=recursive, streams=streams, kind="video", extensions=EXTENSIONS)
    count = len(found.inputs) + len(found.failures)
    as_folder = _is_folder(output, inputs, count)
    targets = [_target(each, output, label, container, as_folder=as_folder) for each in found.inputs]
    jobs = [
        Job(each.source, BytesSink(STREAM) if target is None else FileSink(target))
        for each, target in zip(found.inputs, targets, strict=True)
    ]
    kept = without_outputs(jobs, found)
    check_collisions(kept)
    return [_video_job(job) for job in kept], found


def _video_job(job: Job) -> VideoJob:
    stream = job.source.stream if isinstance(job.source, StreamSource) else None
    return VideoJob(job.source.path, job.target.path, stream)


def container_of(target: Path | None) -> str | None:
    """What the name of an output asks for.

    Raises:
        OutputError: srcli writes no such file.
    """
    if target is None or not target.suffix:
        return OTHERWISE
    container = CONTAINERS.get(target.suffix.lower())
    if container is None:
        raise OutputError(
            f"cannot write {printable(target)}: unknown container {target.suffix}",
            hint=f"end the name in {', '.join(CONTAINERS)}, or in .gif, .webp or .apng",
        )
    return container


def _is_folder(output: str | None, inputs: Sequence[str], count: int) -> bool:
    """Whether outputs go into a folder."""
    if output is None:
        return False
    if output == STREAM:
        if count > 1:
            raise UsageError(
                f"{count} videos can't go to one standard output", hint="choose a folder with -o"
            )
        return False
    many = count > 1 or any(Path(word).is_dir() for word in inputs)
    is_folder = Path(output).is_dir() or output.endswith(("/", os.sep))
    if many and not is_folder and (Path(output).exists() or Path(output).suffix):
        raise UsageError(
            f"{count} videos can't go to the one file {printable(output)}", hint="choose a folder with -o"
        )
    return many or is_folder


def _target(
    given: Input, output: str | None, label: str, container: str | None, *, as_folder: bool
) -> Path | None:
    """The path of an output; None for standard output."""
    path = given.source.path
    if output == STREAM or (output is None and path is None):
        return None
    if output is not None and not as_folder:
        return Path(output)
    name = _default_name(given, label, container)
    if output is None:
        return path.parent / name if path else None
    below = path.parent.relative_to(given.root) if path and given.root else Path()
    return Path(output) / below / name


def _default_name(given: Input, label: str, container: str | None) -> str:
    path = given.source.path or Path(given.source.stem)
    # An animated picture keeps the end of its name, and is a video only where one is asked for.
    known = path.suffix.lower() in EXTENSIONS | ANIMATIONS
    kept = path.suffix.lower() in CONTAINERS.keys() | ANIMATIONS
    extension = f".{container}" if container else path.suffix if kept else f".{OTHERWISE}"
    ending = f"_{label}{extension}"
    stem = path.stem if known else path.name
    while len(os.fsencode(stem)) > _NAME_BYTES - len(os.fsencode(ending)):
        stem = stem[:-1]
    return stem + ending
