"""From pictures to pairs of input and output."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from srcli.core.cancel import CancelToken
from srcli.core.errors import OutputError, SrcliError, UsageError
from srcli.core.files import real_path
from srcli.core.names import printable
from srcli.upscaling.inputs import EARLIER_OUTPUT, find_inputs
from srcli.upscaling.manifest import sources_noted_in
from srcli.upscaling.naming import Naming, is_folder_output, name_output
from srcli.upscaling.pages import choose_pages
from srcli.upscaling.sinks import FileSink, StreamSink
from srcli.upscaling.sources import StreamSource

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Sequence

    from srcli.upscaling.inputs import Found
    from srcli.upscaling.pages import PageChoice
    from srcli.upscaling.shards import Shard
    from srcli.upscaling.sinks import Sink
    from srcli.upscaling.sources import Source
    from srcli.upscaling.streams import StandardStreams

_LABEL = re.compile(
    r"(.+?)(?:_p\d+)?_(?:x\d+(?:\.\d+)?|(?:width|height|longest|shortest)\d+(?:_height\d+)?)", re.ASCII
)
"""The end of a default name; see ``Target.label`` and ``choose_pages``."""


@dataclass(frozen=True, slots=True)
class Job:
    """One picture to read and where to write it.

    Attributes:
        source: where it comes from.
        target: where the output goes.
        cancel: ends the work on this picture alone, which then counts as failed.
    """

    source: Source
    target: Sink
    cancel: CancelToken = field(default_factory=CancelToken, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Jobs:
    """What is to be done.

    Attributes:
        jobs: without collisions.
        failures: words, and folders, by which nothing was found, and why.
        left_out: what was seen and not taken, by kind.
        names: of the sources below the folders that they were found in; what was named by itself has the name
            that it was given.
    """

    jobs: list[Job]
    failures: list[tuple[str, SrcliError]]
    left_out: Counter[str]
    names: dict[Source, str]

    def shared(self, shard: Shard) -> Jobs:
        """Those of one shard. Failures belong to the shards of their words, so that each is told once.

        Raises:
            UsageError: standard input is among them.
        """
        if any(isinstance(job.source, StreamSource) for job in self.jobs):
            raise UsageError("a stream can't be shared out", hint="leave --shard out")
        jobs = [job for job in self.jobs if shard.takes(self.names[job.source])]
        failures = [(word, error) for word, error in self.failures if shard.takes(word)]
        return replace(self, jobs=jobs, failures=failures)


def make_jobs(
    inputs: Sequence[str],
    naming: Naming,
    *,
    recursive: bool,
    listed: Sequence[str] = (),
    pages: PageChoice = None,
    streams: StandardStreams | None = None,
    limit_s: float | None = None,
) -> Jobs:
    """Find every input and name its output.

    Args:
        inputs: files, folders, globs, or ``-`` for standard input.
        naming: how outputs are named.
        recursive: whether to look into the folders below a folder.
        listed: names of files and folders that stand for nothing but themselves.
        pages: which pictures of files that hold several.
        streams: what ``-`` stands for.
        limit_s: the longest that pictures may take to come through a stream, in seconds.

    Raises:
        UsageError: inputs and output don't go together.
        InputError: there is one input, and it doesn't exist or holds no picture.
        OutputError: two inputs would write one output, or an output is one of the inputs.
    """
    found = find_inputs(inputs, recursive=recursive, listed=listed, streams=streams, limit_s=limit_s)
    chosen = list(choose_pages(found.inputs, pages))
    as_folder = is_folder_output(naming.output, (*inputs, *listed), len(chosen) + len(found.failures))
    jobs = [
        Job(each.source, _sink(name_output(each, naming, as_folder=as_folder), streams)) for each in chosen
    ]
    kept = without_outputs(jobs, found)
    check_collisions(kept)
    if naming.output is not None and [str(job.target.path) for job in kept] == [str(Path(naming.output))]:
        kept = [replace(job, target=_named(job.target)) for job in kept]
    return Jobs(kept, found.failures, found.left_out, {each.source: each.name for each in chosen})


def _sink(path: Path | None, streams: StandardStreams | None) -> Sink:
    if path is not None:
        return FileSink(path)
    if streams is None:
        raise UsageError("there is no standard output to write to")
    return StreamSink(streams.open_output, promised=streams.output_file)


def _named(sink: Sink) -> Sink:
    return FileSink(sink.path, is_named=True) if sink.path else sink


def without_outputs(jobs: Sequence[Job], found: Found) -> list[Job]:
    """Leave out what this or an earlier run makes of another input, and count it with what was left out."""
    kept = list(_sources_only(jobs))
    if len(kept) < len(jobs):
        found.left_out[EARLIER_OUTPUT] += len(jobs) - len(kept)
    return kept


def _sources_only(jobs: Sequence[Job]) -> Iterator[Job]:
    """Leave out what this or an earlier run makes of another input, or it would grow with every run."""
    makers = {_place(job.target.path): job for job in jobs if job.target.path}
    paths = [job.source.path for job in jobs if job.source.path]
    stems = {(path.parent, path.stem) for path in paths}
    sources = {printable(_identity(path)) for path in paths}
    notes = lru_cache(maxsize=None)(sources_noted_in)
    for job in jobs:
        source = job.source.path
        if source:
            label = _LABEL.fullmatch(source.stem)
            made_now = makers.get(_place(source), job) is not job
            named_after = label is not None and (source.parent, label[1]) in stems
            if made_now or named_after or notes(source.parent).get(printable(source.name)) in sources:
                continue
        yield job


def check_collisions(jobs: Sequence[Job]) -> None:
    """See to it that every output has one input, and that no output is an input, by whatever name.

    Raises:
        OutputError: with the two names that clash.
    """
    sources: dict[object, Job] = {}
    for job in jobs:
        if path := job.source.path:
            sources[_identity(path)] = sources[_file_of(path)] = job
    targets: dict[Path, Job] = {}
    for job in jobs:
        if job.target.path is None:
            continue
        target = _identity(job.target.path)
        source = sources.get(target) or sources.get(_file_of(job.target.path))
        if source:
            raise OutputError(
                f"{job.target.name} would overwrite the input {source.source.name}",
                hint="choose another name or folder with -o",
            )
        if target in targets:
            raise OutputError(
                f"{targets[target].source.name} and {job.source.name} would both become {job.target.name}",
                hint="write them to different folders, or rename one",
            )
        targets[target] = job


@lru_cache(maxsize=1024)
def _resolved(folder: Path) -> Path:
    return real_path(folder)


def _place(path: Path) -> Path:
    """Two spellings of one place are one place, whatever is there."""
    return _resolved(path.parent.absolute()) / path.name


def _identity(path: Path) -> Path:
    """Two spellings of one file are one file, and so is a link to it; the file need not exist yet."""
    return real_path(path) if path.is_symlink() else _place(path)


def _file_of(path: Path) -> object:
    """What all names of a file on the disk share; a value of its own where there is none."""
    try:
        status = path.stat()
    except OSError:
        return object()
    return status.st_dev, status.st_ino
