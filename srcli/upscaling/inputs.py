"""From the words on the command line to the pictures that they name."""

from __future__ import annotations

import glob
import os
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from srcli.core.errors import InputError, SrcliError, UsageError
from srcli.core.names import is_hidden, printable
from srcli.core.pipes import Wait, open_to_read
from srcli.core.reasons import why
from srcli.imaging.formats import READABLE_EXTENSIONS
from srcli.imaging.unsupported import (
    CONVERTIBLE,
    HEIC,
    JXL,
    VIDEO,
    kind_of_unsupported,
    missing_heic,
    missing_jxl,
)
from srcli.upscaling.globs import matches_of
from srcli.upscaling.sources import STREAM, FileSource, StreamSource
from srcli.upscaling.streams import is_device, is_stream, named_stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from srcli.upscaling.sources import Source
    from srcli.upscaling.streams import StandardStreams

EARLIER_OUTPUT = "output of an earlier run"
_FOLDER_BELOW = "folder below (-r)"


@dataclass(frozen=True, slots=True)
class Input:
    """A picture to read.

    Attributes:
        source: what it is read from.
        root: the folder whose tree it was found in; None for one that was named by itself.
        is_one_of_many: whether its output's name has to tell the page.
    """

    source: Source
    root: Path | None = None
    is_one_of_many: bool = False

    @property
    def name(self) -> str:
        """Its path below the folder that it was found in; of one that was named by itself, the name given."""
        path = self.source.path
        if path is None:
            return self.source.name
        return printable((path.relative_to(self.root) if self.root else path).as_posix())


