"""Colour for a large grey picture: time, memory, and whether any border shows in its chroma.

python tests/benchmarks/colour.py photo.jpg -m colourise --megapixels 40

The photograph is made grey, enlarged to that many megapixels and restored; the largest steps of chroma from
row to row and from column to column are compared where bands meet and elsewhere.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyvips

BAND = 64
"""Rows that pass at once, as read; windows would be multiples of 32 pixels apart."""


def main() -> None:
    """Print one JSON object."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("photo", type=Path)
    words.add_argument("-m", "--model", default="colourise")
    words.add_argument("--megapixels", type=float, default=40)
    chosen = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="srcli-colour-") as name:
        grey, coloured = Path(name) / "grey.png", Path(name) / "coloured.png"
        photo = pyvips.Image.new_from_file(str(chosen.photo)).colourspace("b-w")[0]
        factor = (chosen.megapixels * 1e6 / (photo.width * photo.height)) ** 0.5
        photo.resize(factor).cast("uchar").pngsave(str(grey), compression=1)
        spent = _run(grey, coloured, chosen.model)
        print(json.dumps(spent | _steps(grey, coloured)))


def _run(grey: Path, coloured: Path, model: str) -> dict[str, float]:
    words = [sys.executable, "-m", "srcli", "restore", str(grey), "-m", model, "-o", str(coloured), "-q"]
    started_s = time.perf_counter()
    process = subprocess.Popen(words)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"srcli restore ended with {status}")
    wall_s = time.perf_counter() - started_s
    busy_s = usage.ru_utime + usage.ru_stime
    return {
        "wall_s": round(wall_s, 1),
        "busy_s": round(busy_s, 1),
        "peak_mb": round(usage.ru_maxrss / 1024),
    }


def _steps(grey: Path, coloured: Path) -> dict[str, object]:
    """The largest steps of Cb and Cr in levels, at borders and elsewhere, and how far luma moved."""
    before = pyvips.Image.new_from_file(str(grey)).numpy().squeeze()
    rgb = pyvips.Image.new_from_file(str(coloured)).numpy()
    moved, down, across = 0.0, np.zeros(len(rgb) - 1), np.zeros(rgb.shape[1] - 1)
    for top in range(0, len(rgb), 256):
        part = rgb[max(0, top - 1) : top + 256].astype(np.float32)
        luma = part @ np.array((0.299, 0.587, 0.114), np.float32)
        moved = max(moved, float(np.abs(luma - before[max(0, top - 1) : top + 256]).max()))
        chroma = np.stack([(part[..., 2] - luma) / 1.772, (part[..., 0] - luma) / 1.402])
        steps = np.abs(np.diff(chroma, axis=1)).max((0, 2))
        down[max(0, top - 1) : max(0, top - 1) + len(steps)] = steps
        across = np.maximum(across, np.abs(np.diff(chroma, axis=2)).max((0, 1)))
    found: dict[str, object] = {"size": [rgb.shape[1], rgb.shape[0]], "luma_moved_levels": round(moved, 3)}
    for name, steps in (("rows", down), ("columns", across)):
        at_border = np.arange(1, len(steps) + 1) % BAND == 0
        found[name] = {
            "largest_at_borders": round(float(steps[at_border].max()), 2),
            "largest_elsewhere": round(float(steps[~at_border].max()), 2),
            "mean_at_borders": round(float(steps[at_border].mean()), 2),
            "mean_elsewhere": round(float(steps[~at_border].mean()), 2),
        }
    return found


if __name__ == "__main__":
    main()
