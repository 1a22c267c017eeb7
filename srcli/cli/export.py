"""``srcli export``: a training run becomes a generator file with its card."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from srcli.cli.options import DebugOption, JsonOption
from srcli.core.errors import MissingExtra, UsageError

if TYPE_CHECKING:
    from srcli.training.export import Exported

_CARD = "What the card says"


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run, or one of its checkpoints.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="NAME.onnx", help="The file; its card lies beside it.")
    ],
    name: Annotated[
        str | None,
        typer.Option("--name", help="Name of the generator; by default the file's.", rich_help_panel=_CARD),
    ] = None,
    purpose: Annotated[
        str, typer.Option("--purpose", help="What it is for, in a sentence.", rich_help_panel=_CARD)
    ] = "",
    licence: Annotated[
        str, typer.Option("--licence", help="Licence of the weights.", rich_help_panel=_CARD)
    ] = "",
    data: Annotated[str, typer.Option("--data", help="What it was trained on.", rich_help_panel=_CARD)] = "",
    data_licence: Annotated[
        str, typer.Option("--data-licence", help="Licence of that.", rich_help_panel=_CARD)
    ] = "",
    benchmarks: Annotated[
        Path | None,
        typer.Option(
            "--benchmarks",
            metavar="FOLDER",
            help="Measure it on Set5, Set14 and BSD100 in this folder.",
            rich_help_panel=_CARD,
        ),
    ] = None,
    fp16: Annotated[bool, typer.Option("--fp16", help="Half precision as well, where it holds.")] = False,
    int8: Annotated[
        Path | None,
        typer.Option(
            "--int8", metavar="FOLDER", help="8-bit integers as well, with ranges found on these pictures."
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")] = False,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Write the averaged weights of a run as ONNX, checked against PyTorch, with a card.

    Examples:

        srcli export runs/mine -o mine-x4.onnx

        srcli export runs/mine -o mine-x4.onnx --fp16 --benchmarks bench/
    """
    if output.suffix != ".onnx":
        raise UsageError(f"{output} has to end in .onnx")
    _require("torch")
    _require("onnx")
    from srcli.training.export import export_run
    from srcli.training.export_request import ExportRequest

    exported = export_run(
        ExportRequest(
            run=run,
            target=output,
            name=name or output.stem.rpartition("-x")[0] or output.stem,
            purpose=purpose,
            licence=licence,
            data=data,
            data_licence=data_licence,
            benchmarks=benchmarks,
            half=fp16,
            calibration=int8,
            overwrite=overwrite,
        )
    )
    _report(exported, output, json)


def _require(package: str) -> None:
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise MissingExtra("srcli export", extra="train")


def _report(exported: Exported, output: Path, json: bool) -> None:
    import dataclasses

    from srcli.cli.output import emit_json, say

    card = exported.card
    if json:
        emit_json({**dataclasses.asdict(card), "difference": exported.difference})
        return
    say(f"wrote {output}: {card.parameters} parameters, {card.macs_per_pixel} multiply-adds per input pixel")
    variants = ", ".join(card.variants) or "none"
    say(f"largest difference from PyTorch {exported.difference:.1e}; variants: {variants}")
    for figure in card.quality:
        say(f"{figure.benchmark}: {figure.psnr_db:.2f} dB, SSIM {figure.ssim:.4f}")
