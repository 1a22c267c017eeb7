"""What the workers of a run have to know and to have before they get work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from srcli.core.precision import AUTO
from srcli.core.version import __version__
from srcli.engine.devices.cpu import CPU
from srcli.pipeline.cluster.orders import Setup
from srcli.pipeline.cluster.shipping import to_ship
from srcli.upscaling.pool import GeneratorPool

if TYPE_CHECKING:
    from srcli.upscaling.run import Run
    from srcli.upscaling.settings import UpscaleSettings


@dataclass(frozen=True, slots=True)
class Commission:
    """What a run asks of its workers.

    Attributes:
        settings: what to do.
        pool: the generators, as they lie on the machine that plans.
        remembers: whether workers note finished pictures for ``--resume``.
        stores: addresses, one for each place that workers read from or write to.
    """

    settings: UpscaleSettings
    pool: GeneratorPool
    remembers: bool = False
    stores: tuple[str, ...] = ()

    def setup(self, device: str) -> Setup:
        """The same for workers that each take a device."""
        models = tuple(shipped for shipped, _ in to_ship(self.pool))
        return Setup(__version__, replace(self.settings, device=device), self.remembers, models, self.stores)


def commission_of(run: Run) -> Commission:
    """What a run over files asks of its workers."""
    return Commission(run.settings, run.pool, run.worker.outputs.remembers)


def planning_pool(settings: UpscaleSettings) -> GeneratorPool:
    """The generators of a run, on the machine that plans it and need not have what workers compute with."""
    precision = settings.options.precision
    if precision != AUTO and CPU.precision_problem(CPU.default, precision) is not None:
        precision = AUTO
    options = replace(settings.options, precision=precision)
    return GeneratorPool(settings.model, "cpu", options, keep=settings.target.keep)
