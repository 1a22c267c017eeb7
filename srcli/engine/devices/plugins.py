"""Kinds of devices whose provider comes as a plug-in, in a package beside any onnxruntime."""

from __future__ import annotations

import functools
import importlib
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from importlib.util import find_spec
from typing import TYPE_CHECKING, ClassVar

from srcli.engine.devices.kind import Kind, Opening, Problem
from srcli.engine.runtimes.onnxruntime_session import open_on_plugin, version
from srcli.engine.runtimes.runtime import first_line, onnxruntime, runtime_errors

if TYPE_CHECKING:
    from onnxruntime import OrtEpDevice

    from srcli.engine.runtimes.runtime import NativeSession


class PluginKind(Kind):
    """GPUs, and the like, by a plug-in.

    A plug-in is loaded when a device of its kind is asked for, never before: it stays in the process.

    Attributes:
        module: the module of the package; it tells where the library lies.
        missing: what a machine without such a device lacks, for a person.
    """

    pattern = r"\d+"
    default = "0"
    module: ClassVar[str]
    missing: ClassVar[str]

    def __init_subclass__(cls) -> None:
        cls.packages = (cls.module,)

    def options(self, opening: Opening) -> dict[str, str]:
        """Options of the provider."""
        return {}

    def parts(self) -> tuple[str, ...]:
        """A number for each device that the plug-in offers."""
        return tuple(str(index) for index, _ in enumerate(self._found())) or (self.default,)

    def problem(self, part: str) -> Problem | None:
        """The package is missing, the plug-in does not load, or it offers no such device."""
        if find_spec(self.module) is None:
            return Problem(f"{self.module.replace('_', '-')} is not installed", self.install)
        if _too_old():
            return Problem(f"{version()} takes no plug-ins", "pip install --upgrade srcli")
        registered = _register(self.module)
        if registered is not None:
            return Problem(f"the plug-in does not load: {registered}", f"{self.install} --force-reinstall")
        count = len(self._found())
        if int(part) < count:
            return None
        if count:
            return Problem(f"there is no device number {part}: the plug-in finds {count}", "srcli doctor")
        return Problem(f"the plug-in finds {self.missing}", "install its driver, or use --device cpu")

    def describe(self, part: str) -> str:
        """What the system calls the device."""
        hardware = self._found()[int(part)].device
        return hardware.metadata.get("Description") or f"{hardware.vendor} {hardware.type.name}"

    def version(self) -> str:
        """Onnxruntime's, and the plug-in's."""
        package = self.module.replace("_", "-")
        try:
            return f"{version()} with {package} {installed_version(package)}"
        except PackageNotFoundError:
            return f"{version()} with {package}"

    def open(self, opening: Opening) -> NativeSession:
        """A session on that device alone."""
        chosen = self._found()[opening.device.index]
        return open_on_plugin([chosen], self.options(opening), opening)

    def _found(self) -> list[OrtEpDevice]:
        """What the plug-in offers, in its own order; nothing where it is missing or broken."""
        if find_spec(self.module) is None or _too_old() or _register(self.module) is not None:
            return []
        return [device for device in onnxruntime().get_ep_devices() if device.ep_name == self.provider]


def _too_old() -> bool:
    return not hasattr(onnxruntime(), "register_execution_provider_library")


@functools.cache
def _register(module: str) -> str | None:
    """Load a plug-in into onnxruntime, once; what went wrong, or None."""
    try:
        package = importlib.import_module(module)
        onnxruntime().register_execution_provider_library(package.get_ep_name(), package.get_library_path())
    except (ImportError, OSError, AttributeError) as error:
        return first_line(error)
    except runtime_errors() as error:
        return first_line(error)
    return None
