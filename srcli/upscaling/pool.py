"""The generators of one run: every scale that each has, one device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.errors import UsageError
from srcli.engine.devices.registry import choose_device
from srcli.engine.machine import usable_cores
from srcli.upscaling.chain import label
from srcli.upscaling.choice import CHOICES
from srcli.upscaling.generator import Generator, RunOptions
from srcli.upscaling.model_ref import ModelRef, refs_in
from srcli.upscaling.target import share_scales

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from srcli.engine.devices.kind import Device
    from srcli.models.store import InstalledModel
    from srcli.upscaling.settings import UpscaleSettings

MOST_RUNS = 8
"""Runs beside one another. Each takes memory for a window, and what they share in Python grows with them."""


class GeneratorPool:
    """All generators that a run may need; their sessions open on first use.

    Args:
        model: the name of a generator or of an interpolation, several with commas between, which run one
            after the other, or ``auto`` for the choice of shipped ones.
        device: where they run.
        options: how they run.
        found: the generators of each name, where they were looked for before.
        keep: whether pictures keep their size.

    Attributes:
        model: see there.
        device: where they run.
        side_by_side: small pictures that are best enlarged at a time, each with its share of a CPU's threads.

    Raises:
        UsageError: what is named can't do what is asked.
        UnknownModel: there is no generator of that name.
        DeviceUnavailable: the device can't be used.
    """

    def __init__(
        self,
        model: str,
        device: str,
        options: RunOptions,
        found: Mapping[str, Sequence[InstalledModel]] | None = None,
        *,
        keep: bool = False,
    ) -> None:
        self.model = model
        # A file of this name need not be here where it was found before.
        self._refs = (ModelRef(model),) if found and model in found else refs_in(model)
        self.device: Device = choose_device(device, options.precision)
        refs = tuple(map(ModelRef, CHOICES)) if self.chooses else self._refs
        if found is None:
            found = {ref.word: ref.find_all() for ref in refs}
        self._generators = {
            ref.word: {
                each.card.scale: Generator(each, self.device, options) for each in found.get(ref.word, ())
            }
            for ref in refs
        }
        self._check(keep=keep)
        self._narrow: dict[str, Generator] = {}
        self.side_by_side, self._share = share_threads(options.threads or usable_cores())

    @property
    def models(self) -> dict[str, list[InstalledModel]]:
        """What is in the pool, by name."""
        return {name: [run.model for run in by_scale.values()] for name, by_scale in self._generators.items()}

    @property
    def generators(self) -> tuple[Generator, ...]:
        """All that are in the pool."""
        return tuple(run for by_scale in self._generators.values() for run in by_scale.values())

    @property
    def chooses(self) -> bool:
        """Whether each picture has its generator chosen."""
        return self._refs[0].is_automatic

    @property
    def interpolation(self) -> str:
        """The interpolation that takes the last step, or all of them where no generator was asked for."""
        return self._refs[-1].word if self._refs[-1].is_interpolation else "bicubic"

    @property
    def hashes(self) -> tuple[str, ...]:
        """The sha256 of every model in the pool."""
        return tuple(run.card.sha256 for run in self.generators)

    def chain(self, factor: float, model: str | None = None) -> tuple[Generator, ...]:
        """The generators to run one after the other to reach ``factor``; none for an interpolation.

        Args:
            factor: to enlarge by.
            model: the choice for a picture, where the pool leaves one.
        """
        names = (model,) if model else tuple(ref.word for ref in self._refs)
        stages = [self._generators[name] for name in names if self._generators[name]]
        shared = share_scales(factor, [sorted(stage) for stage in stages])
        return tuple(stage[scale] for stage, scales in zip(stages, shared, strict=True) for scale in scales)

    def label(self, generators: Sequence[Generator]) -> str:
        """Names of what runs, in order, joined by ``+``: an interpolation that was asked for as well."""
        interpolated = not generators or self._refs[-1].is_interpolation
        return "+".join(filter(None, (label(generators), self.interpolation if interpolated else "")))

    def narrow(self, generators: Sequence[Generator]) -> tuple[Generator, ...]:
        """The same generators as each of ``side_by_side`` pictures has them, loaded.

        On a CPU they have its share of the threads. Other devices take the windows of all pictures in turn,
        while cores round and paste what came of others.

        Raises:
            ModelError, MachineError: one can't be loaded.
        """
        ready = tuple(self._narrowed(wide) for wide in generators)
        for generator in ready:
            # Not left to the threads that go side by side, which would each load one.
            generator.session  # noqa: B018
        return ready

    def close_narrow(self) -> None:
        """Give the memory of narrow generators back; none may be running."""
        while self._narrow:
            self._narrow.popitem()[1].close()

    def _check(self, *, keep: bool) -> None:
        """Raise UsageError where the generators can't do what is asked: keep the size, or change it."""
        if keep:
            for name, by_scale in self._generators.items():
                if not by_scale or self.chooses:
                    raise UsageError(
                        f"{self.model if self.chooses else name} only enlarges",
                        hint="srcli restore needs a generator that keeps the size, such as clean",
                    )
                if 1 not in by_scale:
                    scales = ", ".join(f"x{scale}" for scale in by_scale)
                    raise UsageError(
                        f"{name} enlarges ({scales}) and does not keep the size",
                        hint=f"srcli upscale -m {name}",
                    )
        elif not any(not by_scale or max(by_scale) > 1 for by_scale in self._generators.values()):
            raise UsageError(
                f"{self.model} keeps the size of pictures",
                hint=f"srcli restore -m {self.model}, or watch -s 1 and video -s 1; or enlarge afterwards: "
                f"-m {self.model},fast",
            )

    def _narrowed(self, wide: Generator) -> Generator:
        if not self.device.kind.shares_threads:
            return wide
        return self._narrow.setdefault(wide.card.sha256, wide.on_threads(self._share))


def open_pool(settings: UpscaleSettings) -> GeneratorPool:
    """The pool that the settings ask for."""
    return GeneratorPool(settings.model, settings.device, settings.options, keep=settings.target.keep)


def share_threads(threads: int) -> tuple[int, int]:
    """Share threads out among as many runs as are worthwhile.

    A run of one thread wastes nothing; one of two takes a tenth more of their time, since each operator waits
    for the slower half (``tests/benchmarks/NOTES.md``).

    Args:
        threads: that may work at a time, at least 1.

    Returns:
        The number of runs, and the threads of each; where the shares don't come out even, a few threads more.
    """
    each = -(-threads // MOST_RUNS)
    return -(-threads // each), each
