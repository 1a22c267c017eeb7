"""The files that an evaluation leaves in its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.errors import OutputError
from srcli.core.files import atomic_path, remove_leftovers
from srcli.core.names import printable
from srcli.pipeline.evaluate.ledger import LEDGER_NAME, Ledger
from srcli.pipeline.evaluate.plot import draw_plot
from srcli.pipeline.evaluate.tables import Row, caption, to_csv, to_markdown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from srcli.pipeline.evaluate.figure import Figure


def open_ledger(folder: Path | None, *, resume: bool, overwrite: bool) -> Ledger:
    """The memory of an evaluation.

    Raises:
        OutputError: the folder holds an evaluation already, and it is neither to be resumed nor replaced.
    """
    if folder and (folder / LEDGER_NAME).exists() and not (resume or overwrite):
        raise OutputError(
            f"{printable(folder)} holds an evaluation already",
            hint="add --resume to go on with it, or --overwrite to start again",
        )
    return Ledger(folder, resume=resume)


def write_outputs(
    folder: Path, figures: Sequence[Figure], rows: Sequence[Row], metrics: Sequence[str]
) -> None:
    """Write ``table.md``, ``figures.csv`` and ``plot.svg``, the plot for the first metric.

    Raises:
        OutputError: one of them can't be written.
    """
    words = caption(figures)
    contents = {
        "table.md": to_markdown(rows, metrics, words),
        "figures.csv": to_csv(figures, metrics),
        "plot.svg": draw_plot(rows, metrics[0], words),
    }
    remove_leftovers(folder)
    for name, text in contents.items():
        with atomic_path(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
