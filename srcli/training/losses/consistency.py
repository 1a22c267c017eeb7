"""Low-pass consistency: reduced again, a generated picture should be the picture it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch.nn import functional

from srcli.training.degradations.bicubic import reduce_bicubic, reduction_taps

if TYPE_CHECKING:
    from torch import Tensor

    from srcli.training.losses.settings import LossSettings
    from srcli.training.sampler import Batch


class ConsistencyLoss:
    """Mean absolute error between the bicubically reduced output and the reduced original.

    The original and not the input, so that it also serves where the input is noisy; for clean inputs the two
    are the same within rounding.
    """

    def __init__(self, settings: LossSettings) -> None:
        self.scale = settings.scale
        self.taps = reduction_taps(settings.scale)

    def __call__(self, generated: Tensor, batch: Batch) -> Tensor:
        """Generated crops (N, 3, H, W), 0..1, to a scalar."""
        mine, original = (reduce_bicubic(p, self.taps, self.scale) for p in (generated, batch.high))
        return functional.l1_loss(mine, original).float()
