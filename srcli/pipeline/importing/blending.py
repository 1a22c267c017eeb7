"""Blending: a generator between two that are installed, or lie in files."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.errors import UsageError
from srcli.importers.blend import blend
from srcli.importers.converted import Converted
from srcli.models.installation import check_free, install, open_workshop
from srcli.models.store import InstalledModel, default_store
from srcli.models.verify import verify
from srcli.pipeline.importing.attempt import Attempt
from srcli.pipeline.importing.description import add_half, choose_name, describe
from srcli.pipeline.importing.trial import open_trial
from srcli.upscaling.model_ref import ModelRef

if TYPE_CHECKING:
    from srcli.core.card import ModelCard


@dataclass(frozen=True, slots=True)
class BlendRequest:
    """What to blend.

    Attributes:
        first: name of an installed generator, or an ONNX file.
        second: the other one, of the same shape.
        alpha: share of the second, 0..1.
        name: of the new generator.
        scale: of both; needed where they share more than one.
    """

    first: str
    second: str
    alpha: float
    name: str
    scale: int | None = None


def blend_models(request: BlendRequest) -> InstalledModel:
    """Interpolate the weights of two generators, examine the result, and put it into the user's folder.

    Raises:
        UsageError: the share, the name or the scale makes no sense.
        UnsuitableModel: the two are not of one shape, or what is between them is no generator.
        OutputError: there is a generator of that name already.
    """
    if not (math.isfinite(request.alpha) and 0 <= request.alpha <= 1):
        raise UsageError(f"a share of {request.alpha:g} makes no sense", hint="--alpha takes 0 to 1")
    scale = _common_scale(request)
    first, second = (ModelRef(name).find(scale) for name in (request.first, request.second))
    if first.card.scale != second.card.scale:
        raise UsageError(f"{request.first} is x{first.card.scale}, {request.second} x{second.card.scale}")
    name = choose_name(request.name, request.name, first.card.scale)
    check_free(name, first.card.scale)
    for model in (first, second):
        verify(model)
    content = blend(first.path, second.path, request.alpha)
    with open_workshop() as workshop:
        path = workshop / "blend.onnx"
        path.write_bytes(content)
        converted = Converted(
            name,
            content,
            first.card.architecture,
            _licence(first.card, second.card),
            _recipe(request, first, second),
        )
        session = open_trial(path, first.card.value_range)
        attempt = Attempt(converted, path, session, None, first.card.value_range)
        return install(add_half(describe(attempt, name, form="blend"), attempt), path)


def _common_scale(request: BlendRequest) -> int | None:
    """The scale to look installed generators up with; None where both are files."""
    store = default_store()
    scales = [
        set(store.scales(name)) for name in (request.first, request.second) if ModelRef(name).file is None
    ]
    common = set.intersection(*scales) if scales else set()
    if request.scale is not None or not scales:
        return request.scale
    if len(common) == 1:
        return common.pop()
    if not common:
        raise UsageError(f"{request.first} and {request.second} share no scale", hint="srcli models list")
    choices = " or ".join(f"-s {scale}" for scale in sorted(common))
    raise UsageError("the generators share more than one scale", hint=f"choose {choices}")


def _licence(first: ModelCard, second: ModelCard) -> str:
    """The licence of both: what came of both has to keep to both."""
    if first.licence == second.licence:
        return first.licence
    return f"{first.licence} ({first.name}) and {second.licence} ({second.name})"


def _recipe(request: BlendRequest, first: InstalledModel, second: InstalledModel) -> str:
    """What the blend was made of, for its card."""
    parts = ((1 - request.alpha, first.card), (request.alpha, second.card))
    return " + ".join(
        f"{share:.4g} {card.name} x{card.scale} (sha256 {card.sha256[:12]})" for share, card in parts
    )
