"""Contestants take turns, so that a machine whose speed drifts treats them alike; ratios are pair by pair."""

from __future__ import annotations

import json
import sys
import time
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def compare(
    contestants: Mapping[str, Callable[[], object]], *, rounds: int, pixels: int, **facts: object
) -> list[dict[str, object]]:
    """Run contestants in turn and print a JSON object per contestant.

    Args:
        contestants: what to run, by name; ratios are to the first.
        rounds: how often each runs after one round that is not counted.
        pixels: input pixels of a run.
        facts: what else belongs on each line.

    Returns:
        What was printed: medians of wall and processor seconds, pixels a wall second, and the median, least
        and largest of how many times as fast as the first contestant each one was.
    """
    walls: dict[str, list[float]] = {name: [] for name in contestants}
    busy: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for name, run in contestants.items():
            wall_s, busy_s = time.perf_counter(), time.process_time()
            run()
            if turn:
                walls[name].append(time.perf_counter() - wall_s)
                busy[name].append(time.process_time() - busy_s)
    first = next(iter(contestants))
    found = [_line(name, walls, busy, first, pixels) | facts for name in contestants]
    for line in found:
        print(json.dumps(line), flush=True)
    return found


def say(text: str) -> None:
    """Tell a person what happens; stdout is for figures."""
    print(text, file=sys.stderr, flush=True)


def _line(
    name: str, walls: dict[str, list[float]], busy: dict[str, list[float]], first: str, pixels: int
) -> dict[str, object]:
    ratios = [one / other for one, other in zip(walls[first], walls[name], strict=True)]
    work = [one / other for one, other in zip(busy[first], busy[name], strict=True)]
    return {
        "name": name,
        "wall_ms": round(1000 * median(walls[name]), 2),
        "processor_ms": round(1000 * median(busy[name]), 2),
        "kilopixels_per_s": round(pixels / median(walls[name]) / 1000, 1),
        "times_as_fast": round(median(ratios), 3),
        "least": round(min(ratios), 3),
        "largest": round(max(ratios), 3),
        "times_as_fast_per_processor_second": round(median(work), 3),
    }
