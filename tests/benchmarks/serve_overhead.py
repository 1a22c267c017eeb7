"""What 512 x 512 at x4 costs through the API and by the command's path in a warm process; how long it starts.

python tests/benchmarks/serve_overhead.py --rounds 7
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

sys.path[:0] = [str(Path(__file__).resolve().parents[2])]
from srcli.core.events import Events  # noqa: E402
from srcli.upscaling.jobs import Job  # noqa: E402
from srcli.upscaling.pool import open_pool  # noqa: E402
from srcli.upscaling.report import FileReport  # noqa: E402
from srcli.upscaling.run import prepare_jobs  # noqa: E402
from srcli.upscaling.settings import Existing, UpscaleSettings  # noqa: E402
from srcli.upscaling.sinks import FileSink  # noqa: E402
from srcli.upscaling.sources import FileSource  # noqa: E402
from srcli.upscaling.target import Target  # noqa: E402
from tests.server.running import Server, until  # noqa: E402

SIDE = 512


def make_picture(path):
    rows, columns = np.mgrid[:SIDE, :SIDE]
    waves = np.stack([128 + 90 * np.sin(rows / (3 + c) + columns / 7) for c in range(3)], axis=-1)
    noise = np.random.default_rng(0).normal(0, 6, waves.shape)
    Image.fromarray(np.clip(waves + noise, 0, 255).astype(np.uint8)).save(path)


def cpu_s(processes):
    times = [process.cpu_times() for process in processes]
    return sum(each.user + each.system for each in times)


def timed(work, processes):
    """Wall and processor seconds."""
    started, spent = time.perf_counter(), cpu_s(processes)
    work()
    return time.perf_counter() - started, cpu_s(processes) - spent


def start_page(folder):
    """Seconds from the command to the page, and until pictures are taken on."""
    started = time.perf_counter()
    server = Server(folder).start(wait=False)
    assert server.get("/").status == 200
    page_s = time.perf_counter() - started
    until(lambda: server.get("/ready").status == 200)
    ready_s = time.perf_counter() - started
    server.stop()
    return page_s, ready_s


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--model", default="fast")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_picture(folder / "a.png")
        data = (folder / "a.png").read_bytes()
        settings = UpscaleSettings(Target(4.0), model=options.model, existing=Existing.OVERWRITE)
        pool = open_pool(settings)
        starts = [start_page(folder / f"start{number}") for number in range(5)]
        server = Server(folder / "files", options=("-m", options.model)).start()
        web = psutil.Process(server.process.pid)

        def command():
            job = Job(FileSource(folder / "a.png"), FileSink(folder / "b.png"))
            assert prepare_jobs([job], settings, pool).start(Events[FileReport]()).exit_code == 0

        def request():
            answer = server.post("/v1/upscale?scale=4", data)
            assert answer.body == (folder / "b.png").read_bytes()

        command()
        request()
        rounds = [
            (timed(command, [psutil.Process()]), timed(request, [web, *web.children()]))
            for _ in range(options.rounds)
        ]
        server.stop()
    walls = [each[1][0] / each[0][0] for each in rounds]
    processors = [each[1][1] / each[0][1] for each in rounds]
    figures = {
        "command_wall_s": [round(each[0][0], 3) for each in rounds],
        "request_wall_s": [round(each[1][0], 3) for each in rounds],
        "command_cpu_s": [round(each[0][1], 3) for each in rounds],
        "request_cpu_s": [round(each[1][1], 3) for each in rounds],
        "wall_ratio_median": round(statistics.median(walls), 3),
        "cpu_ratio_median": round(statistics.median(processors), 3),
        "page_s": [round(each[0], 3) for each in starts],
        "ready_s": [round(each[1], 3) for each in starts],
    }
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
