"""How good the colours of results are: near to the original, and colourful enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


class Verdict(NamedTuple):
    """On one picture or the mean of many; chroma is in units of white.

    Attributes:
        error: mean squared distance from the original's chroma.
        grey_error: the same of grey.
        better: share of the pictures that are nearer to the original than grey is.
        made: mean distance of the result's chroma from grey.
        own: the same of the original's.
    """

    error: float
    grey_error: float
    better: float
    made: float
    own: float

    @property
    def colourfulness(self) -> float:
        """Mean chroma as a share of the original's."""
        return self.made / self.own

    def __str__(self) -> str:
        return (
            f"chroma error {self.error**0.5:.4f} (grey {self.grey_error**0.5:.4f}), "
            f"better than grey {self.better:.2f}, colourfulness {self.colourfulness:.2f}"
        )


def judge(result: Tensor, chroma: Tensor) -> Verdict:
    """The chroma of one result, (1, 2, H, W), beside the original's."""
    error = float((result - chroma).square().sum(1).mean())
    grey_error = float(chroma.square().sum(1).mean())
    made, own = (float(each.norm(dim=1).mean()) for each in (result, chroma))
    return Verdict(error, grey_error, float(error < grey_error), made, own)


def summed_up(verdicts: Sequence[Verdict]) -> Verdict:
    """The mean of verdicts."""
    return Verdict(*(sum(values) / len(verdicts) for values in zip(*verdicts, strict=True)))
