"""``srcli upscale``: pictures in, larger and sharper pictures out."""

from __future__ import annotations

from typing import Annotated

import typer

from srcli.cli.options import (
    CheckSeamsOption,
    ClusterOption,
    DebugOption,
    DeviceOption,
    DryRunOption,
    EnsembleByOption,
    EnsembleOption,
    FidelityOption,
    FilesFromOption,
    ForceColourOption,
    ForceEnsembleOption,
    FormatOption,
    HeightOption,
    InputsArgument,
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
    ResumeOption,
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
    WorkersPerGpuOption,
)
from srcli.cli.picture_runs import run_pictures

_ENGINE = "Generator and device"
_FILES = "Files"


def upscale(
    inputs: InputsArgument = None,
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
    files_from: FilesFromOption = None,
    overwrite: OverwriteOption = False,
    resume: ResumeOption = False,
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
    force_colour: ForceColourOption = False,
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
    cluster: ClusterOption = None,
    workers_per_gpu: WorkersPerGpuOption = 1,
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
    from srcli.cli.upscale_settings import target_of, upscale_settings

    settings = upscale_settings(
        target_of(scale, width, height, longest, shortest, default=4.0),
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
        fidelity=fidelity,
        min_fidelity=min_fidelity,
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
        budget=budget,
        cluster=cluster,
        workers_per_gpu=workers_per_gpu,
        dry_run=dry_run,
        json=json,
        quiet=quiet,
        verbose=verbose,
    )
