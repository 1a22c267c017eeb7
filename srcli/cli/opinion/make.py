"""``srcli opinion make``: a page that asks people which results look good."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from srcli.cli.options import DebugOption, DeviceOption, PrecisionOption, ThreadsOption
from srcli.core.errors import InputError, OutputError

_METHODS = "Methods"


def make(
    inputs: Annotated[
        list[Path], typer.Argument(metavar="INPUT...", help="Small pictures, or folders of them.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="STUDY.html", help="The page to write.")],
    model: Annotated[
        list[str],
        typer.Option(
            "-m",
            "--model",
            metavar="NAME|FILE.onnx",
            help="A generator, ONNX file or interpolation; may be repeated.",
            rich_help_panel=_METHODS,
        ),
    ],
    scale: Annotated[int, typer.Option("-s", "--scale", min=2, help="Whole factor.")] = 4,
    references: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="The true large pictures by the same names, shown among the results."
        ),
    ] = None,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="Ask which of two looks better, not for a rating 1 to 5.")
    ] = False,
    repeats: Annotated[
        float, typer.Option(help="Share of the questions that are asked again, to check the rater.")
    ] = 0.1,
    title: Annotated[str, typer.Option(help="Of the page.")] = "Opinion study",
    device: DeviceOption = "auto",
    precision: PrecisionOption = "auto",
    threads: ThreadsOption = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the page if it exists.")] = False,
    debug: DebugOption = False,
) -> int:
    """Make one page that shows results without their names, in an order of its own for each rater.

    It needs no network, works with a keyboard and on a phone, and saves the answers as CSV.

    Examples:

        srcli opinion make small/ -m fast -m photo -m bicubic --references cut/ -o study.html

        srcli opinion make small/ -m fast -m plain --pairs -o study.html
    """
    from srcli.cli.output import say
    from srcli.cli.progress import BarEvents
    from srcli.core.files import atomic_path
    from srcli.core.names import printable
    from srcli.core.outcome import Outcome
    from srcli.pipeline.measure.pairs import named_pictures
    from srcli.pipeline.opinion.study import Question, StudySettings, make_study
    from srcli.upscaling.generator import RunOptions
    from srcli.upscaling.methods import open_methods

    settings = StudySettings(Question.PAIRS if pairs else Question.RATE, title, repeats)
    if output.exists() and not overwrite:
        raise OutputError(f"{printable(output)} exists already", hint="add --overwrite to replace it")
    pictures: dict[str, Path] = {}
    for place in inputs:
        for name, path in named_pictures(place).items():
            if name in pictures:
                raise InputError(f"{printable(pictures[name])} and {printable(path)} have one name")
            pictures[name] = path
    methods = open_methods(
        model, scale, device=device, options=RunOptions(precision=precision, threads=threads)
    )
    truths = named_pictures(references) if references else None
    with BarEvents[Outcome](len(pictures)) as events:
        page = make_study(pictures, truths, methods, settings, events)
    with atomic_path(output, overwrite=overwrite) as temporary:
        temporary.write_text(page, encoding="utf-8")
    shown = ", ".join([*(method.label for method in methods), *(["original"] if truths else [])])
    say(f"{printable(output)}: {len(pictures)} pictures by {shown}; send it to your raters")
    return 0
