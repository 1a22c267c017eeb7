"""A generator without a network, for what is built around one."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np

from srcli.core.events import silent
from srcli.core.rows import Rows, rows_of, whole
from srcli.engine.tiling.blend import FLOATS
from srcli.engine.tiling.tiled import TiledReport
from srcli.upscaling.generator import RunOptions


@dataclass
class FakeGenerator:
    """Repeats pixels and adds ``lift``; remembers the shapes it was given."""

    scale: int = 2
    lift: float = 0.0
    receptive_field: int = 3
    options: RunOptions = field(default_factory=RunOptions)
    seen: list[tuple[int, ...]] = field(default_factory=list)

    @property
    def card(self) -> SimpleNamespace:
        return SimpleNamespace(
            name="fake", scale=self.scale, rim=self.receptive_field, sha256="0" * 64, colours=False
        )

    def run(self, planes, progress=silent):
        run = self.start(rows_of(planes), progress)
        return whole(run.rows), run.report()

    def start(self, planes, progress=silent, *, pixels=FLOATS, source=None):
        self.seen.append((*planes.size, 3))

        def larger(band):
            enlarged = band.repeat(self.scale, axis=0).repeat(self.scale, axis=1) + np.float32(self.lift)
            return np.clip(enlarged, 0, 1)

        def read(start):
            progress(1, 1)
            for band in planes.read(start // self.scale):
                part = larger(band)[start % self.scale :]
                start = 0
                yield pixels.convert(part)

        report = TiledReport(planes.size, 1, 0, 0, "fp32", ())
        return SimpleNamespace(
            rows=Rows(planes.size.scaled(self.scale), read), tiles=1, report=lambda: report
        )
