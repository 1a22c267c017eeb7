"""A run over a cluster of four machines, of which one is killed in the middle, and then the driver.

    python tests/benchmarks/cluster.py [COUNT]

The machines are simulated by Ray's own utility, each with one processor. Tells whether all pictures are
there, whole and once, and what the cluster costs a picture beside a plain batch, in processor time of all
processes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import numpy as np
import psutil
from PIL import Image
from ray.cluster_utils import Cluster

MACHINES = 4
MANIFEST = ".srcli-manifest.jsonl"


class Meter:
    """Processor seconds of this process's descendants from now on, ended ones included as last seen."""

    def __init__(self) -> None:
        self._before = self._look()
        self._seen: dict[int, float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        self._ended.set()
        self._thread.join()
        return sum(seconds - self._before.get(number, 0.0) for number, seconds in self._seen.items())

    def _watch(self) -> None:
        while not self._ended.wait(0.25):
            self._seen |= self._look()

    @staticmethod
    def _look() -> dict[int, float]:
        found = {}
        for process in psutil.Process().children(recursive=True):
            try:
                times = process.cpu_times()
                found[process.pid] = times.user + times.system
            except psutil.Error:
                continue
        return found


def make_pictures(folder: Path, count: int) -> None:
    folder.mkdir()
    for number in range(count):
        size = (24 + number % 7, 32 - number % 5, 3)
        levels = np.random.default_rng(number).integers(0, 256, size, dtype=np.uint8)
        Image.fromarray(levels).resize((64, 48), Image.Resampling.BICUBIC).save(folder / f"{number:05}.png")


def start(*words: object, reports: Path) -> subprocess.Popen[str]:
    """A run whose lines go to a file, since nobody reads a pipe while it is waited for."""
    command = [sys.executable, "-m", "srcli", "upscale", *map(str, words), "--json"]
    with reports.open("w") as file:
        return subprocess.Popen(command, stdout=file, stderr=subprocess.PIPE, text=True)


def timed(*words: object, reports: Path) -> tuple[float, float]:
    """Processor seconds and seconds of a run that is left alone."""
    meter, started_s = Meter(), time.monotonic()
    process = start(*words, reports=reports)
    _, said = process.communicate()
    assert process.returncode == 0, said
    return meter.stop(), time.monotonic() - started_s


def outputs(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.png")}


def noted(folder: Path) -> Counter[str]:
    lines = filter(None, (folder / MANIFEST).read_text().splitlines())
    return Counter(json.loads(line)["output"] for line in lines)


def wait_for(folder: Path, count: int, process: subprocess.Popen[str]) -> None:
    while len(list(folder.glob("*.png"))) < count and process.poll() is None:
        time.sleep(0.05)


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder, reports = Path(place), Path(place) / "reports.jsonl"
        make_pictures(folder / "in", count)
        words = (folder / "in", "-s", 2, "-m", "plain", "-o")
        local_s, local_wall_s = timed(*words, f"{folder}/local/", "--threads", 1, reports=reports)
        print(f"plain batch: {local_s:.1f} s of processors, {local_wall_s:.0f} s", flush=True)

        small = {"object_store_memory": 80 * 2**20}
        cluster = Cluster(
            initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False, **small}
        )
        machines = [cluster.add_node(num_cpus=1, **small) for _ in range(MACHINES)]
        try:
            over = ("--cluster", cluster.address)
            cluster_s, cluster_wall_s = timed(*words, f"{folder}/over/", *over, reports=reports)
            print(f"cluster: {cluster_s:.1f} s of processors, {cluster_wall_s:.0f} s", flush=True)
            print(f"  {1000 * (cluster_s - local_s) / count:.1f} ms more a picture, the start included")
            assert outputs(folder / "over") == outputs(folder / "local")

            out = folder / "deaths"
            driver = start(*words, f"{out}/", *over, reports=reports)
            wait_for(out, count // 3, driver)
            cluster.remove_node(machines.pop(0), allow_graceful=False)
            print(f"a machine killed with {len(outputs(out))} there", flush=True)
            wait_for(out, 2 * count // 3, driver)
            driver.kill()
            driver.communicate()
            print(f"the driver killed with {len(outputs(out))} there", flush=True)
            time.sleep(3)
            between = outputs(out)
            unlike = [
                name for name, data in between.items() if data != (folder / "local" / name).read_bytes()
            ]
            print(f"  {len(between)} a little later, {len(unlike)} of them not whole")
            driver = start(*words, f"{out}/", *over, "--resume", reports=reports)
            _, said = driver.communicate()
            statuses = Counter(json.loads(line)["status"] for line in reports.read_text().splitlines())
            print(f"resumed: exit code {driver.returncode}, {dict(statuses)} {said}", flush=True)
            print(f"  the same as the plain batch: {outputs(out) == outputs(folder / 'local')}")
            print(f"  made more than once: {sum(times > 1 for times in noted(out).values())}")
            print(f"  left over: {[path.name for path in out.glob('.srcli*') if path.name != MANIFEST]}")
        finally:
            cluster.shutdown()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
