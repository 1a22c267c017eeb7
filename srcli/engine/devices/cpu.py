"""The processor's own cores, by onnxruntime: always there, and what other devices are measured against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.precision import FULL, HALF, INTEGERS
from srcli.engine.devices.kind import Kind, Opening, Problem
from srcli.engine.machine import processor_name
from srcli.engine.runtimes.onnxruntime_session import open_on, version

if TYPE_CHECKING:
    from srcli.engine.runtimes.runtime import NativeSession


class _Cpu(Kind):
    name = "cpu"
    title = "the processor, by onnxruntime"
    usage = "cpu"
    provider = "CPUExecutionProvider"
    tested = "x86-64"
    # Files in half precision run in full.
    precisions = (FULL, HALF, INTEGERS)
    shares_threads = True

    def is_accelerator(self, part: str) -> bool:
        return False

    def problem(self, part: str) -> Problem | None:
        return None

    def describe(self, part: str) -> str:
        return processor_name()

    def version(self) -> str:
        return version()

    def open(self, opening: Opening) -> NativeSession:
        return open_on([self.provider], opening)


CPU = _Cpu()
