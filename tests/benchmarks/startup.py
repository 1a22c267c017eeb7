"""How long the installed command takes for a picture of 64 x 64, from its call to its end.

python tests/benchmarks/startup.py --command .venv/bin/srcli
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image


def main() -> None:
    """Print the median and the spread of the wall seconds as one JSON object."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--command", default="srcli", help="the installed command")
    words.add_argument("--rounds", type=int, default=10)
    chosen = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "small.png"
        levels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
        Image.fromarray(levels).save(picture)
        call = [
            chosen.command,
            "upscale",
            str(picture),
            "-o",
            f"{folder}/large.png",
            "--overwrite",
            "--quiet",
        ]
        seconds = [_seconds(call) for _ in range(chosen.rounds + 1)][1:]
    facts = {"median_s": median(seconds), "least_s": min(seconds), "largest_s": max(seconds)}
    print(json.dumps({name: round(value, 3) for name, value in facts.items()}))


def _seconds(call: list[str]) -> float:
    started_s = time.perf_counter()
    subprocess.run(call, check=True)
    return time.perf_counter() - started_s


if __name__ == "__main__":
    main()
