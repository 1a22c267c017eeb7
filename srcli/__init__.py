"""Super-resolution for the shell: pictures 2, 3 or 4 times larger, sharper than any interpolation.

The public API is small and loaded on first use:

    >>> import srcli
    >>> generator = srcli.load_generator("fast", scale=4)
    >>> larger = generator.upscale("photo.jpg")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.version import __version__

if TYPE_CHECKING:
    from srcli.core.errors import (
        Cancelled,
        InputError,
        MachineError,
        ModelError,
        OutputError,
        SrcliError,
        UsageError,
    )
    from srcli.metrics.psnr import psnr
    from srcli.metrics.ssim import ssim
    from srcli.upscaling.generator import Generator, RunOptions, load_generator

__all__ = [
    "Cancelled",
    "Generator",
    "InputError",
    "MachineError",
    "ModelError",
    "OutputError",
    "RunOptions",
    "SrcliError",
    "UsageError",
    "__version__",
    "load_generator",
    "psnr",
    "ssim",
]

_HOMES = {
    "Cancelled": "srcli.core.errors",
    "InputError": "srcli.core.errors",
    "MachineError": "srcli.core.errors",
    "ModelError": "srcli.core.errors",
    "OutputError": "srcli.core.errors",
    "SrcliError": "srcli.core.errors",
    "UsageError": "srcli.core.errors",
    "Generator": "srcli.upscaling.generator",
    "RunOptions": "srcli.upscaling.generator",
    "load_generator": "srcli.upscaling.generator",
    "psnr": "srcli.metrics.psnr",
    "ssim": "srcli.metrics.ssim",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for, so that ``import srcli`` stays light (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'srcli' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
