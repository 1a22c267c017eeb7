"""``srcli opinion score``: what the answers of a study say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from srcli.cli.options import DebugOption, JsonOption

if TYPE_CHECKING:
    from srcli.pipeline.opinion.score import StudyScore


def score(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="ANSWERS...", help="The CSV files that raters saved, or folders of them."),
    ],
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE.svg", help="Draw the scores as well.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the plot if it exists.")] = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Sum up a study: mean opinion scores, or strengths from pairs, with intervals of 95 %.

    Raters who contradict themselves, or prefer results to originals, are left out and named.

    Examples:

        srcli opinion score answers/ --plot scores.svg
    """
    from srcli.cli.output import emit_json, warn
    from srcli.core.files import atomic_path
    from srcli.pipeline.opinion.answers import read_answers
    from srcli.pipeline.opinion.chart import draw_scores
    from srcli.pipeline.opinion.score import score_study

    outcome = score_study(read_answers(files))
    for rater, reason in outcome.left_out.items():
        warn(f"{rater} is left out: {reason}")
    if json:
        emit_json(outcome.to_json())
    else:
        _print(outcome)
    if plot:
        with atomic_path(plot, overwrite=overwrite) as temporary:
            temporary.write_text(draw_scores(outcome), encoding="utf-8")
    return 0


def _print(outcome: StudyScore) -> None:
    from rich.table import Table

    from srcli.cli.output import stdout

    rating = outcome.question == "rate"
    digits = 2 if rating else 0
    table = Table("method", box=None, pad_edge=False, header_style="bold")
    for title in ("MOS" if rating else "Elo", "95 %", "ratings" if rating else "pairs won"):
        table.add_column(title, justify="right", no_wrap=True)
    for method in outcome.methods:
        span = " to ".join(f"{end:.{digits}f}" for end in method.interval) if method.interval else "-"
        count = f"{method.answers}" if rating else f"{method.wins} of {method.answers}"
        table.add_row(method.method, f"{method.score:.{digits}f}", span, count)
    stdout().print(table)
    agreement = "" if outcome.agreement is None else f", agreement {outcome.agreement:.2f}"
    raters = f"{len(outcome.raters)} rater{'s' * (len(outcome.raters) != 1)}"
    stdout().print(f"study {outcome.study}: {raters}{agreement}", style="dim")
