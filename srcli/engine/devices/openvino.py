"""Processors of any maker, and GPUs and NPUs of Intel, by OpenVINO.

Not by its plug-in for onnxruntime, which offers processors of Intel only and may leave operators to the CPU:
the runtime itself serves those of AMD and Arm as well, and compiles a generator whole or not at all.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from srcli.core.precision import BRAIN, FULL, HALF, INTEGERS
from srcli.engine.devices.kind import Kind, Opening, Problem
from srcli.engine.runtimes import openvino_session
from srcli.engine.runtimes.runtime import first_line

if TYPE_CHECKING:
    from srcli.engine.runtimes.runtime import NativeSession

_CPU = "cpu"
_CAPABILITIES = {BRAIN: "BF16", INTEGERS: "INT8"}
"""OpenVINO's names of what not every device computes in."""


class _OpenVino(Kind):
    name = "openvino"
    title = "processors, Intel's GPUs and NPUs by OpenVINO"
    usage = "openvino[:cpu|gpu|npu]"
    pattern = r"cpu|(gpu|npu)(\.\d+)?"
    default = _CPU
    provider = openvino_session.PROVIDER
    install = "pip install '.[openvino]' in a copy of srcli's repository"
    packages = ("openvino",)
    tested = "cpu: x86-64"
    precisions = (FULL, HALF, BRAIN, INTEGERS)

    def is_accelerator(self, part: str) -> bool:
        return part != _CPU

    def precision_problem(self, part: str, precision: str) -> Problem | None:
        needed = _CAPABILITIES.get(precision)
        if needed is None:
            return super().precision_problem(part, precision)
        known = openvino_session.capabilities(part.upper())
        if needed in known:
            return None
        return Problem(
            f"{self.describe(part)} computes in {', '.join(known)} by OpenVINO", f"--precision {FULL}"
        )

    def parts(self) -> tuple[str, ...]:
        if self._load_problem() is not None:
            return (self.default,)
        return tuple(name.lower() for name in openvino_session.core().available_devices)

    def problem(self, part: str) -> Problem | None:
        missing = self._load_problem()
        if missing is not None:
            return missing
        found = self.parts()
        # OpenVINO numbers the GPUs where there are several; without a number the first is meant.
        if part in found or f"{part}.0" in found:
            return None
        driver = "install Intel's driver for it, or " if part != _CPU else ""
        return Problem(f"OpenVINO finds {', '.join(found) or 'nothing'}", f"{driver}use --device cpu")

    def describe(self, part: str) -> str:
        return str(openvino_session.core().get_property(part.upper(), "FULL_DEVICE_NAME"))

    def version(self) -> str:
        return f"openvino {openvino_session.openvino().__version__.partition('-')[0]}"

    def open(self, opening: Opening) -> NativeSession:
        return openvino_session.open_on_openvino(opening.device.part.upper(), opening)

    def _load_problem(self) -> Problem | None:
        if find_spec("openvino") is None:
            return Problem("openvino is not installed", self.install)
        try:
            openvino_session.core()
        except (ImportError, OSError, RuntimeError) as error:
            return Problem(
                f"openvino does not load: {first_line(error)}", f"{self.install} --force-reinstall"
            )
        return None


OPENVINO = _OpenVino()
