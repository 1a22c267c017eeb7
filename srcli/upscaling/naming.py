"""How outputs are named after inputs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from srcli.core.errors import SrcliError, UsageError
from srcli.core.names import printable
from srcli.imaging.containers.sniff import sniff_format
from srcli.imaging.formats import (
    FORMATS,
    READABLE_EXTENSIONS,
    WRITTEN_AS,
    format_from_extension,
    written_extension,
)
from srcli.upscaling.sources import STREAM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.upscaling.inputs import Input
    from srcli.upscaling.sources import Source


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


def is_folder_output(output: str | None, inputs: Sequence[str], count: int) -> bool:
    """Whether outputs go into a folder.

    Args:
        output: as the user gave it.
        inputs: as the user gave them.
        count: of the pictures that they name.

    Raises:
        UsageError: that many pictures can't go there.
    """
    if output is None or output == STREAM:
        if output == STREAM and count > 1:
            raise UsageError(
                f"{count} pictures can't go to one standard output", hint="choose a folder with -o"
            )
        return False
    many = count > 1 or any(Path(word).is_dir() for word in inputs)
    is_folder = Path(output).is_dir() or output.endswith(("/", os.sep))
    if many and not is_folder and (Path(output).exists() or format_from_extension(Path(output).suffix)):
        raise UsageError(
            f"{count} pictures can't go to the one file {printable(output)}", hint="choose a folder with -o"
        )
    return many or is_folder


def name_output(given: Input, naming: Naming, *, as_folder: bool) -> Path | None:
    """The path of an output; None for standard output."""
    path = given.source.path
    if naming.output == STREAM or (naming.output is None and path is None):
        return None
    if naming.output is not None and not as_folder:
        return Path(naming.output)
    name = _default_name(given, naming)
    if naming.output is None:
        return path.parent / name if path else None
    below = path.parent.relative_to(given.root) if path and given.root else Path()
    return Path(naming.output) / below / name


def _default_name(given: Input, naming: Naming) -> str:
    stem, extension = _split_name(given, sniff=naming.extension is None)
    page = f"_p{given.source.page}" if given.is_one_of_many else ""
    ending = f"{page}_{naming.label}{naming.extension or extension}"
    return _shorten(stem, 255 - len(os.fsencode(ending))) + ending


def _split_name(given: Input, *, sniff: bool) -> tuple[str, str]:
    """The name of an input without its extension, and its extension, or its content's where it has none."""
    path = given.source.path
    if path and path.suffix.lower() in READABLE_EXTENSIONS:
        return path.stem, written_extension(path.suffix)
    return path.name if path else given.source.stem, _extension_of(given.source) if sniff else ""


def _extension_of(source: Source) -> str:
    try:
        head = source.head()
    except (OSError, SrcliError):
        # Told when the picture is opened.
        return ""
    name = sniff_format(head) or ""
    entry = FORMATS.get(WRITTEN_AS.get(name, name))
    return entry.extensions[0] if entry else ""


def _shorten(stem: str, limit: int) -> str:
    # File systems end a name at 255 bytes; what the suffix adds must not make a legal name illegal.
    while len(os.fsencode(stem)) > limit:
        stem = stem[:-1]
    return stem
