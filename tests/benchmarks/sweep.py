#!/usr/bin/env python3
"""Send folders of files from anywhere through srcli, and tell how each ends.

    python tests/benchmarks/sweep.py FOLDER... > sweep.jsonl

Files go in batches through one process each; the files of a batch that is killed, hangs or says something
that is none of srcli's lines go once more, one by one. One JSON line for each file that ends as a bug, is
killed, hangs or makes a library talk, and one of totals for each folder.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

OURS = ("error: ", "hint: ", "warning: ", "cpu: ", "interrupted")
"""How lines of srcli on standard error begin."""

BUG, HANG, KILLED, NOISE = "bug", "hang", "killed", "noise"
NAMES = {0: "done", 1: "refused", 3: "too large", 70: BUG}


def main() -> None:
    """Sweep the folders."""
    options = _options()
    for folder in options.folders:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        totals: Counter[str] = Counter()
        for start in range(0, len(files), options.batch):
            for path, end, detail in sweep(files[start : start + options.batch], options.command):
                totals[end] += 1
                if end in (BUG, HANG, KILLED, NOISE):
                    _print({"file": str(path), "end": end, "detail": detail})
        _print({"folder": folder.name, "files": len(files), **totals})


def sweep(files: list[Path], command: str) -> list[tuple[Path, str, str]]:
    """How each of some files ends, and what there is to say of it."""
    ends, detail = _upscale(files, command)
    if ends is not None and not detail:
        return [(path, *ends.get(str(path), (KILLED, "no report"))) for path in files]
    if len(files) > 1:
        return [end for path in files for end in sweep([path], command)]
    if ends is None:
        return [(files[0], HANG if detail == HANG else KILLED, detail)]
    return [(files[0], NOISE, detail)]


def _upscale(files: list[Path], command: str) -> tuple[dict[str, tuple[str, str]] | None, str]:
    """How each file ends by its name, or None where the process did not end by itself, and noise."""
    with tempfile.TemporaryDirectory() as folder:
        words = [command, "upscale", *map(str, files), "-o", f"{folder}/", "-s", "2", "-m", "nearest"]
        words += ["--json", "--quiet", "--overwrite", "--timeout", "60"]
        try:
            done = subprocess.run(words, capture_output=True, timeout=100 + 10 * len(files), check=False)
        except subprocess.TimeoutExpired:
            return None, HANG
    if done.returncode < 0 or done.returncode > 128:
        return None, f"code {done.returncode}: {done.stderr[-300:].decode(errors='replace')}"
    lines = done.stderr.decode(errors="replace").splitlines()
    noise = "; ".join(line for line in lines if line and not line.startswith(OURS))
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    ends = {
        report["input"]: (NAMES.get(report["exit_code"], str(report["exit_code"])), report["error"] or "")
        for report in reports
        if "input" in report
    }
    if not reports and done.returncode:
        # Two files that would write one output, and the like: nothing was tried.
        return None, f"code {done.returncode}: {done.stderr[-300:].decode(errors='replace')}"
    return ends, noise


def _print(value: dict[str, object]) -> None:
    print(json.dumps(value), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--batch", type=int, default=100, help="files of one process")
    parser.add_argument("--command", default=str(Path(sys.executable).with_name("srcli")))
    return parser.parse_args()


if __name__ == "__main__":
    main()
