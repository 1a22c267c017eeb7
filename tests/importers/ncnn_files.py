"""Tiny ncnn networks for the tests: a pair of files, written on the spot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

TAGS = {"fp32": 0, "fp16": 0x01306B47, "int8": 0x000D4B38, "raw": 0x0002C056, "table": 0x00000001}


@dataclass
class NcnnFiles:
    """A network: its layers' lines, and its weights one behind the other."""

    lines: list[str] = field(default_factory=lambda: ["Input input 0 1 data 2=3"])
    weights: bytes = b""
    seed: int = 0

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)

    def add(self, line: str, *weights: bytes) -> NcnnFiles:
        """Add a layer."""
        self.lines.append(line)
        self.weights += b"".join(weights)
        return self

    def convolve(self, name: str, source: str, inputs: int, outputs: int, more: str = "4=1") -> NcnnFiles:
        """Add a 3x3 convolution with random weights that keep the size of the numbers."""
        count = inputs * outputs * 9
        weights = self.random.normal(0, (1.5 / (9 * inputs)) ** 0.5, count)
        line = f"Convolution {name} 1 1 {source} {name} 0={outputs} 1=3 5=1 6={count} {more}"
        return self.add(line, tagged(weights), floats(self.random.normal(0, 0.1, outputs)))

    def write(self, folder: Path, name: str = "tiny") -> Path:
        """Write both files; the ``.param`` file."""
        param = folder / f"{name}.param"
        param.write_text(self.text())
        param.with_suffix(".bin").write_bytes(self.weights)
        return param

    def text(self) -> str:
        """The ``.param`` file."""
        return "\n".join(["7767517", f"{len(self.lines)} 99", *self.lines, ""])


def floats(values: object) -> bytes:
    """Numbers of a layer that always stores 32-bit floats."""
    return np.asarray(values, "<f4").tobytes()


def tagged(values: object, kind: str = "fp32") -> bytes:
    """Numbers behind a tag, stored as the tag says."""
    numbers = np.asarray(values).ravel()
    tag = TAGS[kind].to_bytes(4, "little")
    if kind == "table":
        table = np.zeros(256, "<f4")
        unique, indices = np.unique(numbers.astype("<f4"), return_inverse=True)
        table[: len(unique)] = unique
        return tag + table.tobytes() + _aligned(indices.astype(np.uint8).tobytes())
    stored = {"fp32": "<f4", "raw": "<f4", "fp16": "<f2", "int8": "i1"}[kind]
    return tag + _aligned(numbers.astype(stored).tobytes())


def compact(scale: int = 2, width: int = 8) -> NcnnFiles:
    """Like the compact Real-ESRGAN: convolutions with PReLU, pixel shuffle, plus the picture itself."""
    files = NcnnFiles().add("Split split 1 2 data first second").convolve("in", "first", 3, width)
    files.add(f"PReLU slopes 1 1 in bent 0={width}", floats(np.linspace(0, 0.5, width)))
    files.convolve("out", "bent", width, 3 * scale**2)
    files.add(f"PixelShuffle shuffle 1 1 out detail 0={scale}")
    files.add(f"Interp repeat 1 1 second large 0=1 1={scale}.0 2={scale}.0")
    return files.add("BinaryOp sum 2 1 detail large output 0=0")


def write_generator(folder: Path, name: str) -> Path:
    """A network at x2 that repeats pixels and adds a small residual; the ``.param`` file."""
    files = compact(scale=2, width=8)
    last = 4 * (8 * 12 * 9 + 12)
    smaller = np.frombuffer(files.weights[-last:], "<f4") * np.float32(0.05)
    files.weights = files.weights[:-last] + smaller.tobytes()
    return files.write(folder, name)


def _aligned(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
