"""``srcli video``: videos in, larger and sharper videos out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from srcli.cli.options import (
    DebugOption,
    DeviceOption,
    DryRunOption,
    DurationOption,
    EnsembleByOption,
    EnsembleOption,
    ForceEnsembleOption,
    HeightOption,
    JsonOption,
    LongestOption,
    ModelOption,
    OverlapOption,
    OverwriteOption,
    PrecisionOption,
    QuietOption,
    RecursiveOption,
    ShortestOption,
    StartOption,
    StrengthOption,
    ThreadsOption,
    TileOption,
    WidthOption,
    seconds_of,
)
from srcli.core.errors import UsageError

if TYPE_CHECKING:
    from srcli.pipeline.video.run import VideoRun
    from srcli.video.video import Part

_FILES = "Files"
_SIZE = "Size of the output"
_ENCODING = "Encoding"
_INPUT = "Input"


def video(
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
            help="Where to write; by default NAME_x2.EXT beside each input. New folders end in a slash. "
            "NAME.gif, .webp and .apng become animated pictures.",
            rich_help_panel=_FILES,
        ),
    ] = None,
    recursive: RecursiveOption = False,
    frames: Annotated[
        Path | None,
        typer.Option(
            "--frames",
            metavar="FOLDER",
            help="Write numbered pictures instead of a video; with -o, take the frames from there.",
            rich_help_panel=_FILES,
        ),
    ] = None,
    overwrite: OverwriteOption = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Skip what was finished before from the same input with the same settings, "
            "and go on behind the last finished segment of a run that was cut short.",
            rich_help_panel=_FILES,
        ),
    ] = False,
    scale: Annotated[
        float | None,
        typer.Option(
            "-s",
            "--scale",
            help="Factor: 2 (the default), 3, 4 or any other; 1 repairs at the same size.",
            rich_help_panel=_SIZE,
        ),
    ] = None,
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
    strength: StrengthOption = 1.0,
    codec: Annotated[
        str | None,
        typer.Option(
            "--codec",
            metavar="h264|h265|av1|vp9|ffv1|prores|NAME",
            help="Or the name of an encoder; by default the input's family.",
            rich_help_panel=_ENCODING,
        ),
    ] = None,
    crf: Annotated[
        float | None,
        typer.Option(
            "--crf",
            "--quality",
            help="Constant quality on the encoder's own scale: less is better. By default no loss is seen.",
            rich_help_panel=_ENCODING,
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option("--preset", help="The encoder's own, such as slow.", rich_help_panel=_ENCODING),
    ] = None,
    pixel_format: Annotated[
        str | None,
        typer.Option(
            "--pixel-format",
            metavar="yuv420p|yuv444p10le|...",
            help="Depth and chroma; by default the input's.",
            rich_help_panel=_ENCODING,
        ),
    ] = None,
    container: Annotated[
        str | None,
        typer.Option(
            "--container",
            metavar="mp4|mov|mkv|webm|y4m",
            help="By default as the output's name ends, or the input's container.",
            rich_help_panel=_ENCODING,
        ),
    ] = None,
    matrix: Annotated[
        str,
        typer.Option(
            "--matrix",
            metavar="keep|bt709",
            help="Colour matrix; bt709 for players that expect it above standard definition.",
            rich_help_panel=_ENCODING,
        ),
    ] = "keep",
    audio: Annotated[
        bool, typer.Option("--audio/--no-audio", help="Copy sound.", rich_help_panel=_ENCODING)
    ] = True,
    subtitles: Annotated[
        bool, typer.Option("--subtitles/--no-subtitles", help="Copy subtitles.", rich_help_panel=_ENCODING)
    ] = True,
    segment: Annotated[
        int,
        typer.Option(
            "--segment",
            help="Frames that are finished together, which is what a crash costs at most.",
            rich_help_panel=_ENCODING,
        ),
    ] = 250,
    start: StartOption = None,
    duration: DurationOption = None,
    stream: Annotated[
        int | None,
        typer.Option("--stream", help="Number of the video stream, from 0.", rich_help_panel=_INPUT),
    ] = None,
    deinterlace: Annotated[
        str,
        typer.Option(
            "--deinterlace",
            metavar="refuse|auto|on|off",
            help="Interlaced frames: an error, deinterlaced where flagged, all deinterlaced, or left.",
            rich_help_panel=_INPUT,
        ),
    ] = "refuse",
    same: Annotated[
        bool,
        typer.Option(
            "--same/--no-same",
            help="Take over the result of a frame for the next one if both are exactly equal.",
            rich_help_panel=_INPUT,
        ),
    ] = True,
    rate: Annotated[
        float,
        typer.Option("--rate", help="Frames a second of a folder of pictures.", rich_help_panel=_INPUT),
    ] = 25.0,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Stop at the first damage in the input.", rich_help_panel=_INPUT),
    ] = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> int:
    """Enlarge videos: sound, subtitles, times and colours stay as they are.

    Examples:

        srcli video clip.mp4

        srcli video clip.mov -o larger.mkv -s 4 --codec av1

        srcli video clip.mp4 --start 0:30 --duration 5 -o trial.mp4

        srcli video -s 1 old.avi

        srcli video night.mkv --resume
    """
    from srcli.cli.streams import standard_streams
    from srcli.cli.upscale_settings import existing_of, run_options, target_and_model
    from srcli.pipeline.video.run import prepare_run
    from srcli.pipeline.video.settings import Format, VideoSettings

    if not inputs and frames is None:
        raise UsageError("missing argument INPUT", hint="name a video or a folder: srcli video clip.mp4")
    target, model = target_and_model(scale, (width, height, longest, shortest), model, default=2.0)
    settings = VideoSettings(
        target=target,
        model=model,
        device=device,
        options=run_options(
            tile=tile,
            overlap=overlap,
            precision=precision,
            threads=threads,
            ensemble=ensemble,
            ensemble_by=ensemble_by,
            force_ensemble=force_ensemble,
        ),
        strength=strength,
        format=Format(container, codec, crf, preset, pixel_format, matrix, audio, subtitles),
        part=_part(start, duration),
        stream=stream,
        deinterlace=deinterlace,  # type: ignore[arg-type]  # checked by the settings
        strict=strict,
        segment=segment,
        reuse=same,
        frames=frames,
        rate=rate,
        existing=existing_of(overwrite=overwrite),
        resume=resume,
    )
    run = prepare_run(inputs or [], output, settings, recursive=recursive, streams=standard_streams())
    if dry_run:
        return _plan(run, json=json)
    return _run(run, json=json, quiet=quiet)


def _part(start: str | None, duration: str | None) -> Part | None:
    from srcli.video.video import Part

    if start is None and duration is None:
        return None
    return Part(seconds_of("--start", start) or 0.0, seconds_of("--duration", duration))


def _run(run: VideoRun, *, json: bool, quiet: bool) -> int:
    from srcli.cli.streams import check_output_free
    from srcli.cli.video_report import Reporter

    if any(job.target is None for job in run.jobs):
        check_output_free("video", "srcli video - -o - > larger.mkv", json=json)
    with Reporter(run, json=json, quiet=quiet) as reporter:
        return run.start(reporter)


def _plan(run: VideoRun, *, json: bool) -> int:
    from srcli.cli.output import emit_json
    from srcli.cli.video_report import print_plan
    from srcli.core.outcome import exit_code_of
    from srcli.pipeline.video.run import plan_run

    if not json:
        return exit_code_of(print_plan(run))
    codes = []
    for planned in plan_run(run):
        emit_json(planned.to_json())
        codes.append(planned.exit_code)
    return exit_code_of(codes)
