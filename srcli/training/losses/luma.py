"""A loss on the brightness that PSNR is measured on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch.nn import functional

from srcli.metrics.luma import LUMA_WEIGHTS

if TYPE_CHECKING:
    from torch import Tensor

    from srcli.training.sampler import Batch

_SHARES = tuple(weight / sum(LUMA_WEIGHTS) for weight in LUMA_WEIGHTS)


def luma_loss(generated: Tensor, batch: Batch) -> Tensor:
    """Mean absolute error of the luma of ``generated`` (N, 3, H, W), 0..1, against the high-resolution crops.

    The eye is sharper for brightness than for colour; beside ``l1`` this moves a small generator's effort
    there. Alone it would leave the colours free.
    """
    return functional.l1_loss(_luma(generated), _luma(batch.high))


def _luma(colour: Tensor) -> Tensor:
    """(N, 3, H, W), 0..1, to (N, H, W), 0..1."""
    red, green, blue = colour.unbind(1)
    return _SHARES[0] * red + _SHARES[1] * green + _SHARES[2] * blue
