"""Which generators are installed, and whether they are sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.errors import ModelError
from srcli.engine.devices.registry import usable_devices
from srcli.engine.inference.ort_session import CPU
from srcli.engine.sessions.selftest import TOLERANCE_LEVELS, difference_levels, reference_session
from srcli.engine.sessions.session import open_session
from srcli.models.store import BrokenCard, InstalledModel, ModelStore, default_store
from srcli.models.verify import verify
from srcli.pipeline.evaluate.card_check import Comparison, compare_with_card
from srcli.upscaling.seams import Difference, measure_seams

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.engine.devices.kind import Device


@dataclass(frozen=True, slots=True)
class SelfTest:
    """The largest difference of one tile on a device from the plain CPU kernels, in levels of 1/255."""

    device: str
    difference_levels: float


@dataclass(frozen=True, slots=True)
class Finding:
    """A generator, and what is wrong with it.

    Attributes:
        model: the generator.
        problem: what is wrong; None for a sound one.
        tests: self-tests that ran.
        figures: figures of the card that were measured again.
        seams: of a drawn picture in tiles against the whole; None where they were not or can't be measured.
    """

    model: InstalledModel
    problem: str | None
    tests: tuple[SelfTest, ...] = ()
    figures: tuple[Comparison, ...] = ()
    seams: Difference | None = None


@dataclass(frozen=True, slots=True)
class Inventory:
    """What was found about generators, and the cards that could not be read."""

    findings: list[Finding]
    broken: tuple[BrokenCard, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.broken and all(finding.problem is None for finding in self.findings)


def list_models(store: ModelStore | None = None) -> Inventory:
    """All installed generators, their hashes compared with their cards."""
    store = store or default_store()
    return Inventory([_compare_hashes(model) for model in store.all()], store.broken)


def describe_models(name: str, scale: int | None = None, store: ModelStore | None = None) -> list[Finding]:
    """The generators of a name, at one scale or at all.

    Raises:
        UnknownModel: there is none.
        DamagedModel: there is one, but its card can't be read.
    """
    return [_compare_hashes(model) for model in _select(store or default_store(), name, scale)]


def verify_models(
    name: str | None = None,
    *,
    benchmarks: Path | None = None,
    seams: bool = False,
    store: ModelStore | None = None,
) -> Inventory:
    """Compare the hashes of generators, run a tile of each on every device, and measure them again.

    Args:
        name: of the generators; all of them by default.
        benchmarks: folder with a folder of pictures for each benchmark, on which the figures of the cards are
            measured again; None measures none.
        seams: whether seams of tiles are measured, on the CPU.
        store: where the generators lie.

    Raises:
        UnknownModel: there is none of that name.
        DamagedModel: there is one, but its card can't be read.
    """
    store = store or default_store()
    models = store.all() if name is None else _select(store, name, None)
    devices = usable_devices()
    findings = [_examine(model, devices, benchmarks, seams=seams) for model in models]
    return Inventory(findings, store.broken if name is None else ())


def _select(store: ModelStore, name: str, scale: int | None) -> list[InstalledModel]:
    """The generators of a name, at one scale or at all."""
    scales = store.scales(name) if scale is None else (scale,)
    return [store.find(name, factor) for factor in scales]


def _compare_hashes(model: InstalledModel) -> Finding:
    try:
        verify(model)
    except ModelError as error:
        return Finding(model, error.message)
    return Finding(model, None)


def _examine(
    model: InstalledModel, devices: tuple[Device, ...], benchmarks: Path | None, *, seams: bool
) -> Finding:
    """All checks of one generator."""
    tests: tuple[SelfTest, ...] = ()
    try:
        verify(model)
        tests = tuple(SelfTest(device.name, _test(model, device)) for device in devices)
    except ModelError as error:
        return Finding(model, error.message)
    figures = () if benchmarks is None else compare_with_card(model, benchmarks)
    problems = [*_failed_tests(tests), *(str(figure) for figure in figures if not figure.agrees)]
    return Finding(model, "; ".join(problems) or None, tests, figures, _seams(model) if seams else None)


def _seams(model: InstalledModel) -> Difference | None:
    session = open_session(model.path, CPU, card=model.card)
    return measure_seams(session, model.card.overlap)


def _test(model: InstalledModel, device: Device) -> float:
    session = open_session(model.path, device, card=model.card)
    return difference_levels(session, reference_session(model.path, session))


def _failed_tests(tests: tuple[SelfTest, ...]) -> list[str]:
    return [
        f"a tile on {test.device} is off by {test.difference_levels:.2f}/255"
        for test in tests
        if test.difference_levels > TOLERANCE_LEVELS
    ]
