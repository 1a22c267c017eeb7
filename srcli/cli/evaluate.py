"""``srcli evaluate``: the tables that papers print."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from srcli.cli.completion import complete_models
from srcli.cli.options import (
    DebugOption,
    DeviceOption,
    EnsembleByOption,
    EnsembleOption,
    ForceEnsembleOption,
    JsonOption,
    PrecisionOption,
    StLpipsOption,
    ThreadsOption,
)
from srcli.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.imaging.degradation.degradation import Degradation
    from srcli.pipeline.evaluate.figure import EvaluationSettings, Figure
    from srcli.pipeline.evaluate.ledger import Ledger
    from srcli.pipeline.evaluate.tables import Row
    from srcli.upscaling.generator import RunOptions
    from srcli.upscaling.methods import Method

_METHODS = "Methods"
_PROTOCOL = "Protocol"
_RECOGNITION = "Recognition"
_OUTPUT = "Output"


def evaluate(
    hr: Annotated[Path, typer.Option(metavar="FOLDER", help="The true pictures: a folder, or one file.")],
    lr: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Small pictures that a benchmark brings; by default --hr is shrunk."
        ),
    ] = None,
    scale: Annotated[int, typer.Option("-s", "--scale", help="Whole factor; 1 measures what restores.")] = 4,
    noise: Annotated[
        float | None,
        typer.Option(metavar="SIGMA", help="Add Gaussian noise, in 8-bit levels.", rich_help_panel=_PROTOCOL),
    ] = None,
    jpeg: Annotated[
        int | None,
        typer.Option(metavar="QUALITY", help="Compress as JPEG (4:2:0).", rich_help_panel=_PROTOCOL),
    ] = None,
    grey: Annotated[
        bool,
        typer.Option("--grey", help="Leave nothing but brightness.", rich_help_panel=_PROTOCOL),
    ] = False,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "-m",
            "--model",
            metavar="NAME|FILE.onnx",
            autocompletion=complete_models,
            help="A generator, ONNX file or interpolation, or several with commas between, which run one "
            "after the other; may be repeated. By default all installed ones.",
            rich_help_panel=_METHODS,
        ),
    ] = None,
    interpolations: Annotated[
        bool,
        typer.Option(
            help="Nearest, average, bilinear, bicubic and lanczos beside them; at scale 1 the input.",
            rich_help_panel=_METHODS,
        ),
    ] = True,
    device: DeviceOption = "auto",
    precision: PrecisionOption = "fp32",
    threads: ThreadsOption = None,
    ensemble: EnsembleOption = 1,
    ensemble_by: EnsembleByOption = "mean",
    force_ensemble: ForceEnsembleOption = False,
    names: Annotated[
        str,
        typer.Option(
            "--metrics",
            metavar="NAME,...",
            help="psnr, ssim, mse, ms-ssim, rmse, mae, chroma, colourfulness; or all.",
            rich_help_panel=_PROTOCOL,
        ),
    ] = "psnr,ssim",
    st_lpips: StLpipsOption = None,
    channel: Annotated[
        str,
        typer.Option(
            metavar="y|rgb", help="BT.601 luma as papers, or all colours.", rich_help_panel=_PROTOCOL
        ),
    ] = "y",
    shave: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Border left out, in pixels; by default the scale, and none at 1.",
            rich_help_panel=_PROTOCOL,
        ),
    ] = None,
    classifier: Annotated[
        Path | None,
        typer.Option(
            "--classifier",
            metavar="NET.onnx",
            help="Measure how well this recognises results, instead of the metrics.",
            rich_help_panel=_RECOGNITION,
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            "--labels",
            metavar="FILE.csv",
            help="Lines of a picture and the number of its class; by default --hr has a folder per class.",
            rich_help_panel=_RECOGNITION,
        ),
    ] = None,
    classifier_size: Annotated[
        int | None,
        typer.Option(
            "--classifier-size",
            min=1,
            help="Side of its input in pixels, where the file leaves that free.",
            rich_help_panel=_RECOGNITION,
        ),
    ] = None,
    classifier_input: Annotated[
        str | None,
        typer.Option(
            "--classifier-input",
            metavar="RANGE;MEAN;DEVIATION",
            help="White, mean and deviation of its input; by default what recognises most originals.",
            rich_help_panel=_RECOGNITION,
        ),
    ] = None,
    ocr: Annotated[
        bool,
        typer.Option(
            "--ocr",
            help="Measure how much text Tesseract reads right, instead of the metrics; NAME.txt lies beside "
            "each picture.",
            rich_help_panel=_RECOGNITION,
        ),
    ] = False,
    language: Annotated[
        str,
        typer.Option("--ocr-language", help="As Tesseract names it.", rich_help_panel=_RECOGNITION),
    ] = "eng",
    recursive: Annotated[
        bool, typer.Option("-r", "--recursive", help="Look into the folders below.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FOLDER",
            help="Keep figures.jsonl, table.md, figures.csv and plot.svg here.",
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    results: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Keep results here as PNG, a folder for each method.",
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Don't measure again what the folder holds.", rich_help_panel=_OUTPUT),
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Start the folder again.", rich_help_panel=_OUTPUT)
    ] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print a Markdown table.", rich_help_panel=_OUTPUT)
    ] = False,
    csv: Annotated[
        bool, typer.Option("--csv", help="Print CSV, a line per figure.", rich_help_panel=_OUTPUT)
    ] = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Degrade, enlarge and measure: generators and interpolations side by side, as papers compare them.

    The true pictures are cropped to a multiple of the scale and shrunk by MATLAB's bicubic; then comes what
    --grey, --noise and --jpeg do.

    Examples:

        srcli evaluate --hr Set5/ -s 4

        srcli evaluate --hr Set5/ -s 2 -m fast -m mine.onnx --markdown

        srcli evaluate --hr BSD100/ -s 4 -o figures/ --resume

        srcli evaluate --hr Set14/HR/ --lr Set14/LR/ -s 4 -m fast --results larger/

        srcli evaluate --hr BSD100/ -s 1 --jpeg 40 -m clean

        srcli evaluate --hr photos-by-class/ -s 2 --classifier net.onnx
    """
    form = _form(json=json, csv=csv, markdown=markdown)
    if resume and output is None:
        raise UsageError("--resume needs the folder of the evaluation", hint="add -o FOLDER")
    if classifier is None and (labels or classifier_size or classifier_input):
        raise UsageError("labels, size and input are those of a classifier", hint="add --classifier NET.onnx")
    if classifier is not None and ocr:
        raise UsageError("--classifier and --ocr each print a table of their own", hint="choose one")
    if (classifier is not None or ocr) and (output or csv or markdown or st_lpips or lr or results):
        raise UsageError(
            "--classifier and --ocr shrink by themselves, print a table or --json, and measure nothing else",
            hint="leave --lr, --results, --output, --csv, --markdown and --st-lpips out",
        )
    from srcli.engine.tiling.ensemble import Ensemble
    from srcli.pipeline.evaluate.lows import match_lows
    from srcli.pipeline.evaluate.outputs import open_ledger
    from srcli.pipeline.measure.pairs import named_pictures
    from srcli.upscaling.generator import RunOptions

    settings = replace(
        _settings(scale, names, st_lpips, channel, shave, precision), ensemble=Ensemble(ensemble, ensemble_by)
    )
    options = RunOptions(
        precision=precision, threads=threads, ensemble=settings.ensemble, force_ensemble=force_ensemble
    )
    methods = _methods(model, scale, device, options, interpolations=interpolations)
    if classifier is not None:
        from srcli.cli.recovery import evaluate_recovery

        return evaluate_recovery(
            hr,
            labels,
            classifier,
            classifier_size,
            classifier_input,
            methods,
            threads=threads,
            json=json,
        )
    degradation = _degradation(scale, noise, jpeg, grey=grey, given=lr is not None)
    pictures = named_pictures(hr, recursive=recursive)
    if ocr:
        from srcli.cli.recovery import evaluate_reading

        return evaluate_reading(pictures, methods, language, json=json)
    lows = None if lr is None else match_lows(pictures, lr, recursive=recursive)
    settings = replace(settings, lows=lows, results=results, degradation=degradation)
    ledger = open_ledger(output, resume=resume, overwrite=overwrite)
    figures = _run(pictures, methods, settings, ledger, json=form == "json")
    return _finish(figures, methods, settings, output, form)


