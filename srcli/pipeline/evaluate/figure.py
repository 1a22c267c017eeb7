"""What is measured, and one measured figure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from srcli.core.errors import UsageError
from srcli.core.outcome import Outcome
from srcli.engine.tiling.ensemble import Ensemble
from srcli.imaging.degradation.degradation import Degradation
from srcli.metrics.protocol import Channel, Protocol, usual_shave
from srcli.metrics.registry import PERCEPTUAL, find_metric
from srcli.pipeline.measure.pair import finite_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from srcli.metrics.registry import Measure
    from srcli.metrics.st_lpips import StLpips

GIVEN = "small pictures as given"
"""In place of a degradation, where a benchmark brings its small pictures."""


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """What is measured.

    Attributes:
        scale: whole factor; 1 where generators repair.
        metrics: names of metrics.
        channel: ``y`` or ``rgb``.
        shave: border left out, in pixels; ``None`` for the scale, as papers do, and none at scale 1.
        precision: of the generators' arithmetic.
        ensemble: the orientations in which generators see each tile.
        lows: the small picture of each reference, where a benchmark brings them; None shrinks references.
        degradation: of references, at the scale; MATLAB's bicubic by default, which papers degrade with.
        results: folder where results are kept as PNG; None keeps none.
        st_lpips: the perceptual metric with its network, where it is one of the metrics.
    """

    scale: int
    metrics: tuple[str, ...] = ("psnr", "ssim")
    channel: Channel = "y"
    shave: int | None = None
    precision: str = "fp32"
    st_lpips: StLpips | None = None
    ensemble: Ensemble = field(default_factory=Ensemble)
    lows: Mapping[Path, Path] | None = None
    degradation: Degradation | None = None
    results: Path | None = None

    def __post_init__(self) -> None:
        if self.scale < 1:
            raise UsageError(f"cannot evaluate at x{self.scale}", hint="choose -s 1, -s 2, -s 3 or -s 4")
        for name in self.metrics:
            find_metric(name)
        self.protocol(8)

    @property
    def degrades_by(self) -> Degradation:
        """How references become what methods get."""
        return self.degradation or Degradation(self.scale)

    @property
    def made_by(self) -> str:
        """Where small pictures come from, in words."""
        return str(self.degrades_by) if self.lows is None else f"{GIVEN} /{self.scale}"

    @property
    def shaping(self) -> list[Any]:
        """All of it that shapes a figure, as JSON-ready values."""
        network = [self.st_lpips.sha256] if self.st_lpips else []
        ensemble = [str(self.ensemble)] if self.ensemble.size > 1 else []
        degraded = [str(self.degradation)] if self.degradation else []
        return [
            self.scale,
            self.metrics,
            self.channel,
            self.shave,
            self.precision,
            *network,
            *ensemble,
            *degraded,
        ]

    @property
    def networks(self) -> dict[str, Measure]:
        """Metrics that need a network, with it, by name."""
        return {PERCEPTUAL: self.st_lpips} if self.st_lpips else {}

    def protocol(self, depth: int) -> Protocol:
        """The protocol for references of a depth in bits."""
        return Protocol(self.channel, usual_shave(self.scale) if self.shave is None else self.shave, depth)


@dataclass(frozen=True, slots=True)
class Figure(Outcome):
    """What one method made of one picture; ``seconds`` are those of enlarging alone.

    ``size`` is (width, height) of the reference as it was measured, in pixels.
    """

    picture: str
    method: str
    model_sha256: str | None
    scale: int
    degradation: str
    protocol: str | None = None
    size: tuple[int, int] | None = None
    seconds: float | None = None
    figures: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values; an infinite figure is null."""
        values = Outcome.to_json(self)
        figures = values.pop("figures")
        return values | {name: finite_or_none(value) for name, value in figures.items()}
