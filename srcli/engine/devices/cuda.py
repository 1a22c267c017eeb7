"""NVIDIA GPUs by CUDA and cuDNN, which the onnxruntime-gpu wheel has a provider for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.precision import FULL, HALF, INTEGERS
from srcli.engine.devices import nvidia
from srcli.engine.devices.kind import Kind, Opening, Problem
from srcli.engine.runtimes.io_binding import IoBindingSession
from srcli.engine.runtimes.onnxruntime_session import open_on, version

if TYPE_CHECKING:
    from srcli.engine.runtimes.runtime import NativeSession


class _Cuda(Kind):
    name = "cuda"
    title = "NVIDIA GPUs by CUDA"
    usage = "cuda[:N,...]"
    pattern = r"\d+(,\d+)*"
    default = "0"
    provider = nvidia.PROVIDER
    install = nvidia.INSTALL
    precisions = (FULL, HALF, INTEGERS)
    own_memory = True

    def parts(self) -> tuple[str, ...]:
        found = nvidia.driver()
        count = len(found.devices) if isinstance(found, nvidia.Driver) else 0
        return tuple(map(str, range(count))) or (self.default,)

    def problem(self, part: str) -> Problem | None:
        return nvidia.problem(int(part))

    def describe(self, part: str) -> str:
        found = nvidia.driver()
        return found.devices[int(part)] if isinstance(found, nvidia.Driver) else self.title

    def free_memory_bytes(self, part: str) -> int:
        return min(nvidia.free_memory_bytes(int(each)) for each in part.split(","))

    def version(self) -> str:
        return version()

    def open(self, opening: Opening) -> NativeSession:
        nvidia.preload()
        index, tuning = opening.device.index, opening.tuning
        options = {
            "device_id": str(index),
            # TF32 rounds products to 10 bits, which shows as a difference from the CPU.
            "use_tf32": "0",
            # The exhaustive search measures every new shape for seconds and gains little.
            "cudnn_conv_algo_search": "HEURISTIC",
            # Doubling would take memory that halved tiles may need.
            "arena_extend_strategy": "kSameAsRequested",
            "prefer_nhwc": str(int(tuning.nhwc)),
            "enable_cuda_graph": str(int(tuning.graphs)),
        }
        return IoBindingSession(
            open_on([(self.provider, options)], opening), "cuda", index, graphs=tuning.graphs
        )


CUDA = _Cuda()
