"""Which class each picture shows: by its folder, or by a table."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from srcli.core.errors import InputError
from srcli.core.names import printable
from srcli.pipeline.measure.pairs import named_pictures

if TYPE_CHECKING:
    from pathlib import Path


def labelled_pictures(folder: Path, table: Path | None) -> tuple[dict[str, Path], dict[str, int]]:
    """The pictures of a folder and the number of the class of each, by name.

    Args:
        folder: with a folder for each class, numbered from 0 in the order of their names; or any, with a
            table.
        table: CSV with a picture's path in the folder, extension or not, and the number of its class in each
            line; a first line whose second field is no number is left out. None for folders.

    Raises:
        InputError: a picture has no class, or the table can't be read.
    """
    pictures = named_pictures(folder, recursive=True)
    if table is not None:
        return pictures, _from_table(pictures, _read(table), printable(table))
    classes = sorted({name.partition("/")[0] for name in pictures if "/" in name})
    loose = [name for name in pictures if "/" not in name]
    if loose or len(classes) < 2:
        place = printable(folder)
        raise InputError(
            f"{place} has {len(classes)} folders of classes, and {len(loose)} pictures outside them",
            hint="put each picture into the folder of its class, or give --labels FILE.csv",
        )
    return pictures, {name: classes.index(name.partition("/")[0]) for name in pictures}


def _from_table(pictures: dict[str, Path], table: dict[str, int], source: str) -> dict[str, int]:
    labels = {}
    for name, path in pictures.items():
        known = name if name in table else name + path.suffix
        if known not in table:
            raise InputError(f"{source} has no class for {printable(name)}")
        labels[name] = table[known]
    return labels


def _read(path: Path) -> dict[str, int]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file, strict=True) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot read {printable(path)}: {error}") from error
    if rows and (len(rows[0]) < 2 or not rows[0][1].strip().isdecimal()):
        rows = rows[1:]
    labels = {}
    for row in rows:
        if len(row) < 2 or not row[1].strip().isdecimal():
            raise InputError(
                f"{printable(path)}: no class number in {','.join(row)!r}",
                hint="write lines such as cat/1.png,3",
            )
        labels[row[0].strip()] = int(row[1])
    return labels
