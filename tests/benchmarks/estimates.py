"""What ``--dry-run`` tells of twelve runs, against what they take.

python tests/benchmarks/estimates.py --photo PHOTO.jpg [--only NUMBER ...]

Pictures of all kinds are cut from the photograph, which is turned and repeated where it is smaller. Memory
is the peak of the process, disk the size of the file. Time is that of one thread in processor seconds, which
other work on the machine hardly changes; the plan's clock counts those here.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pyvips


@dataclass(frozen=True)
class Run:
    """A picture, as width, height and kind, and what is done to it."""

    width: int
    height: int
    kind: str
    options: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.width}x{self.height} {self.kind} {' '.join(self.options)}"


RUNS = (
    Run(160, 160, "jpg", ()),
    Run(512, 512, "png", ()),
    Run(1000, 750, "grey.jpg", ("-m", "photo")),
    Run(1024, 768, "webp", ()),
    Run(1200, 900, "jpg", ("--longest", "4000", "--format", "avif")),
    Run(1600, 1200, "png", ("--strength", "0.5")),
    Run(1600, 1200, "rgba.png", ("-s", "2")),
    Run(2048, 1365, "deep.tif", ("-s", "2")),
    Run(2048, 1536, "jpg", ("-s", "2", "-m", "plain", "--precision", "int8", "--format", "webp")),
    Run(240, 180, "gif", ("-s", "3")),
    Run(4000, 3000, "jpg", ("-s", "2", "-m", "plain", "--format", "png")),
    Run(4000, 3000, "jpg", ()),
)


def main() -> None:
    """Print a line of a table per run."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--photo", type=Path, required=True)
    words.add_argument("--only", type=int, nargs="*", default=range(len(RUNS)))
    chosen = words.parse_args()
    print("| run | memory, MB | disk, MB | processor seconds |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="srcli-estimates-") as name:
        for number in chosen.only:
            run = RUNS[number]
            picture = _write(run, chosen.photo, Path(name) / f"{number}.{run.kind}")
            told, taken = _plan(run, picture), _measure(run, picture)
            told["time"], taken["time"] = _seconds(run, picture)
            cells = [
                f"{told[key]:.3g} / {taken[key]:.3g} ({told[key] / taken[key]:.2f})"
                for key in ("memory", "disk", "time")
            ]
            print(f"| {run} | {' | '.join(cells)} |", flush=True)


def _write(run: Run, photo: Path, path: Path) -> Path:
    whole = pyvips.Image.new_from_file(str(photo)).autorot()
    picture = _tiled(whole.resize(min(1.0, max(run.width / whole.width, run.height / whole.height))), run)
    kind = run.kind.partition(".")[0] if "." in run.kind else ""
    if kind == "grey":
        picture = picture.colourspace("b-w")
    if kind == "rgba":
        ramp = (pyvips.Image.identity() * 1).resize(run.width / 256, vscale=run.height).cast("uchar")
        picture = picture.bandjoin(ramp)
    if kind == "deep":
        picture = (picture.cast("ushort") * 257).cast("ushort").copy(interpretation="rgb16")
    if run.kind == "gif":
        frames = [picture.wrap(x=3 * index) for index in range(8)]
        pyvips.Image.arrayjoin(frames, across=1).copy_memory().write_to_file(
            f"{path}[page_height={run.height}]"
        )
        return path
    picture.write_to_file(str(path))
    return path


def _tiled(whole: pyvips.Image, run: Run) -> pyvips.Image:
    # Turned copies, as an encoder would find the same rows again.
    turns = (whole, whole.fliphor(), whole.flipver(), whole.rot180())
    across, down = run.width // whole.width + 1, run.height // whole.height + 1
    cells = [turns[(row + column) % len(turns)] for row in range(down) for column in range(across)]
    return pyvips.Image.arrayjoin(cells, across=across).crop(0, 0, run.width, run.height)


def _plan(run: Run, picture: Path) -> dict[str, float]:
    words = [sys.executable, "-m", "srcli", "upscale", str(picture), "--dry-run", "--json", *run.options]
    plan = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
    return {"memory": plan["memory_bytes"] / 1e6, "disk": plan["disk_bytes"] / 1e6}


def _measure(run: Run, picture: Path) -> dict[str, float]:
    target = f"{picture.parent}/larger/"
    words = [sys.executable, "-m", "srcli", "upscale", str(picture), "--json", "-o", target]
    with (picture.parent / "report").open("w+b") as report:
        process = subprocess.Popen([*words, *run.options], stdout=report)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{run} ended with {status}")
        report.seek(0)
        done = json.load(report)
    return {
        "memory": usage.ru_maxrss * 1024 / 1e6,
        "disk": Path(done["output"]).stat().st_size / 1e6,
    }


ONE_THREAD = """
import io, json, sys, time
from contextlib import redirect_stdout
from types import SimpleNamespace
from srcli.cli.app import run
from srcli.upscaling import sampling
sampling.time = SimpleNamespace(perf_counter=time.process_time)
words = ["upscale", *sys.argv[1:], "--threads", "1", "--json"]
told = io.StringIO()
with redirect_stdout(told):
    run([*words, "--dry-run"])
    started_s = time.process_time()
    run([*words, "--overwrite"])
taken_s = time.process_time() - started_s
print(json.dumps([json.loads(told.getvalue().splitlines()[0])["seconds"], taken_s]))
"""


def _seconds(run: Run, picture: Path) -> tuple[float, float]:
    """Processor seconds of one thread: what the plan tells, and what the run takes in the same process."""
    words = [sys.executable, "-c", ONE_THREAD, str(picture), "-o", f"{picture.parent}/again/", *run.options]
    told, taken = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
    return told, taken


if __name__ == "__main__":
    main()
