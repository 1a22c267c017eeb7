"""Examines the machine: what srcli can use here, what is missing, and what would help."""

from __future__ import annotations

import dataclasses
import platform
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version

from srcli.core.errors import SrcliError
from srcli.core.version import __version__
from srcli.engine import machine
from srcli.engine.devices import nvidia
from srcli.engine.devices.kind import Device, Kind
from srcli.engine.devices.registry import KINDS
from srcli.engine.runtimes.runtime import onnxruntime
from srcli.engine.runtimes.wheels import TWO_WHEELS_CURE, Wheel, installed_wheels
from srcli.engine.sessions.selftest import TOLERANCE_LEVELS, difference_levels, reference_session
from srcli.engine.sessions.session import open_session
from srcli.models.store import DEFAULT_MODEL, InstalledModel
from srcli.models.verify import repair_hint
from srcli.pipeline.defaults import Default, defaults_file, describe_defaults
from srcli.pipeline.inventory import list_models

PICTURE_LIBRARIES = ("pillow", "pyvips")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something broken, and what would help."""

    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class RuntimeFacts:
    """The installed onnxruntime. ``cuda`` is the CUDA version it was built for, empty without."""

    version: str
    cuda: str
    wheels: tuple[Wheel, ...]
    providers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GpuFacts:
    """The NVIDIA side: the driver or why there is none, its GPUs, and the libraries that are needed."""

    driver: str
    devices: tuple[str, ...]
    libraries: tuple[nvidia.Library, ...]


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """A device and its one-tile self-test.

    Attributes:
        name: what ``--device`` calls it.
        title: what kind it is, for a person.
        tested: where that kind was tried; empty where nowhere yet.
        usable: whether it can run generators.
        reason: what it is, or why it can't serve.
        hint: the next command to type where it can't.
        precisions: what it computes in; empty where it can't serve.
        difference_levels: largest difference from the plain CPU kernels, in levels of 1/255; None untested.
        passed: whether the difference is within the tolerance; None untested.
    """

    name: str
    title: str
    tested: str
    usable: bool
    reason: str
    hint: str = ""
    precisions: tuple[str, ...] = ()
    difference_levels: float | None = None
    passed: bool | None = None


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """An installed generator; ``problem`` is None for a sound one."""

    name: str
    scale: int
    problem: str | None


@dataclass(slots=True)
class Examination:
    """All that the doctor found; ``troubles`` is empty on a machine that can run srcli on its CPU.

    ``dot_product`` tells whether the processor multiplies and adds 8-bit integers in one instruction, None
    where that is unknown.
    """

    srcli: str
    python: str
    system: str
    processor: str
    cores: int
    dot_product: bool | None
    memory_bytes: int
    defaults: list[Default] = field(default_factory=list)
    runtime: RuntimeFacts | None = None
    gpu: GpuFacts | None = None
    devices: list[DeviceFacts] = field(default_factory=list)
    libraries: dict[str, str] = field(default_factory=dict)
    codecs: dict[str, bool] = field(default_factory=dict)
    models: list[ModelFacts] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """The examination as a JSON object, with ``healthy`` first."""
        return {"healthy": not self.troubles, **dataclasses.asdict(self)}


def examine() -> Examination:
    """Look at the machine; what is broken ends up in the result, not in an exception."""
    found = Examination(
        srcli=__version__,
        python=platform.python_version(),
        system=platform.platform(),
        processor=machine.processor_name(),
        cores=machine.usable_cores(),
        dot_product=machine.has_integer_dot_product(),
        memory_bytes=machine.available_memory_bytes(),
    )
    _examine_defaults(found)
    _examine_pictures(found)
    sound = _examine_models(found)
    try:
        _examine_runtime(found)
    except SrcliError as error:
        found.troubles.append(
            Trouble(
                error.message, error.hint or "pip install --force-reinstall . in a copy of srcli's repository"
            )
        )
        return found
    _examine_devices(found, sound)
    return found


def _examine_defaults(found: Examination) -> None:
    """The defaults of the person's own."""
    try:
        found.defaults = describe_defaults()
    except SrcliError as error:
        found.troubles.append(Trouble(error.message, error.hint or f"mend {defaults_file()}"))


