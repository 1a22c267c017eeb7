"""An onnxruntime session whose input and output stay where they are on the device, run after run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from srcli.engine.runtimes.runtime import onnxruntime

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from srcli.engine.runtimes.runtime import NativeSession, Node

KEPT_SHAPES = 4
"""Input shapes whose buffers are kept, the last ones used; the windows of a picture have one or two."""
NO_GRAPH = -1
"""The number that keeps a run out of any CUDA graph."""


_Key: TypeAlias = tuple[tuple[int, ...], str, tuple[str, ...]]
"""Shape and type of the input, names of the outputs; none for the first."""


@dataclass(slots=True)
class _Slot:
    """The buffers of one input and of its outputs; ``binding`` is onnxruntime's, which knows them all."""

    binding: Any
    given: Any
    made: list[Any]
    graph: int


class IoBindingSession:
    """Runs a session through input and output buffers that are allocated once for each shape.

    Without it, every run allocates both on the device. Fixed addresses are also what CUDA graphs need, which
    launch all kernels of a run at once: with ``graphs`` the first shapes are captured once and then replayed.

    Not for several threads at a time: the buffers are shared.

    Args:
        bare: the session.
        device: onnxruntime's name of where the buffers lie, ``cuda`` or ``cpu``.
        index: number of the device.
        graphs: whether the session was made with ``enable_cuda_graph``.
    """

    def __init__(self, bare: NativeSession, device: str, index: int = 0, *, graphs: bool = False) -> None:
        self._bare: Any = bare
        self._device = device
        self._index = index
        self._graphs = graphs
        self._slots: dict[_Key, _Slot] = {}
        self._captured = 0

    def get_inputs(self) -> list[Node]:
        """The declared inputs."""
        inputs: list[Node] = self._bare.get_inputs()
        return inputs

    def get_outputs(self) -> list[Node]:
        """The declared outputs."""
        outputs: list[Node] = self._bare.get_outputs()
        return outputs

    def get_providers(self) -> list[str]:
        """The providers that run it."""
        providers: list[str] = self._bare.get_providers()
        return providers

    def run(self, names: Sequence[str] | None, feed: dict[str, npt.NDArray[Any]]) -> list[npt.NDArray[Any]]:
        """The outputs of these names for the one input, in memory of their own; the first for None."""
        ((name, array),) = feed.items()
        key = (array.shape, array.dtype.str, tuple(names or ()))
        slot = self._slots.pop(key, None)
        try:
            if slot is None:
                slot = self._run_first(name, array, names or [self.get_outputs()[0].name])
            else:
                slot.given.update_inplace(array)
                self._run(slot.binding, slot.graph)
        except BaseException:
            # Memory may have run out: whatever is held here makes room for smaller windows.
            self._slots.clear()
            raise
        self._slots[key] = slot
        if len(self._slots) > KEPT_SHAPES:
            del self._slots[next(iter(self._slots))]
        results = [made.numpy() for made in slot.made]
        # On the CPU those are the buffers themselves, which the next run overwrites.
        return [result.copy() for result in results] if self._device == "cpu" else results

    def rerun(self, shape: tuple[int, ...], kind: npt.DTypeLike) -> None:
        """Run once more for the first output, on what such an input left, and copy nothing: to measure.

        Raises:
            KeyError: no input of this shape and type is kept.
        """
        slot = self._slots[shape, np.dtype(kind).str, ()]
        self._run(slot.binding, slot.graph)
        slot.binding.synchronize_outputs()

    def _run_first(self, name: str, array: npt.NDArray[Any], outputs: Sequence[str]) -> _Slot:
        """Run an input of a new shape, which tells the outputs' sizes, and keep the buffers of all."""
        values = onnxruntime().OrtValue
        given = values.ortvalue_from_shape_and_type(array.shape, array.dtype, self._device, self._index)
        given.update_inplace(array)
        binding = self._bare.io_binding()
        binding.bind_ortvalue_input(name, given)
        for output in outputs:
            binding.bind_output(output, self._device, self._index)
        self._run(binding, NO_GRAPH)
        made = binding.get_outputs()
        for output, buffer in zip(outputs, made, strict=True):
            binding.bind_ortvalue_output(output, buffer)
        return _Slot(binding, given, made, self._next_graph())

    def _next_graph(self) -> int:
        """A number for the graph of a new shape. None comes twice: a graph knows its buffers' addresses."""
        if not self._graphs or self._captured == KEPT_SHAPES:
            return NO_GRAPH
        self._captured += 1
        return self._captured

    def _run(self, binding: Any, graph: int) -> None:  # noqa: ANN401  onnxruntime's own type
        """Run what is bound, as the graph of that number."""
        options = onnxruntime().RunOptions()
        if self._graphs:
            options.add_run_config_entry("gpu_graph_id", str(graph))
        self._bare.run_with_iobinding(binding, options)
