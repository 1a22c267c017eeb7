"""From the words on the command line to pairs of input and output."""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from srcli.core.errors import InputError, OutputError, UsageError
from srcli.core.names import is_hidden, printable
from srcli.imaging.formats import READABLE_EXTENSIONS, format_from_extension

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STREAM = "-"


@dataclass(frozen=True, slots=True)
class Job:
    """One picture to read and where to write it; ``None`` stands for standard input and standard output."""

    source: Path | None
    target: Path | None

    @property
    def source_name(self) -> str:
        """The input as a person may read it."""
        return printable(self.source) if self.source else STREAM

    @property
    def target_name(self) -> str:
        """The output as a person may read it."""
        return printable(self.target) if self.target else STREAM


@dataclass(frozen=True, slots=True)
class Naming:
    """How outputs are named.

    Attributes:
        output: a file, a folder or ``-`` as the user gave it; ``None`` for beside the input.
        label: what the default name ends with, such as ``x4``.
        extension: with its dot, where another format was asked for; ``None`` keeps the input's.
    """

    output: str | None
    label: str
    extension: str | None


def make_jobs(inputs: Sequence[str], naming: Naming, *, recursive: bool) -> list[Job]:
    """Find every input and name its output.

    Raises:
        UsageError: inputs and output don't go together.
        InputError: an input doesn't exist, or a folder holds no picture.
        OutputError: two inputs would write one output, or an output is one of the inputs.
    """
    found = list(dict.fromkeys(pair for word in inputs for pair in _expand(word, recursive=recursive)))
    as_folder = _is_folder_output(naming.output, inputs, found)
    jobs = [Job(source, _target(source, root, naming, as_folder=as_folder)) for source, root in found]
    walked = {source for source, root in found if source and root}
    jobs = _without_own_outputs(jobs, walked)
    check_collisions(jobs)
    return jobs


def _without_own_outputs(jobs: Sequence[Job], walked: set[Path]) -> list[Job]:
    """Leave out what an earlier run wrote into a folder that is read again, lest it grow once more."""
    targets = {_identity(job.target) for job in jobs if job.target}
    return [job for job in jobs if not (job.source in walked and _identity(job.source) in targets)]


def check_collisions(jobs: Sequence[Job]) -> None:
    """See to it that every output has one input, and that no output is an input.

    Raises:
        OutputError: with the two names that clash.
    """
    sources = {_identity(job.source): job for job in jobs if job.source}
    targets: dict[Path, Job] = {}
    for job in jobs:
        if job.target is None:
            continue
        target = _identity(job.target)
        if target in sources:
            raise OutputError(
                f"{job.target_name} would overwrite the input {sources[target].source_name}",
                hint="choose another name or folder with -o",
            )
        if target in targets:
            raise OutputError(
                f"{targets[target].source_name} and {job.source_name} would both become {job.target_name}",
                hint="write them to different folders, or rename one",
            )
        targets[target] = job


def _identity(path: Path) -> Path:
    # Two spellings of one file are one file; the file itself need not exist yet.
    return path.parent.resolve() / path.name


def _expand(word: str, *, recursive: bool) -> Iterator[tuple[Path | None, Path | None]]:
    """Yield (input, root of the tree it was found in); the root is ``None`` for a file named by itself."""
    path = Path(word)
    if word == STREAM:
        yield None, None
    elif path.is_dir():
        yield from _expand_folder(path, recursive=recursive)
    elif path.exists() or path.is_symlink():
        yield path, None
    elif glob.has_magic(word):
        yield from _expand_glob(word, recursive=recursive)
    else:
        raise InputError(f"no such file or folder: {printable(path)}")


def _expand_glob(pattern: str, *, recursive: bool) -> Iterator[tuple[Path | None, Path | None]]:
    # pathlib's own glob takes no absolute patterns.
    matches = sorted(Path(match) for match in glob.glob(pattern, recursive=True))  # noqa: PTH207
    if not matches:
        raise InputError(f"nothing matches {pattern}")
    for match in matches:
        if match.is_dir():
            yield from _expand_folder(match, recursive=recursive)
        else:
            yield match, None


def _expand_folder(folder: Path, *, recursive: bool) -> Iterator[tuple[Path | None, Path | None]]:
    files = sorted(_walk(folder) if recursive else folder.iterdir())
    pictures = [file for file in files if _looks_like_picture(file)]
    if not pictures:
        hint = None if recursive else "add -r to look into the folders below"
        raise InputError(f"no pictures in {printable(folder)}", hint=hint)
    for picture in pictures:
        yield picture, folder


def _walk(folder: Path) -> Iterator[Path]:
    # Links to folders are not followed, so a link that leads back up can't make the walk endless.
    for parent, folders, names in os.walk(folder, followlinks=False):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            yield Path(parent, name)


def _looks_like_picture(file: Path) -> bool:
    return file.suffix.lower() in READABLE_EXTENSIONS and not is_hidden(file) and not file.is_dir()


def _is_folder_output(
    output: str | None, inputs: Sequence[str], found: Sequence[tuple[Path | None, Path | None]]
) -> bool:
    if output is None or output == STREAM:
        if output == STREAM and len(found) > 1:
            raise UsageError(
                f"{len(found)} pictures can't go to one standard output", hint="choose a folder with -o"
            )
        return False
    many = len(found) > 1 or any(Path(word).is_dir() for word in inputs)
    is_folder = Path(output).is_dir() or output.endswith(("/", os.sep))
    if many and not is_folder and (Path(output).exists() or format_from_extension(Path(output).suffix)):
        raise UsageError(
            f"{len(found)} pictures can't go to the one file {output}", hint="choose a folder with -o"
        )
    return many or is_folder


def _target(source: Path | None, root: Path | None, naming: Naming, *, as_folder: bool) -> Path | None:
    if naming.output == STREAM or (naming.output is None and source is None):
        return None
    if naming.output is not None and not as_folder:
        return Path(naming.output)
    name = _default_name(source, naming)
    if naming.output is None:
        return source.parent / name if source else None
    below = source.parent.relative_to(root) if source and root else Path()
    return Path(naming.output) / below / name


def _default_name(source: Path | None, naming: Naming) -> str:
    stem, extension = (source.stem, source.suffix) if source else ("stdin", ".png")
    ending = f"_{naming.label}{naming.extension or extension or '.png'}"
    return _shorten(stem, 255 - len(os.fsencode(ending))) + ending


def _shorten(stem: str, limit: int) -> str:
    # File systems end a name at 255 bytes; what the suffix adds must not make a legal name illegal.
    while len(os.fsencode(stem)) > limit:
        stem = stem[:-1]
    return stem
