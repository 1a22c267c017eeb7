"""The list of metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from srcli.core.errors import UsageError
from srcli.metrics.chroma import chroma_error
from srcli.metrics.colourfulness import colourfulness_ratio
from srcli.metrics.mae import mae
from srcli.metrics.ms_ssim import ms_ssim
from srcli.metrics.mse import mse
from srcli.metrics.psnr import psnr
from srcli.metrics.rmse import rmse
from srcli.metrics.ssim import ssim

if TYPE_CHECKING:
    from srcli.core.arrays import Planes


class Measure(Protocol):
    """A figure for how near a result is to its reference, both (height, width, channels)."""

    def __call__(self, result: Planes, reference: Planes, *, data_range: float) -> float:
        """Compare two pictures of one shape."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Attributes:
        name: as users type it and as outputs name it.
        label: as tables print it.
        measure: the function.
        higher_is_better: which way is good.
        unit: of the figure for pictures in 8-bit levels; empty for a plain number.
        digits: decimals worth printing.
        on_colour: whether it is measured on all colours even where the protocol says luma.
    """

    name: str
    label: str
    measure: Measure
    higher_is_better: bool
    unit: str
    digits: int
    on_colour: bool = False


PERCEPTUAL = "st-lpips"
"""The metric that needs a network."""
ALL = "all"


def _needs_network(result: Planes, reference: Planes, *, data_range: float) -> float:
    raise _without_network()


def _without_network() -> UsageError:
    return UsageError("ST-LPIPS needs its network", hint="give its file: --st-lpips FILE.npz")


METRICS: tuple[Metric, ...] = (
    Metric("psnr", "PSNR", psnr, higher_is_better=True, unit="dB", digits=2),
    Metric("ssim", "SSIM", ssim, higher_is_better=True, unit="", digits=4),
    Metric("mse", "MSE", mse, higher_is_better=False, unit="levels²", digits=2),
    Metric("ms-ssim", "MS-SSIM", ms_ssim, higher_is_better=True, unit="", digits=4),
    Metric("rmse", "RMSE", rmse, higher_is_better=False, unit="levels", digits=3),
    Metric("mae", "MAE", mae, higher_is_better=False, unit="levels", digits=3),
    Metric(
        "chroma",
        "chroma error",
        chroma_error,
        higher_is_better=False,
        unit="levels",
        digits=2,
        on_colour=True,
    ),
    Metric(
        "colourfulness",
        "colourfulness",
        colourfulness_ratio,
        higher_is_better=True,
        unit="of the original's",
        digits=3,
        on_colour=True,
    ),
    Metric(
        PERCEPTUAL,
        "ST-LPIPS (RGB)",
        _needs_network,
        higher_is_better=False,
        unit="",
        digits=4,
        on_colour=True,
    ),
)

DEFAULT_METRICS = ("psnr", "ssim", "mse")


def find_metric(name: str) -> Metric:
    """Look a metric up by name.

    Raises:
        UsageError: there is none of that name.
    """
    for metric in METRICS:
        if metric.name == name:
            return metric
    known = ", ".join(metric.name for metric in METRICS)
    raise UsageError(f"unknown metric '{name}'", hint=f"choose from {known}")


def parse_metrics(words: str, *, perceptual: bool = False) -> tuple[str, ...]:
    """Names of metrics, each once.

    Args:
        words: names with commas between them; ``all`` is one for all that need no network.
        perceptual: whether the metric with a network is measured as well.

    Raises:
        UsageError: the metric with a network is named, and there is none.
    """
    without_network = [metric.name for metric in METRICS if metric.name != PERCEPTUAL]
    names = [name for word in words.split(",") for name in (without_network if word == ALL else [word])]
    if PERCEPTUAL in names and not perceptual:
        raise _without_network()
    return tuple(dict.fromkeys([*names, *([PERCEPTUAL] if perceptual else [])]))
