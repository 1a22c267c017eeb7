"""The values that options can have, for the shell to complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PRECISIONS = ("auto", "fp32", "fp16", "int8")


def complete_models(incomplete: str) -> list[str]:
    """Installed generators, and interpolations."""
    from srcli.imaging.pixels.resize import METHODS
    from srcli.models.store import default_store
    from srcli.upscaling.choice import AUTOMATIC

    names = dict.fromkeys(model.card.name for model in default_store().all())
    return _beginning((AUTOMATIC, *names, *METHODS), incomplete)


def complete_generators(incomplete: str) -> list[str]:
    """Installed generators."""
    from srcli.models.store import default_store

    return _beginning(dict.fromkeys(model.card.name for model in default_store().all()), incomplete)


def complete_restorers(incomplete: str) -> list[str]:
    """Installed generators that keep the size."""
    from srcli.models.store import default_store

    names = dict.fromkeys(model.card.name for model in default_store().all() if model.card.scale == 1)
    return _beginning(names, incomplete)


def complete_devices(incomplete: str) -> list[str]:
    """All kinds of devices, and the GPUs that the driver of NVIDIA knows."""
    from srcli.engine.devices.cuda import CUDA
    from srcli.engine.devices.registry import KINDS

    gpus = map(CUDA.device_name, CUDA.parts())
    return _beginning(("auto", *(kind.name for kind in KINDS), *gpus), incomplete)


def complete_formats(incomplete: str) -> list[str]:
    """Formats that pictures can be written in."""
    from srcli.imaging.formats import FORMATS

    return _beginning((name.lower() for name in FORMATS), incomplete)


def complete_precisions(incomplete: str) -> list[str]:
    """Kinds of arithmetic."""
    return _beginning(PRECISIONS, incomplete)


def _beginning(values: Iterable[str], incomplete: str) -> list[str]:
    return [value for value in values if value.startswith(incomplete)]
