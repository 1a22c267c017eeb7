"""What a pixel costs in windows of several sizes: why the planner fuses patches, and as far as it does.

python tests/benchmarks/windows.py --threads 2 --models fast plain --precisions fp32 int8
"""

from __future__ import annotations

import argparse
import json
import time
from statistics import median

import numpy as np

from srcli.core.errors import UnknownModel
from srcli.engine.inference import ort_session
from srcli.models.store import default_store


def main() -> None:
    """Print microseconds of wall time per computed and per kept pixel, a JSON object per window."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--models", nargs="+", default=["fast", "plain"])
    words.add_argument("--precisions", nargs="+", default=["fp32", "int8"])
    words.add_argument("--scale", type=int, default=4)
    words.add_argument("--windows", type=int, nargs="+", default=[64, 96, 128, 192, 288, 384, 480, 576, 768])
    words.add_argument("--threads", type=int, default=2)
    words.add_argument("--rounds", type=int, default=5)
    chosen = words.parse_args()
    for name in chosen.models:
        model = default_store().find(name, chosen.scale)
        for precision in chosen.precisions:
            try:
                path = model.file_for(precision)
            except UnknownModel:
                continue
            session = ort_session.create(path, ort_session.CPU, chosen.threads)
            facts = {"model": name, "precision": precision, "threads": chosen.threads}
            for line in _sweep(session, chosen.windows, chosen.rounds, 2 * model.card.overlap):
                print(json.dumps(facts | line), flush=True)


def _sweep(
    session: ort_session.NativeSession, windows: list[int], rounds: int, rim: int
) -> list[dict[str, float]]:
    """Every window in turn, round by round, each round for about as many pixels."""
    name = session.get_inputs()[0].name
    feeds = {
        side: {name: np.random.default_rng(0).random((1, 3, side, side), dtype=np.float32)}
        for side in windows
    }
    seconds: dict[int, list[float]] = {side: [] for side in windows}
    for turn in range(rounds + 1):
        for side, feed in feeds.items():
            times = max(1, max(windows) ** 2 // side**2 // 4)
            started_s = time.perf_counter()
            for _ in range(times):
                session.run(None, feed)
            if turn:
                seconds[side].append((time.perf_counter() - started_s) / times)
    return [
        {
            "window": side,
            "microseconds_per_pixel": round(median(seconds[side]) / side**2 * 1e6, 3),
            "microseconds_per_kept_pixel": round(median(seconds[side]) / (side - rim) ** 2 * 1e6, 3),
        }
        for side in windows
    ]


if __name__ == "__main__":
    main()
