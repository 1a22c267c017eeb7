"""Makes degraded crops of photographs, for a teacher to enlarge or beside the originals.

python recipes/degraded_crops.py photos/ -o low/ --scale 4 --count 1200
python recipes/degraded_crops.py photos/ -o low/ --originals high/ --count 2400

recipes/taught.toml and recipes/photo-adversarial.toml have the commands that follow. Needs the extra `train`
(PyTorch).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from outcome import exit_code_of

from srcli.core.errors import UsageError

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from srcli.training.degradations import Degradation

KINDS = ("everyday", "real", "noisy")
BATCH = 8
NOISE_LEVELS = (8.0, 32.0)
"""Of ``noisy``, as standard deviation in 8-bit levels: what small sensors give, and older ones at night."""
JPEG_SHARE, JPEG_QUALITY = 0.6, (95.0, 50.0)


def main() -> int:
    """Read the command line, draw the crops, write them as PNG, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photographs", type=Path, help="folder of pictures, with the folders below")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for the crops")
    parser.add_argument("--originals", type=Path, help="folder for the crops before they were degraded")
    parser.add_argument("--scale", type=int, default=4, help="of the teacher")
    parser.add_argument("--side", type=int, default=96, help="of a crop, in low-resolution pixels")
    parser.add_argument("--count", type=int, default=800, help="of crops, as many of each kind")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS, help="of degradation")
    parser.add_argument("--seed", type=int, default=0)
    words = parser.parse_args()
    return exit_code_of(lambda: _draw(words))


def _draw(words: argparse.Namespace) -> None:
    import torch

    from srcli.training.photographs import read_photographs
    from srcli.training.pyramid import add_reduced
    from srcli.training.sampler import PairSampler

    if words.originals is not None and words.originals.resolve() == words.output.resolve():
        raise UsageError(f"{words.output} can't take the originals too, which have the names of the crops")
    for name in ("scale", "side", "count"):
        if getattr(words, name) < 1:
            raise UsageError(f"a {name} of {getattr(words, name)} makes no sense")
    crop = words.side * words.scale
    photographs = add_reduced(read_photographs(words.photographs, crop), 2, crop)
    samplers = [
        PairSampler(photographs, _degradation(kind, words.scale), words.scale, crop) for kind in words.kinds
    ]
    for folder in filter(None, (words.output, words.originals)):
        folder.mkdir(parents=True, exist_ok=True)
    random = torch.Generator().manual_seed(words.seed)
    for start in range(0, words.count, BATCH):
        batch = samplers[start // BATCH % len(samplers)].draw(BATCH, random)
        _write(batch.low, words.output, start)
        if words.originals is not None:
            _write(batch.high, words.originals, start)


def _write(crops: Tensor, folder: Path, first: int) -> None:
    """Crops (N, 3, H, W), RGB 0..1, as PNG, numbered from ``first``."""
    import torch
    from PIL import Image

    for index, crop in enumerate((crops * 255).round().to(torch.uint8), first):
        Image.fromarray(crop.permute(1, 2, 0).numpy()).save(folder / f"{index:05}.png", compress_level=1)


def _degradation(kind: str, scale: int) -> Degradation:
    from srcli.training.degradations import build_degradation
    from srcli.training.degradations.everyday import add_grain, compress_anywhere

    if kind != "noisy":
        return build_degradation(kind, scale)

    class Noisy:
        deterministic = False
        reduce = build_degradation("bicubic", scale)

        def __call__(self, high: Tensor, random: torch.Generator) -> Tensor:
            noisy = add_grain(self.reduce(high, random), 1.0, NOISE_LEVELS, random).clamp(0, 1)
            return compress_anywhere(noisy, JPEG_SHARE, JPEG_QUALITY, random).clamp(0, 1)

    return Noisy()


if __name__ == "__main__":
    sys.exit(main())
