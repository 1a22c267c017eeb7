"""``srcli restore``: pictures in, the same pictures repaired out, at the size that they have."""

from __future__ import annotations

from typing import Annotated

import typer

from srcli.cli.completion import complete_restorers
from srcli.cli.options import (
    CheckSeamsOption,
    ClusterOption,
    DebugOption,
    DeviceOption,
    DryRunOption,
    EnsembleByOption,
    EnsembleOption,
    FilesFromOption,
    ForceColourOption,
    ForceEnsembleOption,
    FormatOption,
    InputsArgument,
    JsonOption,
    OverlapOption,
    OverwriteOption,
    PageOption,
    PrecisionOption,
    QualityOption,
    QuietOption,
    RecursiveOption,
    ResumeOption,
    SeamlessOption,
    ShardOption,
    StripOption,
    ThreadsOption,
    TileOption,
    TimeoutOption,
    VerboseOption,
    WorkersPerGpuOption,
)
from srcli.cli.picture_runs import run_pictures

_ENGINE = "Generator and device"
_FILES = "Files"
_LOOK = "Look and format"

DEFAULT_MODEL = "clean"


def restore(
    inputs: InputsArgument = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE|FOLDER|-",
            help="Where to write; by default NAME_clean.EXT, or by the generator, beside each input. New "
            "folders end in a slash.",
            rich_help_panel=_FILES,
        ),
    ] = None,
    recursive: RecursiveOption = False,
    files_from: FilesFromOption = None,
    overwrite: OverwriteOption = False,
    resume: ResumeOption = False,
    shard: ShardOption = None,
    model: Annotated[
        str,
        typer.Option(
            "-m",
            "--model",
            metavar="NAME|FILE.onnx",
            autocompletion=complete_restorers,
            help="Generator that keeps the size: a name from `srcli models list`, or an ONNX file; several "
            "run one after the other, with commas between.",
            rich_help_panel=_ENGINE,
        ),
    ] = DEFAULT_MODEL,
    device: DeviceOption = "auto",
    precision: PrecisionOption = "auto",
    tile: TileOption = None,
    overlap: OverlapOption = None,
    threads: ThreadsOption = None,
    ensemble: EnsembleOption = 1,
    ensemble_by: EnsembleByOption = "mean",
    force_ensemble: ForceEnsembleOption = False,
    force_colour: ForceColourOption = False,
    format: FormatOption = None,  # noqa: A002  the option's name
    quality: QualityOption = None,
    page: PageOption = None,
    strip: StripOption = False,
    strength: Annotated[
        float,
        typer.Option(
            "--strength",
            help="0 to 1: share of the generator, the rest is the picture as it was.",
            rich_help_panel=_LOOK,
        ),
    ] = 1.0,
    seamless: SeamlessOption = False,
    timeout: TimeoutOption = None,
    check_seams: CheckSeamsOption = False,
    cluster: ClusterOption = None,
    workers_per_gpu: WorkersPerGpuOption = 1,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,
) -> int:
    """Repair pictures and keep their size: the blocks of JPEG, noise, or what a generator is for.

    Examples:

        srcli restore photo.jpg

        srcli restore -r scans/ -o repaired/

        srcli restore screen.jpg --format png --strength 0.7
    """
    from srcli.cli.upscale_settings import upscale_settings
    from srcli.upscaling.target import Target

    settings = upscale_settings(
        Target(keep=True),
        model=model,
        device=device,
        precision=precision,
        tile=tile,
        overlap=overlap,
        threads=threads,
        ensemble=ensemble,
        ensemble_by=ensemble_by,
        force_ensemble=force_ensemble,
        force_colour=force_colour,
        format=format,
        quality=quality,
        page=page,
        strip=strip,
        strength=strength,
        seamless=seamless,
        fidelity=None,
        min_fidelity=None,
        check_seams=check_seams,
        timeout=timeout,
        overwrite=overwrite,
        resume=resume,
    )
    return run_pictures(
        inputs or [],
        output,
        settings,
        files_from=files_from,
        recursive=recursive,
        shard=shard,
        budget=None,
        cluster=cluster,
        workers_per_gpu=workers_per_gpu,
        dry_run=dry_run,
        json=json,
        quiet=quiet,
        verbose=verbose,
    )
