"""What generators of a scale are measured on, by the words on their cards."""

from __future__ import annotations

from srcli.imaging.degradation.degradation import Degradation

REPAIRED = (Degradation(1, jpeg_quality=40), Degradation(1, noise_sigma=15.0))
"""What a generator that keeps the size is measured on."""


def benchmark_degradations(scale: int) -> dict[str, Degradation]:
    """How the pictures of benchmarks are degraded, by the words on cards.

    Args:
        scale: of a generator: above 1 it is MATLAB's bicubic alone, as papers have it.
    """
    if scale > 1:
        return {"bicubic": Degradation(scale)}
    return {str(degradation): degradation for degradation in REPAIRED}
