"""``srcli models blend``: a generator between two."""

from __future__ import annotations

from typing import Annotated

import typer

from srcli.cli.models.card import card_object, print_summary
from srcli.cli.options import DebugOption, JsonOption
from srcli.cli.output import emit_json


def blend(
    first: Annotated[str, typer.Argument(metavar="A", help="A generator's name, or an ONNX file.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Another one of the same shape.")],
    name: Annotated[str, typer.Option("--name", help="Name of the new generator.")],
    alpha: Annotated[float, typer.Option("--alpha", help="Share of B: 0 gives A, 1 gives B.")] = 0.5,
    scale: Annotated[
        int | None, typer.Option("-s", "--scale", help="Where they share more than one scale.")
    ] = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Interpolate the weights of two generators of one shape, one trained on from the other.

    Example:

        srcli models blend sharp faithful --alpha 0.6 --name between
    """
    from srcli.pipeline.importing.blending import BlendRequest, blend_models

    model = blend_models(BlendRequest(first, second, alpha, name, scale))
    if json:
        emit_json(card_object(model))
    else:
        print_summary(model.card)
    return 0
