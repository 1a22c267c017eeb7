"""How much of the generator's own speed is left from file to file; see NOTES.md.

    python -m tests.benchmarks.video_speed clip.mp4 --frames 60 --turns 3

In turns: the bare sessions on the windows of the clip's frames, as many side by side as `srcli video` has,
and `srcli video` on those frames in a process of its own, from file to file with sound. Wall time tells on a
quiet machine; processor time, which both need for the same work, tells on a busy one as well.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np

from srcli.core.arrays import to_batch
from srcli.engine.tiling.tiles import plan_grid
from srcli.upscaling.generator import RunOptions
from srcli.upscaling.pool import GeneratorPool
from srcli.video.video import open_video


def main() -> None:
    """Measure in turns, and print a line for each and one with the ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clip", type=Path)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--model", default="fast")
    parser.add_argument("--scale", type=int, default=2)
    options = parser.parse_args()
    bare = Bare(options.clip, options.model, options.scale, options.frames)
    ratios: dict[str, list[float]] = {"wall": [], "cpu": []}
    for _ in range(options.turns):
        found = {"bare": bare.measure(), "file": measure_file(options)}
        for name, taken in found.items():
            wall_s, cpu_s = taken
            print(json.dumps({"what": name, "fps": bare.frames / wall_s, "cpu_s": cpu_s / bare.frames}))
        for index, kind in enumerate(ratios):
            ratios[kind].append(found["bare"][index] / found["file"][index])
    print(json.dumps({kind: {"median": np.median(all_), "all": all_} for kind, all_ in ratios.items()}))


class Bare:
    """The sessions alone, on windows that lie ready."""

    def __init__(self, clip: Path, model: str, scale: int, frames: int) -> None:
        pool = GeneratorPool(model, "cpu", RunOptions())
        (wide,) = pool.chain(float(scale))
        (self._generator,) = pool.narrow([wide])
        self._lanes = pool.side_by_side
        with open_video(clip) as video:
            pixels = [frame.pixels()[:, :, :3] for frame in islice(iter(video.frames()), frames)]
            size = video.info.size
        self.frames = len(pixels)
        traits = self._generator.session.traits
        grid = plan_grid(
            size,
            window=self._generator.window_for(size),
            overlap=self._generator.overlap,
            scale=traits.scale,
            multiple=traits.multiple,
            blend=False,
        )
        places = [(place.row, place.column) for place in grid.windows()]
        self._windows = [
            [to_batch(each[row.start : row.stop, column.start : column.stop]) for row, column in places]
            for each in pixels
        ]
        self._run(self._windows[0])

    def _run(self, windows: list[np.ndarray]) -> None:
        for window in windows:
            self._generator.session.run(window)

    def measure(self) -> tuple[float, float]:
        """Seconds on the wall and of processors, for all frames."""
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        with ThreadPoolExecutor(self._lanes) as lanes:
            list(lanes.map(self._run, self._windows))
        return time.perf_counter() - wall_s, time.process_time() - cpu_s


def measure_file(options: argparse.Namespace) -> tuple[float, float]:
    """The same for a whole run of the command, from its start to its end."""
    with tempfile.TemporaryDirectory(prefix="srcli-speed-") as folder:
        part = Path(folder) / f"part{options.clip.suffix}"
        command = [sys.executable, "-m", "srcli", "video", str(options.clip), "-o", str(part), "--quiet"]
        command += ["-m", options.model, "-s", str(options.scale), "--device", "cpu"]
        with open_video(options.clip) as video:
            rate = video.info.frame_rate
            if rate and (video.info.frames or 0) > options.frames:
                command += ["--duration", str(float((options.frames - 0.5) / rate))]
        before, wall_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return time.perf_counter() - wall_s, cpu_s


if __name__ == "__main__":
    main()