def _form(*, json: bool, csv: bool, markdown: bool) -> str:
    chosen = [name for name, wanted in (("json", json), ("csv", csv), ("markdown", markdown)) if wanted]
    if len(chosen) > 1:
        raise UsageError(f"--{chosen[0]} and --{chosen[1]} both want standard output", hint="choose one")
    return chosen[0] if chosen else "table"


def _settings(
    scale: int, names: str, st_lpips: Path | None, channel: str, shave: int | None, precision: str
) -> EvaluationSettings:
    from srcli.metrics.registry import parse_metrics
    from srcli.metrics.st_lpips import load_st_lpips
    from srcli.pipeline.evaluate.figure import EvaluationSettings

    if channel not in ("y", "rgb"):
        raise UsageError(f"unknown channel '{channel}'", hint="choose y or rgb")
    return EvaluationSettings(
        scale,
        parse_metrics(names, perceptual=st_lpips is not None),
        "y" if channel == "y" else "rgb",
        shave,
        precision,
        load_st_lpips(st_lpips) if st_lpips else None,
    )


def _degradation(
    scale: int, noise: float | None, jpeg: int | None, *, grey: bool, given: bool
) -> Degradation | None:
    """What references go through, where it is more than shrinking.

    Raises:
        UsageError: at scale 1 nothing would be done to them, or small pictures are given as well.
    """
    from srcli.imaging.degradation.degradation import Degradation

    more = noise is not None or jpeg is not None or grey
    if given and more:
        raise UsageError("--noise, --jpeg and --grey degrade --hr", hint="leave --lr out, or these")
    if not more and scale == 1 and not given:
        raise UsageError(
            "at scale 1 there is nothing to repair", hint="add --jpeg 40 or --noise 15, or --lr FOLDER"
        )
    return Degradation(scale, noise_sigma=noise, jpeg_quality=jpeg, grey=grey) if more else None