def _examine_pictures(found: Examination) -> None:
    """The picture libraries and their codecs."""
    try:
        from srcli.imaging.codecs import available_codecs, library_versions
    except (ImportError, OSError) as error:
        found.libraries = {name: _installed_version(name) for name in PICTURE_LIBRARIES}
        found.troubles.append(
            Trouble(
                f"cannot load the picture libraries: {error}", "pip install --force-reinstall pillow pyvips"
            )
        )
        return
    found.libraries, found.codecs = library_versions(), available_codecs()


def _installed_version(name: str) -> str:
    """A distribution's version, or that it is missing."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _examine_models(found: Examination) -> list[InstalledModel]:
    """The installed generators; returns the sound ones."""
    inventory = list_models()
    for broken in inventory.broken:
        found.troubles.append(Trouble(broken.error.message, repair_hint(broken.path) or "srcli models list"))
    for finding in inventory.findings:
        card = finding.model.card
        found.models.append(ModelFacts(card.name, card.scale, finding.problem))
        if finding.problem:
            found.troubles.append(
                Trouble(finding.problem, repair_hint(finding.model.path) or "srcli models list")
            )
    if not inventory.findings:
        found.troubles.append(
            Trouble(
                "no generators are installed",
                "pip install --force-reinstall . in a copy of srcli's repository",
            )
        )
    return [finding.model for finding in inventory.findings if finding.problem is None]


def _examine_runtime(found: Examination) -> None:
    """The onnxruntime wheels, the NVIDIA driver and the libraries."""
    wheels = installed_wheels()
    if len(wheels) > 1:
        names = " and ".join(wheel.name for wheel in wheels)
        found.troubles.append(
            Trouble(f"{names} are both installed, and one hides the other", TWO_WHEELS_CURE)
        )
    runtime, built_for, driver = onnxruntime(), nvidia.built_for(), nvidia.driver()
    needs = "" if built_for is None else f"{built_for[0]}.{built_for[1]}"
    found.runtime = RuntimeFacts(runtime.__version__, needs, wheels, tuple(runtime.get_available_providers()))
    if isinstance(driver, str):
        found.gpu = GpuFacts(driver, (), nvidia.libraries())
    else:
        text = f"serves CUDA {driver.version[0]}.{driver.version[1]}"
        found.gpu = GpuFacts(text, driver.devices, nvidia.libraries())


def _examine_devices(found: Examination, models: list[InstalledModel]) -> None:
    """Every device, with a self-test of those that are usable."""
    model = _model_for_test(models)
    found.devices += [_examine_device(kind, part, model) for kind in KINDS for part in kind.parts()]
    for device in found.devices:
        if device.passed is False:
            found.troubles.append(
                Trouble(f"the self-test on {device.name} failed: {device.reason}", "use another --device")
            )


def _model_for_test(models: list[InstalledModel]) -> InstalledModel | None:
    """The default generator where there is one, else any."""
    return next((model for model in models if model.card.name == DEFAULT_MODEL), next(iter(models), None))


def _examine_device(kind: Kind, part: str, model: InstalledModel | None) -> DeviceFacts:
    """Whether one of a kind can serve, and its self-test."""
    facts = DeviceFacts(kind.device_name(part), kind.title, kind.tested, usable=True, reason="")
    problem = kind.problem(part)
    if problem is not None:
        return replace(facts, usable=False, reason=problem.reason, hint=problem.hint)
    precisions = tuple(name for name in kind.precisions if kind.precision_problem(part, name) is None)
    facts = replace(facts, reason=kind.describe(part), precisions=precisions)
    return _test(facts, Device(facts.name, kind, "asked for"), model)


def _test(facts: DeviceFacts, device: Device, model: InstalledModel | None) -> DeviceFacts:
    """Run one tile on a device and compare it with the plain CPU kernels."""
    if model is None:
        return replace(facts, reason=f"{facts.reason}; untested without a generator")
    try:
        session = open_session(model.path, device, card=model.card)
        levels = difference_levels(session, reference_session(model.path, session))
    except SrcliError as error:
        hint = error.hint or "use another --device"
        return replace(facts, usable=False, reason=error.message, hint=hint, passed=False)
    if levels > TOLERANCE_LEVELS:
        facts = replace(facts, reason=f"a tile is off by {levels:.2f}/255")
    # JSON has no infinity; a device that gives NaN is far beyond every level.
    return replace(facts, difference_levels=min(levels, 1e9), passed=levels <= TOLERANCE_LEVELS)
