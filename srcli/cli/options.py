"""Command line options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from srcli.cli.completion import complete_devices, complete_models, complete_precisions
from srcli.cli.output import show_tracebacks

_ENGINE = "Generator and device"

ModelOption = Annotated[
    str,
    typer.Option(
        "-m",
        "--model",
        metavar="auto|NAME|FILE.onnx",
        envvar="SRCLI_MODEL",
        autocompletion=complete_models,
        help="Generator: a name from `srcli models list`, an ONNX file, or an interpolation such as bicubic. "
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
StLpipsOption = Annotated[
    Path | None,
    typer.Option(
        "--st-lpips",
        metavar="FILE.npz",
        help="Network of the perceptual distance ST-LPIPS, which is then measured as well, on RGB.",
        rich_help_panel="Protocol",
    ),
]
JsonOption = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON object per line on stdout, and nothing else there."),
]
DebugOption = Annotated[
    bool,
    typer.Option("--debug", callback=show_tracebacks, help="Show the traceback of an internal error."),
]
