"""The log of a run, ``log.csv``: a row for every validation."""

from __future__ import annotations

import csv
import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.files import atomic_path

if TYPE_CHECKING:
    from pathlib import Path

NAME = "log.csv"


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a run stands.

    Attributes:
        step: steps taken.
        seconds: training time consumed.
        loss: mean loss of the steps since the last entry or checkpoint.
        rate: share of the peak learning rate.
        psnr_db: on the validation split, luma.
        ssim: the same.
        mse: the same, on a range of 255.
    """

    step: int
    seconds: float
    loss: float
    rate: float
    psnr_db: float
    ssim: float
    mse: float


def read_log(run: Path) -> list[Entry]:
    """The entries of a run, oldest first; none where it has no log yet."""
    path = run / NAME
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [_entry(row) for row in csv.DictReader(file)]


def add_entry(run: Path, entry: Entry) -> list[Entry]:
    """Append an entry and return all.

    Entries at or after its step are dropped: a run that goes on from an older checkpoint takes those steps
    again.

    Raises:
        OutputError: the log can't be written.
    """
    entries = [*(old for old in read_log(run) if old.step < entry.step), entry]
    with (
        atomic_path(run / NAME) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.DictWriter(file, [field.name for field in dataclasses.fields(Entry)])
        writer.writeheader()
        writer.writerows(dataclasses.asdict(each) for each in entries)
    return entries


def _entry(row: dict[str, str]) -> Entry:
    numbers = {name: float(value) for name, value in row.items() if name != "step"}
    return Entry(step=int(row["step"]), **numbers)
