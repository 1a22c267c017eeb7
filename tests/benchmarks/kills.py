"""Kills runs at random moments and looks at what they leave; see NOTES.md.

    python -m tests.benchmarks.kills --kills 200 --signals 60 > kills.jsonl

Three kinds of work in turn: a batch of small pictures, one picture of 67 megapixels, an import. After each
end every output is whole or not there, and after one more run of each kind no hidden file is left.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

from tests import tiny_models

SIGNALS = (signal.SIGKILL, signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
SHARES = {"batch": 0.6, "huge": 0.15, "import": 0.25}
BUGS = ("Traceback", "internal error", "terminate called")


def main() -> None:
    """Kill, look, and print a line for each kind of work and signal."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200, help="of SIGKILL")
    parser.add_argument("--signals", type=int, default=60, help="of each other signal")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="srcli-kills-") as folder:
        works = prepare(Path(folder))
        for number in SIGNALS:
            count = options.kills if number is signal.SIGKILL else options.signals
            for kind, share in SHARES.items():
                print(json.dumps(try_signal(works[kind], number, round(count * share), chance)), flush=True)


class Work:
    """A command, where it writes, and how long it takes undisturbed."""

    def __init__(
        self, kind: str, words: list[str], out: Path, outputs: int, environment: dict[str, str]
    ) -> None:
        self.kind, self.out, self.outputs, self.environment = kind, out, outputs, environment
        self.command = [sys.executable, "-m", "srcli", *words]
        started = time.monotonic()
        self.finish()
        self.seconds = time.monotonic() - started

    def start(self) -> subprocess.Popen[str]:
        """Begin with what a killed run left, or with an empty folder where one came to its end."""
        if self._is_done():
            self._clear()
        return subprocess.Popen(
            self.command,
            env=self.environment,
            text=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def finish(self) -> int:
        """Run to the end."""
        if self._is_done():
            self._clear()
        return subprocess.run(self.command, env=self.environment, capture_output=True, check=False).returncode

    def _is_done(self) -> bool:
        return len(list(self.out.glob("[!.]*"))) >= self.outputs

    def _clear(self) -> None:
        for path in self.out.glob("[!.]*"):
            path.unlink()

    def left(self) -> list[str]:
        """Hidden files but the manifest."""
        found = sorted(path.name for path in self.out.glob(".*")) if self.out.is_dir() else []
        return [name for name in found if "manifest" not in name]

    def half(self) -> list[str]:
        """Files under their final name that are not whole."""
        return [path.name for path in self.out.glob("[!.]*") if not is_whole(path)]


def prepare(folder: Path) -> dict[str, Work]:
    """Pictures and a generator for the three kinds of work."""
    chance = np.random.default_rng(0)
    (folder / "in").mkdir()
    for index in range(12):
        noise = chance.integers(0, 256, (300, 300 + index, 3), dtype=np.uint8)
        Image.fromarray(noise).save(folder / "in" / f"{index:02}.png")
    rows, columns = np.mgrid[:4000, :4200]
    levels = np.stack([rows // 16, columns // 17, (rows + columns) // 33], 2).astype(np.uint8)
    Image.fromarray(levels).save(folder / "huge.png")
    model = tiny_models.channels_last(folder / "mine.onnx", 2)
    environment = {**os.environ, "SRCLI_MODELS": str(folder / "models")}
    quick = ["-m", "bicubic", "-s", "2", "--resume", "--quiet"]
    batch = ["upscale", f"{folder}/in", "-o", f"{folder}/out", *quick]
    huge = ["upscale", f"{folder}/huge.png", "-o", f"{folder}/big/", *quick]
    imports = ["models", "import", str(model), "--licence", "CC0"]
    return {
        "batch": Work("batch", batch, folder / "out", 12, environment),
        "huge": Work("huge", huge, folder / "big", 1, environment),
        "import": Work("import", imports, folder / "models", 2, environment),
    }


def try_signal(work: Work, number: signal.Signals, count: int, chance: random.Random) -> dict[str, object]:
    """Send a signal that many times, each at a random moment."""
    codes: Counter[int] = Counter()
    half: list[str] = []
    words: list[str] = []
    seen, slowest = 0, 0.0
    for _ in range(count):
        run = work.start()
        time.sleep(chance.uniform(0.1, max(work.seconds, 0.5)))
        sent = time.monotonic()
        run.send_signal(number)
        err = run.communicate(timeout=60)[1]
        slowest = max(slowest, time.monotonic() - sent)
        codes[run.returncode] += 1
        half += work.half()
        words += [
            line
            for line in err.splitlines()
            if "Traceback" in line or "internal" in line or "terminate" in line
        ]
        seen += len(work.left())
    code = work.finish()
    return {
        "work": work.kind,
        "signal": number.name,
        "times": count,
        "codes": dict(codes),
        "half": half,
        "hidden_files_seen": seen,
        "slowest_end_s": round(slowest, 2),
        "bad_words": words,
        "next_run": code,
        "left_after_next_run": work.left(),
    }


def is_whole(path: Path) -> bool:
    """Whether a picture decodes to its end, and a card is JSON with its generator beside it."""
    try:
        if path.suffix == ".png":
            with Image.open(path) as picture:
                picture.load()
        elif path.suffix == ".json":
            json.loads(path.read_text())
            return path.with_suffix(".onnx").exists()
    except (OSError, ValueError, SyntaxError):
        return False
    return True


if __name__ == "__main__":
    main()
