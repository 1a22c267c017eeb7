"""From the options of commands that enlarge pictures to what they ask for."""

from __future__ import annotations

from srcli.cli.restore import DEFAULT_MODEL as RESTORER
from srcli.core.errors import UsageError
from srcli.engine.tiling.ensemble import Ensemble
from srcli.upscaling.choice import AUTOMATIC
from srcli.upscaling.generator import RunOptions
from srcli.upscaling.pages import parse_pages
from srcli.upscaling.settings import Existing, FidelityGuard, UpscaleSettings
from srcli.upscaling.target import Target


def upscale_settings(
    target: Target,
    *,
    model: str,
    device: str,
    precision: str,
    tile: int | None,
    overlap: int | None,
    threads: int | None,
    ensemble: int,
    ensemble_by: str,
    force_ensemble: bool,
    force_colour: bool,
    format: str | None,  # noqa: A002  the option's name
    quality: int | None,
    page: str | None,
    strip: bool,
    strength: float,
    seamless: bool,
    fidelity: str | None,
    min_fidelity: float | None,
    check_seams: bool,
    timeout: float | None,
    overwrite: bool,
    resume: bool,
) -> UpscaleSettings:
    """The settings that options of these names ask for; see ``srcli.cli.options`` and ``target_of``.

    Raises:
        UsageError: a value, or a combination, makes no sense.
    """
    return UpscaleSettings(
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
            force_colour=force_colour,
        ),
        format=format,
        quality=quality,
        strip=strip,
        strength=strength,
        seamless=seamless,
        fidelity=_fidelity(fidelity),
        min_fidelity_db=min_fidelity,
        check_seams=check_seams,
        existing=existing_of(overwrite=overwrite),
        resume=resume,
        timeout_s=timeout,
        pages=parse_pages(page),
    )


def run_options(
    *,
    tile: int | None,
    overlap: int | None,
    precision: str,
    threads: int | None,
    ensemble: int,
    ensemble_by: str,
    force_ensemble: bool,
    force_colour: bool = False,
) -> RunOptions:
    """How generators run, as options of these names ask for it.

    Raises:
        UsageError: a value makes no sense.
    """
    return RunOptions(
        tile=tile,
        overlap=overlap,
        precision=precision,
        threads=threads,
        ensemble=Ensemble(ensemble, ensemble_by),
        force_ensemble=force_ensemble,
        force_colour=force_colour,
    )


def target_of(
    scale: float | None,
    width: int | None,
    height: int | None,
    longest: int | None,
    shortest: int | None,
    *,
    default: float,
) -> Target:
    """The size that options of these names ask for; ``default`` is the scale where none was given.

    Raises:
        UsageError: they don't go together.
    """
    if (scale, width, height, longest, shortest) == (None,) * 5:
        scale = default
    return Target(scale, width, height, longest, shortest)


def target_and_model(
    scale: float | None, sides: tuple[int | None, ...], model: str, *, default: float
) -> tuple[Target, str]:
    """The size and the generators for commands that enlarge, and at ``-s 1`` do what ``srcli restore`` does.

    Raises:
        UsageError: they don't go together.
    """
    if scale != 1 or sides != (None,) * len(sides):
        return target_of(scale, *sides, default=default), model
    return Target(keep=True), RESTORER if model == AUTOMATIC else model


def existing_of(*, overwrite: bool) -> Existing:
    """What is to be done about outputs that exist."""
    return Existing.OVERWRITE if overwrite else Existing.REFUSE


def _fidelity(word: str | None) -> FidelityGuard | None:
    if word is None:
        return None
    if word not in list(FidelityGuard):
        raise UsageError(f"unknown fidelity '{word}'", hint="choose measure or correct")
    return FidelityGuard(word)
