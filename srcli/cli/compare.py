"""``srcli compare``: methods side by side for the eye."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from srcli.cli.completion import complete_models
from srcli.cli.options import (
    DebugOption,
    DeviceOption,
    DurationOption,
    JsonOption,
    PrecisionOption,
    StartOption,
    ThreadsOption,
    seconds_of,
)

if TYPE_CHECKING:
    from srcli.pipeline.compare.comparison import Comparison
    from srcli.pipeline.compare.crops import Box
    from srcli.pipeline.video.compare import ClipComparison
    from srcli.upscaling.methods import Method

_METHODS = "Methods"
_CROPS = "Close-ups"


def compare(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="The small picture or video.")],
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="SHEET.png|PAGE.html|CLIP.mp4",
            help="A sheet of close-ups, or a page to look around in; of a video a clip, or a page with it.",
        ),
    ],
    reference: Annotated[
        Path | None,
        typer.Option(metavar="HR", help="The true large picture: shown last, and measured against."),
    ] = None,
    scale: Annotated[
        int, typer.Option("-s", "--scale", min=1, help="Whole factor; 1 compares what restores.")
    ] = 4,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "-m",
            "--model",
            metavar="NAME|FILE.onnx",
            autocompletion=complete_models,
            help="A generator, ONNX file or interpolation beside bicubic, or several with commas between, "
            "which run one after the other; may be repeated. By default all installed generators.",
            rich_help_panel=_METHODS,
        ),
    ] = None,
    device: DeviceOption = "auto",
    precision: PrecisionOption = "auto",
    threads: ThreadsOption = None,
    crop: Annotated[
        list[str] | None,
        typer.Option(
            metavar="X,Y,W,H",
            help="A close-up, in pixels of the result; may be repeated. By default where they differ most.",
            rich_help_panel=_CROPS,
        ),
    ] = None,
    crops: Annotated[
        int, typer.Option(min=1, max=8, help="How many to choose by themselves.", rich_help_panel=_CROPS)
    ] = 3,
    start: StartOption = None,
    duration: DurationOption = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the output if it exists.")] = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Show bicubic beside generators beside the truth: as a sheet, or as a page that needs no network.

    Examples:

        srcli compare small.png -o sheet.png

        srcli compare small.png --reference large.png -m fast -m mine.onnx -o page.html

        srcli compare small.png -s 2 --crop 40,60,128,96 -o sheet.png

        srcli compare worn.jpg -s 1 -m clean -o sheet.png

        srcli compare small.mp4 -s 2 -m fast --duration 2 -o sides.mp4
    """
    from srcli.cli.progress import BarEvents
    from srcli.core.outcome import Outcome
    from srcli.pipeline.compare.comparison import compare_methods
    from srcli.pipeline.compare.crops import parse_box
    from srcli.pipeline.compare.outputs import check_target, write_comparison
    from srcli.pipeline.video.compare import LENGTH_S, check_clip_target, compare_clips
    from srcli.pipeline.video.naming import EXTENSIONS
    from srcli.video.video import Part

    boxes = [parse_box(text) for text in crop or ()]
    if source.suffix.lower() in EXTENSIONS:
        check_clip_target(output, overwrite=overwrite)
        methods = _methods(model, scale, device, precision, threads)
        part = Part(seconds_of("--start", start) or 0.0, seconds_of("--duration", duration) or LENGTH_S)
        with BarEvents[Outcome](1) as events:
            made = compare_clips(
                source,
                reference,
                methods,
                scale,
                output,
                part=part,
                box=boxes[0] if boxes else None,
                overwrite=overwrite,
                events=events,
            )
        _print_clip(made, output, scale, json=json)
        return 0
    check_target(output, overwrite=overwrite)
    methods = _methods(model, scale, device, precision, threads)
    with BarEvents[Outcome](1) as events:
        comparison = compare_methods(source, reference, methods, scale, events)
    chosen = _choose(comparison, boxes, crops)
    write_comparison(comparison, chosen, output, overwrite=overwrite)
    _print(comparison, chosen, output, json=json)
    return 0


def _methods(
    models: list[str] | None, scale: int, device: str, precision: str, threads: int | None
) -> list[Method]:
    from srcli.cli.output import warn
    from srcli.upscaling.generator import RunOptions
    from srcli.upscaling.methods import INPUT, installed_names, open_methods

    names = installed_names(scale) if models is None else models
    if not names:
        warn(f"no generator is installed for x{scale}")
    options = RunOptions(precision=precision, threads=threads)
    return open_methods(["bicubic" if scale > 1 else INPUT, *names], scale, device=device, options=options)


def _choose(comparison: Comparison, boxes: list[Box], count: int) -> tuple[Box, ...]:
    from srcli.pipeline.compare.crops import check_boxes, choose_boxes

    if boxes:
        check_boxes(boxes, comparison.size)
        return tuple(boxes)
    # The reference differs from every method wherever there is texture: it only helps against a lone method.
    methods = [pane for pane in comparison.panes if pane is not comparison.reference]
    shown = methods if len(methods) > 1 else comparison.panes
    return choose_boxes([pane.colour for pane in shown], count)


def _print_clip(made: ClipComparison, output: Path, scale: int, *, json: bool) -> None:
    from srcli.cli.output import emit_json, say
    from srcli.core.names import printable

    if json:
        emit_json(
            {
                "input": made.name,
                "output": printable(output),
                "size": [made.size.width, made.size.height],
                "scale": scale,
                "crop": list(made.box),
                "panes": list(made.labels),
                "frames": len(made.times_s),
                "seconds": made.end_s,
            }
        )
        return
    say(f"{printable(output)}: {', '.join(made.labels)}, {len(made.times_s)} frames of {made.size}")


def _print(comparison: Comparison, boxes: tuple[Box, ...], output: Path, *, json: bool) -> None:
    from srcli.cli.output import emit_json, say
    from srcli.core.names import printable

    if json:
        emit_json(
            {
                "input": comparison.name,
                "output": printable(output),
                "size": [comparison.size.width, comparison.size.height],
                "scale": comparison.scale,
                "protocol": str(comparison.protocol) if comparison.protocol else None,
                "crops": [list(box) for box in boxes],
                "panes": [pane.to_json() for pane in comparison.panes],
            }
        )
        return
    labels = ", ".join(pane.label for pane in comparison.panes)
    say(f"{printable(output)}: {labels} at {comparison.size}, close-ups {' '.join(map(str, boxes))}")
