"""A stand-in for torchvision, which spandrel loads and srcli needs nothing of."""

from __future__ import annotations

import contextlib
import sys
import types
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTIONAL = "torchvision.transforms.functional"
NAMES = ("InterpolationMode", "normalize", "rotate")
"""What spandrel takes of it, for networks that fill holes (LaMa) and repair faces (RestoreFormer); both kinds
are refused."""


@contextlib.contextmanager
def torchvision_or_stand_in() -> Iterator[None]:
    """Let spandrel be loaded in this context where torchvision is missing, or not built for this PyTorch.

    Packages of the two from different places do not fit each other; torchvision then fails as it is loaded.
    The stand-in is gone afterwards, and whatever calls it raises RuntimeError.
    """
    if _loads():
        yield
        return
    _forget()
    functional = types.ModuleType(FUNCTIONAL)
    for name in NAMES:
        setattr(functional, name, _missing)
    parts = FUNCTIONAL.split(".")
    for length in range(1, len(parts)):
        name = ".".join(parts[:length])
        sys.modules[name] = types.ModuleType(name)
    sys.modules[FUNCTIONAL] = functional
    try:
        yield
    finally:
        _forget()


def _loads() -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import_module(FUNCTIONAL)
    except (ImportError, OSError, RuntimeError, AttributeError):
        return False
    return True


def _forget() -> None:
    """Take torchvision out of the loaded modules, of which a failed import leaves some."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]


def _missing(*_: object, **__: object) -> NoReturn:
    raise RuntimeError("torchvision is missing, or not built for this PyTorch")
