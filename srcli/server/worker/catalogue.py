"""What this installation has to offer: generators, formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from srcli.imaging.formats import FORMATS, READABLE_EXTENSIONS, format_read_only
from srcli.imaging.pixels.resize import METHODS
from srcli.models.store import default_store
from srcli.upscaling.choice import AUTOMATIC, CHOICES, CLEAN, EVERYDAY

if TYPE_CHECKING:
    from srcli.core.card import ModelCard

MEDIA_TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "BMP": "image/bmp",
    "AVIF": "image/avif",
    "GIF": "image/gif",
    "PPM": "image/x-portable-anymap",
    "HEIC": "image/heic",
    "JXL": "image/jxl",
}


def describe(default: str) -> dict[str, Any]:
    """Models and formats as the API tells them.

    Args:
        default: the generator where a request names none.
    """
    # They keep the size, and are of use in front of others.
    restorers = sorted({model.card.name for model in default_store().all() if model.card.scale == 1})
    return {"models": _models(default), "restorers": restorers, "reads": _reads(), "writes": _writes()}


def _models(default: str) -> list[dict[str, Any]]:
    cards: dict[str, list[ModelCard]] = {}
    for model in default_store().all():
        if model.card.scale == 1:
            continue  # nothing here asks for a picture at its size
        cards.setdefault(model.card.name, []).append(model.card)
    found: list[dict[str, Any]] = []
    if all(name in cards for name in CHOICES):
        found.append(
            {
                "name": AUTOMATIC,
                "kind": "choice",
                "description": f"{CLEAN} for clean pictures, {EVERYDAY} for all others",
                "scales": [card.scale for card in cards[CLEAN]],
            }
        )
    for name, of_name in cards.items():
        card = of_name[-1]
        found.append(
            {
                "name": name,
                "kind": "generator",
                "description": card.purpose,
                "scales": [each.scale for each in of_name],
                "parameters": card.parameters,
                "licence": card.licence,
            }
        )
    found += [
        {"name": name, "kind": "interpolation", "description": "interpolation", "scales": []}
        for name in METHODS
    ]
    if default not in [model["name"] for model in found]:
        # A file that only the server's owner can name.
        found.append({"name": default, "kind": "generator", "description": "", "scales": []})
    return [{**model, "default": model["name"] == default} for model in found]


def _reads() -> list[dict[str, Any]]:
    read = {name: list(entry.extensions) for name, entry in FORMATS.items()}
    for extension in sorted(READABLE_EXTENSIONS):
        name = format_read_only(extension)
        if name:
            read.setdefault(name, []).append(extension)
    return [
        {"name": name.lower(), "extensions": extensions, "media_type": MEDIA_TYPES[name]}
        for name, extensions in read.items()
    ]


def _writes() -> list[dict[str, Any]]:
    return [
        {
            "name": name.lower(),
            "extensions": list(entry.extensions),
            "media_type": MEDIA_TYPES[name],
            "alpha": entry.alpha,
            "animated": entry.animated,
            "quality": entry.quality,
        }
        for name, entry in FORMATS.items()
    ]
