"""CSV that a spreadsheet shows as it is."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_row(cells: Iterable[object]) -> str:
    """One line of CSV (RFC 4180, but for the plain line end).

    Text that a spreadsheet would take for a formula, such as a file named ``=1+1.png``, gets an apostrophe
    before it, which spreadsheets hide; numbers stay as they are.
    """
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(map(_harmless, cells))
    return buffer.getvalue()


def text_of(cell: str) -> str:
    """The text of a cell without the apostrophe that was put before it."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA_STARTS) else cell


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
