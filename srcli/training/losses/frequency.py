"""A loss on the spectrum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor

    from srcli.training.sampler import Batch


def fft_loss(generated: Tensor, batch: Batch) -> Tensor:
    """Mean absolute error of real and imaginary parts of the orthonormal Fourier transform.

    Args:
        generated: (N, 3, H, W), 0..1.
        batch: holds the originals.

    Source: the frequency term of SAFMN and SMFANet (0.05 beside L1 there); the orthonormal transform keeps it
    on the scale of the pixel loss whatever the crop.
    """
    mine, original = (_parts(picture.float()) for picture in (generated, batch.high))
    return functional.l1_loss(mine, original)


def _parts(picture: Tensor) -> Tensor:
    return torch.view_as_real(torch.fft.rfft2(picture, norm="ortho"))
