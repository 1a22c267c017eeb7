"""What the card of an imported generator says."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

from srcli.core.card import ModelCard, Provenance, Variant
from srcli.core.errors import UsageError
from srcli.importers.cost import count_multiplications, count_parameters
from srcli.models.installation import check_name
from srcli.models.verify import sha256_of
from srcli.pipeline.importing.trial import measure_tiling, try_half
from srcli.upscaling.model_ref import ModelRef

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.pipeline.importing.attempt import Attempt

LONGEST_NAME = 64


def choose_name(given: str | None, found: str, scale: int) -> str:
    """The name of a generator: the one given, or what is left of its source's once the scale is taken off.

    Raises:
        UsageError: the name will not do.
    """
    tidy = re.sub(r"[^A-Za-z0-9._-]+", "-", found.removesuffix(f"-x{scale}"))
    name = given or tidy.strip("._-")[:LONGEST_NAME]
    check_name(name)
    if ModelRef(name).is_interpolation:
        raise UsageError(f"{name} is the name of an interpolation", hint="--name ANOTHER")
    return name


def describe(
    attempt: Attempt,
    name: str,
    *,
    form: str,
    licence: str | None = None,
    source_sha256: str = "",
    tell: Callable[[str], None] = lambda _: None,
) -> ModelCard:
    """The card of a generator, its cost, receptive field and seams measured.

    Args:
        attempt: the generator in the workshop.
        name: its name.
        form: ``onnx``, ``pytorch``, ``ncnn`` or ``blend``.
        licence: of the weights; by default what its source says.
        source_sha256: of the file that it was read from.
        tell: told what is being done.
    """
    traits, parity, converted = attempt.session.traits, attempt.parity, attempt.converted
    tiling = measure_tiling(attempt.session, lambda step: tell(f"{name} x{traits.scale}: {step}"))
    return ModelCard(
        name=name,
        scale=traits.scale,
        architecture=converted.architecture,
        parameters=count_parameters(converted.model),
        macs_per_pixel=count_multiplications(converted.model),
        receptive_field=tiling.receptive_field,
        overlap=tiling.overlap,
        fp16_safe=False,
        licence=licence or converted.licence,
        sha256=sha256_of(attempt.path),
        value_range=traits.value_range if traits.value_range == traits.output_range else None,
        least_side=traits.minimum,
        whole=attempt.session.traits.whole,
        provenance=Provenance(
            form=form,
            source=converted.source,
            source_sha256=source_sha256,
            runtime=parity.runtime if parity else "",
            parity_levels=round(parity.difference.levels, 3) if parity else None,
            parity_share=round(parity.difference.share, 6) if parity else None,
            seam_levels=None if tiling.seams is None else round(tiling.seams.levels, 3),
            seam_share=None if tiling.seams is None else round(tiling.seams.share, 6),
        ),
    )


def add_half(card: ModelCard, attempt: Attempt) -> ModelCard:
    """The card with a variant at half precision, where that holds; its file lies in the workshop."""
    target = attempt.path.with_name(f"{card.name}-x{card.scale}.fp16.onnx")
    if not try_half(attempt.session, attempt.converted.model, target):
        return card
    variant = Variant(target.name, sha256_of(target))
    return dataclasses.replace(card, fp16_safe=True, variants={"fp16": variant})


def keep_claims(card: ModelCard, known: ModelCard | None, licence: str | None) -> ModelCard:
    """The card with what its maker's card says that can't be measured here."""
    if known is None:
        return card
    return dataclasses.replace(
        card,
        architecture=known.architecture,
        licence=licence or known.licence,
        purpose=known.purpose,
        training=known.training,
        quality=known.quality,
    )
