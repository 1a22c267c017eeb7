"""A loss on the colours, whatever the brightness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch.nn import functional

from srcli.training.ycc import to_ycc

if TYPE_CHECKING:
    from torch import Tensor

    from srcli.training.sampler import Batch


def chroma_loss(generated: Tensor, batch: Batch) -> Tensor:
    """Mean absolute error of Cb and Cr of ``generated`` (N, 3, H, W), 0..1, against the originals.

    The gradient of ``l1`` is the sign of each channel's error. Where the brightness is off by more than the
    colour, as nearly everywhere in degraded pictures, all three signs agree, and a generator learns the
    colours last: it leaves coloured noise where grey noise goes.
    """
    mine, original = (to_ycc(picture)[:, 1:] for picture in (generated, batch.high))
    return functional.l1_loss(mine, original)
