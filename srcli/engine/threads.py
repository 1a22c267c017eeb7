"""How the threads of a CPU are shared out among runs that go side by side."""

from __future__ import annotations

MOST_RUNS = 8
"""Runs beside one another. Each takes memory for a window, and what they share in Python grows with them."""


def share_threads(threads: int) -> tuple[int, int]:
    """Share threads out among as many runs as are worthwhile.

    A run of one thread wastes nothing; one of two takes a tenth more of their time, since each operator waits
    for the slower half (``tests/benchmarks/NOTES.md``).

    Args:
        threads: that may work at a time, at least 1.

    Returns:
        The number of runs, and the threads of each; where the shares don't come out even, a few threads more.
    """
    each = -(-threads // MOST_RUNS)
    return -(-threads // each), each
