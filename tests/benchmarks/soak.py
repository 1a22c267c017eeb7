"""Thousands of small pictures, good and bad, in one run, and what it holds meanwhile; see NOTES.md.

    python tests/benchmarks/soak.py --pictures 5000 > soak.jsonl

Every fifth picture is bad: cut short, with bytes overwritten, empty, no picture, or under the name of another
format.
Memory, open files and threads of the process are read from /proc, so that it needs Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

KINDS = {
    "png": "PNG",
    "jpg": "JPEG",
    "webp": "WEBP",
    "tif": "TIFF",
    "bmp": "BMP",
    "gif": "GIF",
    "ppm": "PPM",
    "avif": "AVIF",
}
MODES = ("RGB", "L", "RGBA", "P", "1", "CMYK", "I;16")
BAD_EVERY = 5
EVERY_S = 0.25


def main() -> None:
    """Make the pictures, enlarge them, and print what the process held in each tenth of the run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=5000)
    parser.add_argument("--model", default="fast")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="srcli-soak-") as folder:
        make_pictures(Path(folder, "in"), options.pictures)
        words = [
            "upscale",
            f"{folder}/in",
            "-o",
            f"{folder}/out",
            "-s",
            "2",
            "-m",
            options.model,
            "--json",
            "-q",
        ]
        with Path(folder, "reports").open("w+") as reports:
            run = subprocess.Popen(
                [sys.executable, "-m", "srcli", *words, "--json", "-q"],
                stdout=reports,
                stderr=subprocess.DEVNULL,
            )
            samples = list(watch(run))
            reports.seek(0)
            ends = Counter((report["status"], report["exit_code"]) for report in map(json.loads, reports))
    tenth = max(1, len(samples) // 10)
    for start in range(0, len(samples), tenth):
        part = samples[start : start + tenth]
        print(json.dumps({name: max(sample[name] for sample in part) for name in part[0]}))
    print(
        json.dumps(
            {"exit": run.returncode, "ends": {f"{status} {code}": n for (status, code), n in ends.items()}}
        )
    )


def watch(run: subprocess.Popen[bytes]) -> list[dict[str, float]]:
    """What the process holds, until it ends."""
    samples, started = [], time.monotonic()
    while run.poll() is None:
        try:
            status = dict(
                line.split(":", 1) for line in Path(f"/proc/{run.pid}/status").read_text().splitlines()
            )
            sample = {
                "seconds": round(time.monotonic() - started, 1),
                "memory_mib": int(status["VmRSS"].split()[0]) // 1024,
                "files": len(os.listdir(f"/proc/{run.pid}/fd")),
                "threads": int(status["Threads"]),
            }
        except (OSError, KeyError):
            # It ended in between.
            break
        samples.append(sample)
        time.sleep(EVERY_S)
    run.wait()
    return samples


def make_pictures(folder: Path, count: int) -> None:
    """Pictures of every kind and mode that Pillow writes, small and of odd sides."""
    folder.mkdir()
    chance = np.random.default_rng(0)
    for index in range(count):
        extension = list(KINDS)[index % len(KINDS)]
        data = encode(chance, extension, MODES[index // len(KINDS) % len(MODES)])
        if index % BAD_EVERY == 0:
            extension, data = spoil(data, extension, index // BAD_EVERY)
        (folder / f"{index:05}.{extension}").write_bytes(data)


def encode(chance: np.random.Generator, extension: str, mode: str) -> bytes:
    """A picture in a mode, or in RGB where the format has no such mode."""
    height, width = chance.integers(5, 60, 2)
    levels = chance.integers(0, 256, (height, width, 3), dtype=np.uint8)
    for wanted in (mode, "RGB"):
        buffer = BytesIO()
        try:
            Image.fromarray(levels).convert(wanted).save(buffer, KINDS[extension])
        except (OSError, ValueError, KeyError):
            continue
        return buffer.getvalue()
    raise AssertionError(f"Pillow writes no RGB as {extension}")


def spoil(data: bytes, extension: str, way: int) -> tuple[str, bytes]:
    """Damage a file in one of five ways."""
    middle = len(data) // 2
    if way % 5 == 4:
        return "png" if extension != "png" else "jpg", data
    return extension, (data[:middle], data[:middle] + bytes(99) + data[middle + 99 :], b"", b"no picture")[
        way % 5
    ]


if __name__ == "__main__":
    main()
