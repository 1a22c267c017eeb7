"""What losses need to know about the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class LossSettings:
    """The run's scale, device, the weights of the perception network if there are any, and precision."""

    scale: int
    device: str = "cpu"
    perception: Path | None = None
    precision: str = "fp32"
