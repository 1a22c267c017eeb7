"""Which result belongs to which reference: by name, never by order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.errors import InputError
from srcli.core.names import is_hidden, printable
from srcli.core.pipes import refuse_pipe
from srcli.imaging.formats import READABLE_EXTENSIONS

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

# What `srcli upscale` appends to names; `srcli restore` appends the name of its generator.
_LABEL = re.compile(r"_x\d+(\.\d+)?$")
_GENERATOR = re.compile(r"_(?!\d+$)[^/]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Pairing:
    """Results and references that belong together, and those left over.

    Attributes:
        pairs: (result, reference), in the order of the names.
        missing: references without a result.
        extra: results without a reference.
    """

    pairs: tuple[tuple[Path, Path], ...]
    missing: tuple[Path, ...] = ()
    extra: tuple[Path, ...] = ()


def pair_up(
    result: Path,
    reference: Path,
    *,
    recursive: bool = False,
    extensions: frozenset[str] = READABLE_EXTENSIONS,
) -> Pairing:
    """Find the pairs of two files or folders.

    Two files are a pair whatever their names. In folders, names are compared without their extension; a
    result may also carry the label that ``srcli upscale`` appends, such as ``_x4``, or, where nothing else
    goes with a reference, that of ``srcli restore``, such as ``_clean``.

    Args:
        result: a file or a folder.
        reference: a file or a folder.
        recursive: whether to look into the folders below, which are then part of the names.
        extensions: lower case with the dot, of what folders are searched for.

    Raises:
        InputError: one of them doesn't exist or holds no such file, or two files of a folder have one name.
    """
    if result.is_file() and reference.is_file():
        return Pairing(((result, reference),))
    results, references = (
        named_pictures(place, recursive=recursive, extensions=extensions) for place in (result, reference)
    )
    partners = {name: name if name in references else _LABEL.sub("", name) for name in results}
    alone = references.keys() - partners.values()
    matched: dict[str, Path] = {}
    extra = []
    for name, path in results.items():
        match = partners[name] if partners[name] in references else _restored_from(name, alone)
        if match is None:
            extra.append(path)
        elif match in matched:
            raise InputError(_clash(matched[match], path))
        else:
            matched[match] = path
    pairs = tuple((matched[name], references[name]) for name in sorted(matched))
    missing = tuple(path for name, path in references.items() if name not in matched)
    return Pairing(pairs, missing, tuple(extra))


def _restored_from(name: str, references: Collection[str]) -> str | None:
    """The reference whose name became a result's by appending a generator's; the longest, if any."""
    fitting = (
        reference
        for reference in references
        if name.startswith(reference) and _GENERATOR.fullmatch(name, len(reference))
    )
    return max(fitting, key=len, default=None)


def named_pictures(
    place: Path, *, recursive: bool = False, extensions: frozenset[str] = READABLE_EXTENSIONS
) -> dict[str, Path]:
    """The pictures of a folder, or the one file, by their path in it without the extension, in that order.

    Raises:
        InputError: there is no such place or no picture in it, or two files have one name.
    """
    if place.is_file():
        return {place.stem: place}
    if not place.is_dir():
        refuse_pipe(place)
        raise InputError(f"no such file or folder: {printable(place)}")
    files = sorted(path for path in place.glob("**/*" if recursive else "*") if _is_one(path, extensions))
    if not files:
        hint = None if recursive else "add -r to look into the folders below"
        kind = "pictures" if extensions == READABLE_EXTENSIONS else "videos"
        raise InputError(f"no {kind} in {printable(place)}", hint=hint)
    named: dict[str, Path] = {}
    for path in files:
        name = path.relative_to(place).with_suffix("").as_posix()
        if name in named:
            raise InputError(_clash(named[name], path))
        named[name] = path
    return named


def _is_one(path: Path, extensions: frozenset[str]) -> bool:
    return path.suffix.lower() in extensions and not is_hidden(path) and path.is_file()


def _clash(first: Path, second: Path) -> str:
    return f"{printable(first)} and {printable(second)} have one name, so pairs are ambiguous"
