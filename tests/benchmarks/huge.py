"""What pictures of growing size take, in time and memory, with a generator that costs next to nothing.

python tests/benchmarks/huge.py --sides 1024 2048 4096 8192 --scale 2
python tests/benchmarks/huge.py --sides 8192 --scale 4 --format tif

Pictures repeat one photograph, or a synthetic one. Processor seconds are those of the command but its start.
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

import pyvips

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests import tiny_models


def main() -> None:
    """Print seconds, processor seconds a megapixel and peak memory, a JSON object per size."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--sides", type=int, nargs="+", default=[1024, 2048, 4096, 8192])
    words.add_argument("--scale", type=int, default=2)
    words.add_argument("--format", default="png")
    words.add_argument("--photo", type=Path)
    words.add_argument("--options", nargs="*", default=[])
    chosen = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="srcli-huge-") as name:
        folder = Path(name)
        tiny_models.install(folder, tiny_models.nearest, name="near", scale=chosen.scale, overlap=0)
        _picture(chosen.photo, 64).pngsave(str(folder / "small.png"))
        start = _run(folder, folder / "small.png", chosen)
        for side in chosen.sides:
            path = folder / f"{side}.png"
            _picture(chosen.photo, side).pngsave(str(path), compression=1)
            found = _run(folder, path, chosen)
            megapixels = side**2 * chosen.scale**2 / 1e6
            busy_s = found["busy_s"] - start["busy_s"]
            print(
                json.dumps(
                    {"side": side, "megapixels_out": round(megapixels, 1)}
                    | {"wall_s": round(found["wall_s"], 2), "busy_s": round(busy_s, 2)}
                    | {"busy_ms_per_megapixel": round(1000 * busy_s / megapixels, 2)}
                    | {"peak_mb": round(found["peak_mb"])}
                ),
                flush=True,
            )
            path.unlink()


def _picture(photo: Path | None, side: int) -> pyvips.Image:
    seed = pyvips.Image.new_from_file(str(photo)) if photo else pyvips.Image.perlin(512, 512, uchar=True)
    seed = seed if photo else seed.bandjoin([seed.rot90(), seed.rot180()]).copy(interpretation="srgb")
    return seed.replicate(side // seed.width + 1, side // seed.height + 1).crop(0, 0, side, side)


def _run(folder: Path, picture: Path, chosen: argparse.Namespace) -> dict[str, float]:
    target = folder / f"larger.{chosen.format}"
    words = [sys.executable, "-m", "srcli", "upscale", str(picture), "-o", str(target), "-q", "--overwrite"]
    words += ["-m", "near", "-s", str(chosen.scale), *chosen.options]
    started_s = time.perf_counter()
    process = subprocess.Popen(words, env=os.environ | {"SRCLI_MODELS": str(folder)})
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"srcli upscale ended with {status}")
    wall_s = time.perf_counter() - started_s
    target.unlink()
    return {"wall_s": wall_s, "busy_s": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss / 1024}


if __name__ == "__main__":
    main()
