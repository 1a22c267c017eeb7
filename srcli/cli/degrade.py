"""``srcli degrade``: low-resolution pictures made from high-resolution ones."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from srcli.cli.options import DebugOption, JsonOption, ShardOption

if TYPE_CHECKING:
    from srcli.pipeline.degrade.files import DegradeReport

_KIND = "Degradation"


def degrade(
    inputs: Annotated[list[str], typer.Argument(metavar="HR...", help="Files, folders or globs.")],
    output: Annotated[
        str,
        typer.Option("-o", "--output", metavar="FILE|FOLDER", help="Where to write, under the same names."),
    ],
    scale: Annotated[int, typer.Option("-s", "--scale", help="Whole factor; 1 keeps the size.")] = 4,
    recursive: Annotated[
        bool, typer.Option("-r", "--recursive", help="Look into the folders below.")
    ] = False,
    method: Annotated[
        str,
        typer.Option(
            help="Interpolation that shrinks, antialiased: bicubic (MATLAB's), box, lanczos, ...",
            rich_help_panel=_KIND,
        ),
    ] = "bicubic",
    blur: Annotated[
        float | None,
        typer.Option(
            metavar="SIGMA",
            help="Gaussian blur and decimation instead, 1.6 in papers.",
            rich_help_panel=_KIND,
        ),
    ] = None,
    noise: Annotated[
        float | None,
        typer.Option(metavar="SIGMA", help="Gaussian noise, in 8-bit levels.", rich_help_panel=_KIND),
    ] = None,
    jpeg: Annotated[
        int | None,
        typer.Option(metavar="QUALITY", help="Compress once as JPEG (4:2:0).", rich_help_panel=_KIND),
    ] = None,
    grey: Annotated[
        bool,
        typer.Option("--grey", help="Leave nothing but brightness, in one channel.", rich_help_panel=_KIND),
    ] = False,
    real: Annotated[
        bool,
        typer.Option(
            "--real",
            help="The random degradation of real photographs: blur, resizing, noise, JPEG, twice.",
            rich_help_panel=_KIND,
        ),
    ] = False,
    seed: Annotated[int, typer.Option(help="Of noise and of --real.", min=0, rich_help_panel=_KIND)] = 0,
    references: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Also write the inputs, cropped to a multiple of the scale, as PNG."
        ),
    ] = None,
    format: Annotated[  # noqa: A002  the option's name
        str, typer.Option("--format", help="Of outputs in a folder; lossless unless you choose otherwise.")
    ] = "png",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace outputs that exist.")] = False,
    shard: ShardOption = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Make low-resolution pictures for tests and benchmarks, bit-equal to MATLAB's by default.

    Examples:

        srcli degrade originals/ -o low/ -s 4 --references cropped/

        srcli degrade photo.png -o small.png -s 2 --noise 5 --jpeg 40

        srcli degrade originals/ -o low/ --real --seed 7

        srcli degrade originals/ -o worn/ -s 1 --noise 15 --jpeg 40
    """
    from srcli.cli.progress import BarEvents
    from srcli.core.outcome import exit_code_of
    from srcli.imaging.degradation.degradation import Degradation
    from srcli.pipeline.degrade.files import DegradeSettings, degrade_files, find_tasks
    from srcli.upscaling.shards import parse_shard

    degradation = Degradation(scale, method, blur, noise, jpeg, real, grey)
    settings = DegradeSettings(degradation, seed, overwrite, format, references)
    tasks = find_tasks(
        inputs, output, settings, recursive=recursive, shard=parse_shard(shard) if shard else None
    )
    with BarEvents(len(tasks), partial(_print, json=json)) as events:
        reports = degrade_files(tasks, settings, events)
    return exit_code_of(report.exit_code for report in reports)


def _print(report: DegradeReport, *, json: bool) -> None:
    from srcli.cli.output import emit_json, report_failure, say

    if json:
        emit_json(report.to_json())
    report_failure(report.failure)
    if not json and report.output_size and report.used_size:
        crop = "" if report.used_size == report.input_size else f" (cropped to {_text(report.used_size)})"
        sizes = f"{_text(report.input_size)}{crop} to {_text(report.output_size)}"
        say(f"{report.output}: {sizes}, {report.degradation}, {report.depth} bit")


def _text(size: tuple[int, int] | None) -> str:
    return f"{size[0]}x{size[1]}" if size else ""
