"""``srcli upscale``: pictures in, larger and sharper pictures out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from srcli.cli.options import (
    CheckSeamsOption,
    DebugOption,
    DeviceOption,
    DryRunOption,
    EnsembleByOption,
    EnsembleOption,
    FidelityOption,
    ForceEnsembleOption,
    FormatOption,
    HeightOption,
    JsonOption,
    LongestOption,
    MinFidelityOption,
    ModelOption,
    OverlapOption,
    OverwriteOption,
    PageOption,
    PrecisionOption,
    QualityOption,
    QuietOption,
    RecursiveOption,
    ScaleOption,
    SeamlessOption,
    ShardOption,
    ShortestOption,
    StrengthOption,
    StripOption,
    ThreadsOption,
    TileOption,
    TimeoutOption,
    VerboseOption,
    WidthOption,
)
from srcli.core.errors import UsageError

if TYPE_CHECKING:
    from srcli.pipeline.budget import Budget
    from srcli.upscaling.run import Run
    from srcli.upscaling.settings import UpscaleSettings
    from srcli.upscaling.shards import Shard

_ENGINE = "Generator and device"
_FILES = "Files"


def upscale(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="INPUT...", help="Files, folders, globs, or - for standard input."),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE|FOLDER|-",
            help="Where to write; by default NAME_x4.EXT beside each input. New folders end in a slash.",
            rich_help_panel=_FILES,
        ),
    ] = None,
    recursive: RecursiveOption = False,
    files_from: Annotated[
        str | None,
        typer.Option(
            "--files-from",
            metavar="FILE|-",
            help="Take the names of further inputs from a file or standard input: a line each, or as "
            "find -print0 writes them.",
            rich_help_panel=_FILES,
        ),
    ] = None,
    overwrite: OverwriteOption = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Skip what was finished before from the same input with the same settings, "
            "and go on within a large picture where a run was cut short.",
            rich_help_panel=_FILES,
        ),
    ] = False,
    shard: ShardOption = None,
    scale: ScaleOption = None,
    width: WidthOption = None,
    height: HeightOption = None,
    longest: LongestOption = None,
    shortest: ShortestOption = None,
    model: ModelOption = "auto",
    device: DeviceOption = "auto",
    precision: PrecisionOption = "auto",
    tile: TileOption = None,
    overlap: OverlapOption = None,
    threads: ThreadsOption = None,
    ensemble: EnsembleOption = 1,
    ensemble_by: EnsembleByOption = "mean",
    force_ensemble: ForceEnsembleOption = False,
    format: FormatOption = None,  # noqa: A002  the option's name
    quality: QualityOption = None,
    page: PageOption = None,
    strip: StripOption = False,
    strength: StrengthOption = 1.0,
    seamless: SeamlessOption = False,
    fidelity: FidelityOption = None,
    min_fidelity: MinFidelityOption = None,
    timeout: TimeoutOption = None,
    check_seams: CheckSeamsOption = False,
    budget: Annotated[
        str | None,
        typer.Option(
            "--budget",
            metavar="2s|10m|1h",
            help="Take the best generator of this purpose that fits: seconds a picture, or minutes a run.",
            rich_help_panel=_ENGINE,
        ),
    ] = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,
) -> int:
    """Enlarge pictures 2, 3 or 4 times, or to any size.

    Examples:

        srcli upscale photo.jpg

        srcli upscale -s 2 -r photos/ -o larger/

        srcli upscale --longest 4000 --format png scan.tif

        cat photo.jpg | srcli upscale - > photo_x4.jpg
    """
    from srcli.cli.stores import refuse_with_stores, run_on_stores
    from srcli.cli.upscale_settings import upscale_settings
    from srcli.pipeline.budget import parse_budget
    from srcli.pipeline.stores.address import is_address
    from srcli.upscaling.shards import parse_shard

    settings = upscale_settings(
        scale=scale,
        width=width,
        height=height,
        longest=longest,
        shortest=shortest,
        model=model,
        device=device,
        precision=precision,
        tile=tile,
        overlap=overlap,
        threads=threads,
        ensemble=ensemble,
        ensemble_by=ensemble_by,
        force_ensemble=force_ensemble,
        format=format,
        quality=quality,
        page=page,
        strip=strip,
        strength=strength,
        seamless=seamless,
        fidelity=fidelity,
        min_fidelity=min_fidelity,
        check_seams=check_seams,
        timeout=timeout,
        overwrite=overwrite,
        resume=resume,
    )
    part = parse_shard(shard) if shard else None
    if any(map(is_address, [*(inputs or []), output])):
        refuse_with_stores({"--dry-run": dry_run, "--budget": budget, "--files-from": files_from})
        return run_on_stores(
            inputs or [],
            output,
            settings,
            recursive=recursive,
            shard=part,
            json=json,
            quiet=quiet,
            verbose=verbose,
        )
    allowed = None if budget is None else parse_budget(budget)
    run = _prepare(
        inputs or [],
        files_from,
        output,
        settings,
        recursive=recursive,
        shard=part,
        budget=allowed,
        quiet=quiet,
    )
    if len(inputs or []) == len(run.jobs) == 2 and not (output or json or quiet):
        _hint_at_output(run)
    if dry_run:
        return _plan(run, json=json)
    return _run(run, json=json, quiet=quiet, verbose=verbose, budget=allowed)


def _hint_at_output(run: Run) -> None:
    """Two names may be meant as input and output, as other programs take them."""
    from srcli.cli.output import say

    first, second = run.jobs
    say(f"both are enlarged; to write {first.source.name} to {second.source.name}: -o {second.source.name}")


def _prepare(
    inputs: list[str],
    files_from: str | None,
    output: str | None,
    settings: UpscaleSettings,
    *,
    recursive: bool,
    shard: Shard | None,
    budget: Budget | None,
    quiet: bool,
) -> Run:
    from dataclasses import replace

    from srcli.cli.output import say
    from srcli.cli.streams import standard_streams
    from srcli.pipeline.budget import choose_run
    from srcli.upscaling.inputs import read_list
    from srcli.upscaling.run import prepare_run
    from srcli.upscaling.sources import STREAM

    if not inputs and files_from is None:
        raise UsageError("missing argument INPUT", hint="name a picture or a folder: srcli upscale photo.jpg")
    if files_from == STREAM and STREAM in inputs:
        raise UsageError("standard input (-) can't be both a picture and a list of names")
    streams = standard_streams()
    listed = [] if files_from is None else read_list(files_from, streams)

    def prepare(model: str) -> Run:
        wanted = replace(settings, model=model)
        return prepare_run(
            inputs, output, wanted, recursive=recursive, listed=listed, streams=streams, shard=shard
        )

    if budget is None:
        return prepare(settings.model)
    choice = choose_run(settings.model, budget, prepare)
    if not quiet:
        say(f"{budget.words}: {choice}")
    return choice.run


def _run(run: Run, *, json: bool, quiet: bool, verbose: bool, budget: Budget | None) -> int:
    import time

    from srcli.cli.output import warn
    from srcli.cli.upscale_report import Reporter

    if any(job.target.path is None for job in run.jobs):
        _check_stream(json=json)
    started_s = time.monotonic()
    with Reporter(run, json=json, quiet=quiet, verbose=verbose, budget=budget) as reporter:
        summary = run.start(reporter)
    missed = budget.missed(time.monotonic() - started_s) if budget and not budget.per_picture else None
    if missed:
        warn(f"the run {missed}")
    return summary.exit_code


def _plan(run: Run, *, json: bool) -> int:
    from srcli.cli.output import emit_json
    from srcli.cli.upscale_report import print_plan
    from srcli.core.outcome import exit_code_of
    from srcli.upscaling.run import plan_run

    if json:
        codes = []
        for planned in plan_run(run):
            emit_json(planned.to_json())
            codes.append(planned.exit_code)
    else:
        codes = print_plan(run)
    return exit_code_of(codes)


def _check_stream(*, json: bool) -> None:
    import sys

    if json:
        raise UsageError(
            "--json and the picture both want standard output", hint="write to a file with -o FILE"
        )
    if sys.stdout.isatty():
        raise UsageError(
            "a picture can't be shown on a terminal",
            hint="redirect it: srcli upscale - > larger.png, or use -o FILE",
        )
