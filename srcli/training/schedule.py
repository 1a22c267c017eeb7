"""The learning rate over a run."""

from __future__ import annotations

import math


def rate_factor(step: int, consumed: float, warmup_steps: int, decay_share: float) -> float:
    """Factor on the peak learning rate: linear warm-up, constant, then half a cosine down to 1 %.

    Args:
        step: steps done, from 0.
        consumed: share of the budget consumed, 0..1; the budget may be steps or minutes.
        warmup_steps: number of steps of the warm-up.
        decay_share: share of the budget, at its end, over which the rate falls.
    """
    warm = min(1.0, (step + 1) / max(1, warmup_steps))
    into_decay = (consumed - (1.0 - decay_share)) / decay_share if decay_share > 0 else 0.0
    phase = min(1.0, max(0.0, into_decay))
    return warm * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * phase)))
