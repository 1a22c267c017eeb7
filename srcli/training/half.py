"""Half precision: the `fp16` variant of an exported generator."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from srcli.training.onnx_file import HalfPrecision, write_onnx
from srcli.training.parity import largest_difference, open_exported

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

    from srcli.core.card import ModelCard

SAFE_DIFFERENCE = 1 / 255


def write_half(generator: nn.Module, full: Path, half: Path, card: ModelCard) -> bool:
    """Write the half-precision file beside the full one, and keep it if it stays within one level of it.

    Returns:
        Whether it does; otherwise the file is gone again.
    """
    write_onnx(HalfPrecision(copy.deepcopy(generator)), half)
    difference = largest_difference(open_exported(half, card), open_exported(full, card))
    safe = difference <= SAFE_DIFFERENCE
    if not safe:
        half.unlink()
    return safe
