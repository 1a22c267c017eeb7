"""A generator without a network, for what is built around one."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np

from srcli.core.geometry import Size
from srcli.core.progress import silent
from srcli.engine.tiled import TiledReport


@dataclass
class FakeGenerator:
    """Repeats pixels and adds ``lift``; remembers the shapes it was given."""

    scale: int = 2
    lift: float = 0.0
    receptive_field: int = 3
    seen: list[tuple[int, ...]] = field(default_factory=list)

    @property
    def card(self) -> SimpleNamespace:
        return SimpleNamespace(
            name="fake", scale=self.scale, receptive_field=self.receptive_field, sha256="0" * 64
        )

    def run(self, planes, progress=silent):
        self.seen.append(planes.shape)
        progress(1, 1)
        larger = planes.repeat(self.scale, axis=0).repeat(self.scale, axis=1) + np.float32(self.lift)
        return np.clip(larger, 0, 1), TiledReport(Size(*planes.shape[:2]), 1, 0, 0, "fp32", ())
