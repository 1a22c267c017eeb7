"""Generators as ONNX files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn

from srcli.core.files import atomic_path
from srcli.importers.torch_onnx import export
from srcli.training.architectures.overparameterised import fold

if TYPE_CHECKING:
    from pathlib import Path


class HalfPrecision(nn.Module):
    """A generator that computes in float16 and takes and gives float32."""

    def __init__(self, generator: nn.Module) -> None:
        super().__init__()
        self.generator = generator.half()

    def forward(self, picture: Tensor) -> Tensor:
        """Picture (N, 3, H, W), float32, 0..1, to the enlarged one in float32."""
        enlarged: Tensor = self.generator(picture.half())
        return enlarged.float()


def write_onnx(generator: nn.Module, path: Path) -> None:
    """Write a generator in evaluation mode and folded; the file appears whole or not at all.

    The graph's ``input`` is float32 (N, 3, H, W), RGB 0..1, and its ``output`` float32 (N, 3, scale*H,
    scale*W), not clamped; N, H and W are free.
    """
    with atomic_path(path) as temporary:
        export(fold(generator), temporary, (2, 3, 24, 20))
