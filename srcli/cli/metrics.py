"""``srcli metrics``: how near results are to their references."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from srcli.cli.options import DebugOption, JsonOption, StLpipsOption
from srcli.core.errors import UsageError

if TYPE_CHECKING:
    from srcli.cli.metrics_report import Printer
    from srcli.pipeline.measure.pair import MeasureSettings
    from srcli.pipeline.measure.pairs import Pairing

_PROTOCOL = "Protocol"
_OUTPUT = "Output"
_GATES = "Gates"


def metrics(
    result: Annotated[
        Path, typer.Argument(metavar="RESULT", help="A picture or a video, or a folder of them.")
    ],
    reference: Annotated[
        Path, typer.Argument(metavar="REFERENCE", help="The true one, or a folder; paired by name.")
    ],
    recursive: Annotated[
        bool, typer.Option("-r", "--recursive", help="Look into the folders below.")
    ] = False,
    video: Annotated[
        bool,
        typer.Option(
            "--video",
            help="Measure the videos of folders, frame by frame and over time; files named as videos "
            "are taken so anyway.",
        ),
    ] = False,
    names: Annotated[
        str,
        typer.Option(
            "--metrics",
            metavar="NAME,...",
            help="psnr, ssim, mse, ms-ssim, rmse, mae, chroma, colourfulness; or all.",
            rich_help_panel=_PROTOCOL,
        ),
    ] = "psnr,ssim,mse",
    st_lpips: StLpipsOption = None,
    channel: Annotated[
        str,
        typer.Option(
            metavar="y|rgb", help="BT.601 luma as papers, or all colours.", rich_help_panel=_PROTOCOL
        ),
    ] = "y",
    shave: Annotated[
        str,
        typer.Option(
            metavar="N|auto",
            help="Border left out, in pixels; papers leave out the scale. auto: from names like a_x4.",
            rich_help_panel=_PROTOCOL,
        ),
    ] = "0",
    depth: Annotated[
        str,
        typer.Option(
            metavar="auto|8|16",
            help="Bits that both are rounded to. auto: 16 where both files have it, else 8.",
            rich_help_panel=_PROTOCOL,
        ),
    ] = "auto",
    min_psnr: Annotated[
        float | None,
        typer.Option(help="Exit 1 where the mean PSNR is below.", rich_help_panel=_GATES),
    ] = None,
    min_ssim: Annotated[
        float | None,
        typer.Option(help="Exit 1 where the mean SSIM is below.", rich_help_panel=_GATES),
    ] = None,
    json: JsonOption = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV on stdout.", rich_help_panel=_OUTPUT)] = False,
    debug: DebugOption = False,
) -> int:
    """Measure pictures and videos against references: PSNR, SSIM, MSE and more; of videos steadiness as well.

    Examples:

        srcli metrics larger.png original.png

        srcli metrics results/ originals/ --shave 4 --csv > figures.csv

        srcli metrics results/ originals/ --shave auto --min-psnr 28 --json

        srcli metrics clip_x2.mp4 original.mp4
    """
    from srcli.pipeline.measure.pairs import pair_up
    from srcli.pipeline.video.naming import EXTENSIONS

    minima = {"psnr": min_psnr, "ssim": min_ssim}
    gates = {name: minimum for name, minimum in minima.items() if minimum is not None}
    settings = _settings(",".join([names, *gates]), channel, shave, depth, st_lpips)
    if video or {result.suffix.lower(), reference.suffix.lower()} <= EXTENSIONS:
        from srcli.cli.video_metrics import run_videos

        pairing = pair_up(result, reference, recursive=recursive, extensions=EXTENSIONS)
        return run_videos(pairing, settings, gates, json=json, csv=csv)
    pairing = pair_up(result, reference, recursive=recursive)
    return _run(pairing, settings, gates, _printer(settings, json=json, csv=csv))


def _run(pairing: Pairing, settings: MeasureSettings, gates: dict[str, float], printer: Printer) -> int:
    from srcli.cli.metrics_report import report_leftovers
    from srcli.cli.output import report_error
    from srcli.cli.progress import BarEvents
    from srcli.core.errors import SrcliError
    from srcli.core.outcome import exit_code_of
    from srcli.pipeline.measure.pair import measure_pairs
    from srcli.pipeline.measure.summary import summarise, unmet_gates

    with BarEvents(len(pairing.pairs), printer.pair) as events:
        reports = measure_pairs(pairing.pairs, settings, events)
    report_leftovers(pairing)
    summary = summarise(reports)
    printer.close(reports, summary)
    unmet = unmet_gates(summary, gates)
    for message in unmet:
        report_error(SrcliError(message))
    incomplete = pairing.missing or pairing.extra or unmet
    return exit_code_of(report.exit_code for report in reports) or int(bool(incomplete))


def _settings(names: str, channel: str, shave: str, depth: str, st_lpips: Path | None) -> MeasureSettings:
    from srcli.metrics.registry import PERCEPTUAL, parse_metrics
    from srcli.metrics.st_lpips import load_st_lpips
    from srcli.pipeline.measure.pair import MeasureSettings

    if channel not in ("y", "rgb"):
        raise UsageError(f"unknown channel '{channel}'", hint="choose y or rgb")
    return MeasureSettings(
        metrics=parse_metrics(names, perceptual=st_lpips is not None),
        channel="y" if channel == "y" else "rgb",
        shave=_number_or_auto("--shave", shave),
        depth=_number_or_auto("--depth", depth),
        networks={PERCEPTUAL: load_st_lpips(st_lpips)} if st_lpips else {},
    )


def _number_or_auto(option: str, text: str) -> int | None:
    if text == "auto":
        return None
    if not text.isascii() or not text.isdigit():
        raise UsageError(f"{option} takes a whole number or auto, not '{text}'")
    return int(text)


def _printer(settings: MeasureSettings, *, json: bool, csv: bool) -> Printer:
    from srcli.cli.metrics_report import CsvPrinter, JsonPrinter, TablePrinter

    if json and csv:
        raise UsageError("--json and --csv both want standard output", hint="choose one")
    if json:
        return JsonPrinter()
    return CsvPrinter(settings.metrics) if csv else TablePrinter(settings.metrics)