@dataclass(slots=True)
class Found:
    """What was found by the words of a command.

    Attributes:
        inputs: the pictures, each once.
        failures: words, and folders below, by which nothing was found, and why.
        left_out: what lay in folders and was not taken, by kind.
    """

    inputs: list[Input] = field(default_factory=list)
    failures: list[tuple[str, SrcliError]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def find_inputs(
    words: Sequence[str],
    *,
    recursive: bool,
    listed: Sequence[str] = (),
    streams: StandardStreams | None = None,
    limit_s: float | None = None,
    kind: str = "picture",
    extensions: frozenset[str] | None = None,
) -> Found:
    """Find every input; one that is not there does not keep the others from being found.

    Args:
        words: files, folders, globs, or ``-`` for standard input.
        recursive: whether to look into the folders below a folder.
        listed: names of files and folders that stand for nothing but themselves.
        streams: what ``-`` stands for.
        limit_s: the longest that pictures may take to come through a stream, in seconds.
        kind: what is looked for, in the singular.
        extensions: lower case with the dot, of what a walk through a folder takes; pictures by default.

    Raises:
        InputError: the one word by which nothing was found is all there is.
    """
    finder = _Finder(streams, recursive=recursive, limit_s=limit_s, kind=kind, extensions=extensions)
    for word in words:
        finder.add(word, literally=False)
    for word in listed:
        finder.add(word, literally=True)
    found = finder.found
    # Named twice, or found in two ways, it is done once.
    by_place = {each.source.path or id(each.source): each for each in reversed(found.inputs)}
    found.inputs = list(by_place.values())[::-1]
    if not found.inputs and len(found.failures) == 1:
        raise found.failures[0][1]
    return found


def pictures_in(folder: Path, *, recursive: bool) -> Found:
    """The pictures in a folder, of which there may be none."""
    finder = _Finder(None, recursive=recursive, limit_s=None, kind="picture", extensions=None)
    finder.found.inputs = [Input(FileSource(path), folder) for path in finder.walk(folder)]
    return finder.found


def count_kinds(kinds: Counter[str]) -> str:
    """Kinds and numbers in words: ``3 HEIC files, 1 video``."""
    return ", ".join(f"{number} {_plural(kind) if number > 1 else kind}" for kind, number in kinds.items())


def _plural(kind: str) -> str:
    noun, _, rest = kind.partition(" ")
    if noun in ("file", "folder", "output", "pipe", "link"):
        return f"{noun}s {rest}".rstrip()
    return f"{kind}s"


class _Finder:
    def __init__(
        self,
        streams: StandardStreams | None,
        *,
        recursive: bool,
        limit_s: float | None,
        kind: str,
        extensions: frozenset[str] | None,
    ) -> None:
        self._streams = streams
        self._recursive = recursive
        self._limit_s = limit_s
        self._kind = kind
        self._extensions = READABLE_EXTENSIONS if extensions is None else extensions
        self.found = Found()

    def add(self, word: str, *, literally: bool) -> None:
        try:
            self.found.inputs += self._expand(word, literally=literally)
        except SrcliError as error:
            self.found.failures.append((printable(word), error))

    def _expand(self, word: str, *, literally: bool) -> Iterator[Input]:
        path = Path(word)
        if word == STREAM and not literally:
            if self._streams is None:
                raise UsageError("there is no standard input to read from")
            yield Input(StreamSource(self._streams.input(self._limit_s)))
            return
        try:
            status = path.stat()
        except (OSError, ValueError):
            if path.is_symlink() or literally or not glob.has_magic(word):
                yield _not_there(path, suggest=not literally)
            else:
                yield from self._expand_glob(word)
            return
        if path.is_dir():
            yield from self._expand_folder(path)
        elif is_stream(status) or is_device(path):
            stream = named_stream(path, self._limit_s)
            yield Input(StreamSource(stream, None if is_device(path) else path))
        else:
            yield Input(FileSource(path))

    def _expand_glob(self, pattern: str) -> Iterator[Input]:
        matches = sorted(set(matches_of(pattern)))
        if not matches:
            raise InputError(f"nothing matches {printable(pattern)}")
        folders = [match for match in matches if match.is_dir()]
        files = [match for match in matches if match not in folders and self._takes(match)]
        inputs = [Input(FileSource(file)) for file in files]
        inputs += [
            Input(FileSource(picture), folder) for folder in folders for picture in sorted(self.walk(folder))
        ]
        if not inputs:
            raise InputError(f"no {self._kind}s match {printable(pattern)}")
        yield from inputs

    def _takes(self, file: Path) -> bool:
        """Whether a file that was not named by itself is one to be opened: a pipe would be waited for."""
        if file.is_file() or not file.exists():
            return True
        self.found.left_out["pipe or device"] += 1
        return False

    def _expand_folder(self, folder: Path) -> Iterator[Input]:
        before, problems = Counter(self.found.left_out), len(self.found.failures)
        pictures = sorted(self.walk(folder))
        if not pictures and len(self.found.failures) == problems:
            raise self._nothing_in(folder, self.found.left_out - before)
        for picture in pictures:
            yield Input(FileSource(picture), folder)

    def walk(self, folder: Path) -> Iterator[Path]:
        """The pictures in a folder. Links to folders are not followed: they may lead in a circle."""
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            refused = InputError(f"cannot read the folder {printable(folder)}: {why(error)}")
            self.found.failures.append((printable(folder), refused))
            return
        for entry in entries:
            path = Path(entry.path)
            if is_hidden(path):
                continue
            if path.is_dir():
                yield from self._below(path)
            elif path.suffix.lower() not in self._extensions:
                self.found.left_out[self._kind_of(path.suffix)] += 1
            elif self._takes(path):
                yield path

    def _below(self, folder: Path) -> Iterator[Path]:
        if folder.is_symlink():
            self.found.left_out["link to a folder"] += 1
        elif self._recursive:
            yield from self.walk(folder)
        else:
            self.found.left_out[_FOLDER_BELOW] += 1

    def _kind_of(self, extension: str) -> str:
        """What a file that is not taken is."""
        return "picture" if extension.lower() in READABLE_EXTENSIONS else kind_of_unsupported(extension)

    def _nothing_in(self, folder: Path, left_out: Counter[str]) -> InputError:
        hint = None
        if _FOLDER_BELOW in left_out:
            hint = "add -r to look into the folders below"
        if self._kind == "picture":
            hint = _hint_at_unsupported(left_out) or hint
        there = f": {count_kinds(left_out)}" if left_out else ""
        return InputError(f"no {self._kind}s in {printable(folder)}{there}", hint=hint)


def _not_there(path: Path, *, suggest: bool) -> Input:
    """A file that opening tells more of; one that is simply missing is an error at once.

    Args:
        path: its name.
        suggest: whether to look for a name beside it that is much like it.

    Raises:
        InputError: there is no such file.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        hint = _hint_at_neighbour(path) if suggest else None
        raise InputError(f"no such file or folder: {printable(path)}", hint=hint) from None
    except ValueError as error:
        raise InputError(f"no such file or folder: {printable(str(path))}") from error
    except OSError:
        pass
    return Input(FileSource(path))


def _hint_at_neighbour(path: Path) -> str | None:
    """The name beside a missing file that was probably meant: another extension, or a slip of the finger."""
    try:
        names = [each.name for each in path.parent.iterdir() if not is_hidden(each)]
    except OSError:
        return None
    like = get_close_matches(path.name, names, n=1, cutoff=0.8)
    return f"did you mean {printable(path.parent / like[0])}?" if like else None


def _hint_at_unsupported(left_out: Counter[str]) -> str | None:
    """What to do about a folder that holds no picture but something like one."""
    if VIDEO in left_out:
        return "srcli video enlarges videos"
    if not CONVERTIBLE & set(left_out):
        return None
    hint = "convert them to JPEG, PNG or TIFF first"
    for kind, missing in ((JXL, missing_jxl()), (HEIC, missing_heic())):
        if kind in left_out:
            hint = f"{missing.hint} to read {kind}s, or {hint}"
    return hint


def read_list(file: str, streams: StandardStreams | None = None) -> list[str]:
    """The names in a list: a line each, or with a zero byte after each, as ``find -print0`` writes them.

    Args:
        file: its name, or ``-`` for standard input.
        streams: what ``-`` stands for.

    Raises:
        InputError: it can't be read, or holds no name.
    """
    from_stream = streams is not None and file == STREAM
    name = "standard input" if from_stream else printable(file)
    try:
        with (
            nullcontext(streams.open_input())
            if streams and from_stream
            else open_to_read(Path(file), Wait.upto(None, patient=True))
        ) as lines:
            data = lines.read()
    except OSError as error:
        raise InputError(f"cannot read {name}: {why(error)}") from error
    names = data.split(b"\0") if b"\0" in data else [line.rstrip(b"\r") for line in data.split(b"\n")]
    found = [os.fsdecode(each) for each in names if each]
    if not found:
        raise InputError(f"{name} names no file")
    return found
