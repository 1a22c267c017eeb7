"""Command line options that several commands share."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from srcli.cli.completion import complete_devices, complete_formats, complete_models, complete_precisions
from srcli.cli.output import show_tracebacks
from srcli.core.errors import UsageError

_ENGINE = "Generator and device"
_FILES = "Files"
_LOOK = "Look and format"
_SIZE = "Size of the output"

RecursiveOption = Annotated[
    bool,
    typer.Option(
        "-r", "--recursive", help="Look into folders below, and keep the tree.", rich_help_panel=_FILES
    ),
]
InputsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="INPUT...", help="Files, folders, globs, or - for standard input."),
]
FilesFromOption = Annotated[
    str | None,
    typer.Option(
        "--files-from",
        metavar="FILE|-",
        help="Take the names of further inputs from a file or standard input: a line each, or as "
        "find -print0 writes them.",
        rich_help_panel=_FILES,
    ),
]
ResumeOption = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Skip what was finished before from the same input with the same settings, "
        "and go on within a large picture where a run was cut short.",
        rich_help_panel=_FILES,
    ),
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace outputs that exist.", rich_help_panel=_FILES)
]
ShardOption = Annotated[
    str | None,
    typer.Option(
        "--shard",
        metavar="I/N",
        help="Take one of N parts of the pictures, which their names alone decide; I counts from 0 or 1.",
        rich_help_panel=_FILES,
    ),
]
ClusterOption = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="auto|HOST:PORT",
        help="Have the pictures enlarged by the machines of a Ray cluster: the one that this machine belongs "
        "to, or the one at an address.",
        rich_help_panel=_ENGINE,
    ),
]
WorkersPerGpuOption = Annotated[
    int,
    typer.Option(
        "--workers-per-gpu",
        metavar="N",
        help="Workers of a cluster that share a GPU, each with one part of N.",
        rich_help_panel=_ENGINE,
    ),
]
WidthOption = Annotated[
    int | None,
    typer.Option("--width", help="Width in pixels; with --height, fit into both.", rich_help_panel=_SIZE),
]
HeightOption = Annotated[
    int | None, typer.Option("--height", help="Height in pixels.", rich_help_panel=_SIZE)
]
LongestOption = Annotated[
    int | None, typer.Option("--longest", help="Longest side in pixels.", rich_help_panel=_SIZE)
]
ShortestOption = Annotated[
    int | None, typer.Option("--shortest", help="Shortest side in pixels.", rich_help_panel=_SIZE)
]

ModelOption = Annotated[
    str,
    typer.Option(
        "-m",
        "--model",
        metavar="auto|NAME|FILE.onnx",
        envvar="SRCLI_MODEL",
        autocompletion=complete_models,
        help="Generator: a name from `srcli models list`, an ONNX file, or an interpolation such as bicubic; "
        "several run one after the other: clean,photo. "
        "auto takes fast for clean pictures and everyday for all others.",
        rich_help_panel=_ENGINE,
    ),
]
DeviceOption = Annotated[
    str,
    typer.Option(
        "--device",
        metavar="auto|cpu|cuda[:N,...]|openvino[:cpu|gpu|npu]|...",
        envvar="SRCLI_DEVICE",
        autocompletion=complete_devices,
        help="Where to run: `srcli doctor` lists all kinds. auto says what it took and why; nothing else "
        "ever takes the CPU instead.",
        rich_help_panel=_ENGINE,
    ),
]
PrecisionOption = Annotated[
    str,
    typer.Option(
        "--precision",
        metavar="auto|fp32|fp16|bf16|int8",
        autocompletion=complete_precisions,
        help="Arithmetic; auto is fp16 on a GPU where the card calls it safe, else fp32. bf16 moves pixels "
        "by some levels.",
        rich_help_panel=_ENGINE,
    ),
]
TileOption = Annotated[
    int | None,
    typer.Option(
        "--tile",
        help="Side of the tiles in input pixels; by default 96-pixel patches fused as memory allows.",
        rich_help_panel=_ENGINE,
    ),
]
OverlapOption = Annotated[
    int | None,
    typer.Option(
        "--overlap",
        help="Rim of each tile in input pixels; by default what makes tiles exact.",
        rich_help_panel=_ENGINE,
    ),
]
ThreadsOption = Annotated[
    int | None,
    typer.Option("--threads", help="CPU threads; by default one per core.", rich_help_panel=_ENGINE),
]
EnsembleOption = Annotated[
    int,
    typer.Option(
        "--ensemble",
        metavar="2|4|8",
        help="Run each tile in so many orientations, and take the mean; costs as many times as much.",
        rich_help_panel=_ENGINE,
    ),
]
EnsembleByOption = Annotated[
    str,
    typer.Option(
        "--ensemble-by", metavar="mean|median", help="What is made of them.", rich_help_panel=_ENGINE
    ),
]
ForceEnsembleOption = Annotated[
    bool,
    typer.Option(
        "--force-ensemble",
        help="Also for generators that an adversary taught, whose texture it averages away.",
        rich_help_panel=_ENGINE,
    ),
]
ForceColourOption = Annotated[
    bool,
    typer.Option(
        "--force-colour",
        help="Also give colours to pictures that have some already, in place of those.",
        rich_help_panel=_ENGINE,
    ),
]
StLpipsOption = Annotated[
    Path | None,
    typer.Option(
        "--st-lpips",
        metavar="FILE.npz",
        help="Network of the perceptual distance ST-LPIPS, which is then measured as well, on RGB.",
        rich_help_panel="Protocol",
    ),
]
StrengthOption = Annotated[
    float,
    typer.Option(
        "--strength", help="0 to 1: share of the generator, the rest is bicubic.", rich_help_panel=_LOOK
    ),
]
ScaleOption = Annotated[
    float | None,
    typer.Option("-s", "--scale", help="Factor: 2, 3, 4 (the default) or any other.", rich_help_panel=_SIZE),
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="png|jpeg|webp|tiff|bmp|avif|gif|ppm",
        envvar="SRCLI_FORMAT",
        autocompletion=complete_formats,
        help="Output format; by default the input's, or that of the output's extension.",
        rich_help_panel=_LOOK,
    ),
]
QualityOption = Annotated[
    int | None,
    typer.Option(
        "--quality",
        envvar="SRCLI_QUALITY",
        help="1 to 100 for JPEG (95 by default), WebP and AVIF.",
        rich_help_panel=_LOOK,
    ),
]
PageOption = Annotated[
    str | None,
    typer.Option(
        "--page",
        metavar="N|all",
        help="Which picture of a file that holds several (TIFF, MPO, HEIC), from 1, or each as a file of "
        "its own; by default the main one.",
        rich_help_panel=_FILES,
    ),
]
StripOption = Annotated[
    bool,
    typer.Option("--strip", help="Drop metadata; the colour profile stays.", rich_help_panel=_LOOK),
]
SeamlessOption = Annotated[
    bool,
    typer.Option("--seamless", help="For textures that wrap around at their edges.", rich_help_panel=_LOOK),
]
FidelityOption = Annotated[
    str | None,
    typer.Option(
        "--fidelity",
        metavar="measure|correct",
        help="Shrink each result back and compare it with its input; correct moves colours back as well.",
        rich_help_panel=_LOOK,
    ),
]
MinFidelityOption = Annotated[
    float | None,
    typer.Option(
        "--min-fidelity",
        metavar="DB",
        help="Keep no result whose PSNR, shrunk back, is below.",
        rich_help_panel=_LOOK,
    ),
]
TimeoutOption = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        help="Give up a picture that takes longer; by default only one whose reading takes far too long.",
        rich_help_panel=_ENGINE,
    ),
]
CheckSeamsOption = Annotated[
    bool,
    typer.Option(
        "--check-seams",
        help="Compute parts again in a larger window, and tell how far the tiles are from it.",
        rich_help_panel=_ENGINE,
    ),
]
VerboseOption = Annotated[
    bool,
    typer.Option("-v", "--verbose", help="Tell the device, the generator, the tile of each picture too."),
]
StartOption = Annotated[
    str | None,
    typer.Option("--start", metavar="SECONDS|M:SS|H:MM:SS", help="Of a video: begin there, for a trial."),
]
DurationOption = Annotated[
    str | None,
    typer.Option("--duration", metavar="SECONDS|M:SS|H:MM:SS", help="Of a video: take only so much."),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Print what would be done, with its cost, and do nothing.")
]
QuietOption = Annotated[bool, typer.Option("-q", "--quiet", help="Print errors only.")]
JsonOption = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON object per line on stdout, and nothing else there."),
]
DebugOption = Annotated[
    bool,
    typer.Option("--debug", callback=show_tracebacks, help="Show the traceback of an internal error."),
]


def seconds_of(option: str, text: str | None) -> float | None:
    """A time such as ``12.5``, ``1:30`` or ``0:01:30`` in seconds; None where none was given.

    Raises:
        UsageError: it is no time.
    """
    if text is None:
        return None
    try:
        parts = [float(part) for part in text.split(":")]
    except ValueError:
        parts = []
    if not 1 <= len(parts) <= len(("hours", "minutes", "seconds")) or not all(map(math.isfinite, parts)):
        raise UsageError(f"{option} {text} is no time", hint="give seconds, or M:SS, such as 1:30")
    seconds = 0.0
    for part in parts:
        seconds = 60.0 * seconds + part
    return seconds