def _methods(
    models: list[str] | None,
    scale: int,
    device: str,
    options: RunOptions,
    *,
    interpolations: bool,
) -> list[Method]:
    from srcli.cli.output import warn
    from srcli.upscaling.methods import baselines, installed_names, open_methods

    names = installed_names(scale) if models is None else models
    if not names:
        warn(f"no generator is installed for x{scale}")
    names = [*(baselines(scale) if interpolations else ()), *names]
    if not names:
        raise UsageError("there is nothing to evaluate", hint="name a generator with -m")
    return open_methods(names, scale, device=device, options=options)


def _run(
    pictures: dict[str, Path],
    methods: list[Method],
    settings: EvaluationSettings,
    ledger: Ledger,
    *,
    json: bool,
) -> list[Figure]:
    from srcli.cli.output import emit_json, report_failure
    from srcli.cli.progress import BarEvents
    from srcli.pipeline.evaluate.evaluation import evaluate as run_evaluation

    told: set[tuple[str, str]] = set()

    def show(figure: Figure) -> None:
        if json:
            emit_json(figure.to_json())
        # A picture that can't be read fails for every method, for the same reason.
        if figure.error and (figure.picture, figure.error) not in told:
            told.add((figure.picture, figure.error))
            report_failure(figure.failure, prefix=f"{figure.picture}, {figure.method}: ")

    with BarEvents(len(pictures) * len(methods), show) as events:
        return run_evaluation(pictures, methods, settings, ledger, events)


def _finish(
    figures: list[Figure],
    methods: list[Method],
    settings: EvaluationSettings,
    output: Path | None,
    form: str,
) -> int:
    from srcli.core.outcome import exit_code_of
    from srcli.pipeline.evaluate.outputs import write_outputs
    from srcli.pipeline.evaluate.tables import make_rows

    rows = make_rows(figures, methods, settings.metrics)
    _print(figures, rows, settings.metrics, form)
    if output is not None:
        write_outputs(output, figures, rows, settings.metrics)
    return exit_code_of(figure.exit_code for figure in figures)


def _print(figures: Sequence[Figure], rows: Sequence[Row], metrics: Sequence[str], form: str) -> None:
    from srcli.cli.output import emit, emit_json
    from srcli.pipeline.evaluate.tables import caption, to_csv, to_markdown

    if form == "json":
        emit_json({"summary": [row.to_json() for row in rows], "about": caption(figures)})
    elif form == "csv":
        emit(to_csv(figures, metrics))
    elif form == "markdown":
        emit(to_markdown(rows, metrics, caption(figures)))
    else:
        _print_table(figures, rows, metrics)


def _print_table(figures: Sequence[Figure], rows: Sequence[Row], metrics: Sequence[str]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from srcli.cli.output import stdout
    from srcli.pipeline.evaluate.tables import best_in_column, caption, cells, header

    best = {name: best_in_column(rows, name) for name in metrics}
    titles = header(metrics)
    table = Table(titles[0], box=None, pad_edge=False, header_style="bold")
    for title in titles[1:]:
        table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        text = [escape(cell) for cell in cells(row, metrics)]
        for column, name in enumerate(metrics, start=1):
            if best[name] == row.method:
                text[column] = f"[bold green]{text[column]}[/]"
        table.add_row(*text)
    stdout().print(table)
    stdout().print(caption(figures), style="dim")
