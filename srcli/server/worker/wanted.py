"""What a client wishes, as the settings of the path that all pictures take."""

from __future__ import annotations

from typing import Any

from srcli.imaging.formats import format_from_name
from srcli.upscaling.generator import RunOptions
from srcli.upscaling.settings import Existing, UpscaleSettings
from srcli.upscaling.target import Target


def settings_of(
    wishes: dict[str, Any],
    *,
    device: str = "auto",
    threads: int | None = None,
    timeout_s: float | None = None,
) -> UpscaleSettings:
    """The settings that the command line would make of the same words.

    Args:
        wishes: of the client, by the names of ``srcli.server.wishes``.
        device: where generators run.
        threads: CPU threads; None for all cores.
        timeout_s: that the work may take, in seconds.

    Raises:
        UsageError: they don't go together.
    """
    sides = {name: wishes[name] for name in ("width", "height", "longest", "shortest")}
    if wishes["format"]:
        format_from_name(wishes["format"])
    return UpscaleSettings(
        target=Target(wishes["scale"], **sides),
        model=wishes["model"],
        device=device,
        options=RunOptions(threads=threads),
        format=wishes["format"],
        quality=wishes["quality"],
        strip=wishes["strip"],
        strength=wishes["strength"],
        seamless=wishes["seamless"],
        # Of a process that died between the last byte and saying so.
        existing=Existing.OVERWRITE,
        timeout_s=timeout_s,
    )
