"""PyTorch networks as ONNX."""

from __future__ import annotations

import contextlib
import warnings
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from torch import nn

OPSET = 18
AXES = {
    "input": {0: "batch", 2: "height", 3: "width"},
    "output": {0: "batch", 2: "enlarged_height", 3: "enlarged_width"},
}


def export(
    network: nn.Module, path: Path, shape: tuple[int, ...], *, free: bool = True, fold: bool = True
) -> None:
    """Write a network in evaluation mode as an ONNX graph from ``input`` to ``output``.

    Args:
        network: takes and gives a float32 tensor (N, C, H, W).
        path: the file to write.
        shape: of the picture that the exporter traces.
        free: whether N, H and W are free; otherwise they stay as in ``shape``.
        fold: whether what is computed from weights alone is computed now. Weights in small integers would
            become large floats.
    """
    with _without_log(), warnings.catch_warnings(), torch.no_grad():
        # The exporter that PyTorch prefers needs onnxscript, takes twenty times as long, and names the free
        # axes after its own symbols; the graphs of generators are the same.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval().cpu(),
            (torch.rand(shape),),
            str(path),
            input_names=["input"],
            output_names=["output"],
            dynamic_axes=AXES if free else None,
            opset_version=OPSET,
            do_constant_folding=fold,
            dynamo=False,
        )


@contextlib.contextmanager
def _without_log() -> Iterator[None]:
    """Keep the exporter from printing a graph on standard output, which it does where it fails.

    Its switch for that is broken, in PyTorch 2.13 to 2.15 at least: the exporter turns its log on whatever it
    was. So switch and log are both out of its reach here.
    """
    module: Any = torch._C
    names = ("_jit_onnx_log", "_jit_set_onnx_log_enabled")
    originals = {name: getattr(module, name, None) for name in names}
    for name in names:
        setattr(module, name, lambda *_: None)
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(module, name, original)
