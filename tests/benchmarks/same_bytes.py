#!/usr/bin/env python3
"""Hash what srcli writes for pictures of all kinds under many settings, so that two commits can be compared.

    python tests/benchmarks/same_bytes.py > before.jsonl     # on one commit
    python tests/benchmarks/same_bytes.py > after.jsonl      # on another
    diff before.jsonl after.jsonl

One JSON line for each picture and setting, with the exit code and the hash of the file written, and one with
their number. The generators are tiny and made on the spot.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from srcli.cli.app import run
from srcli.models.folders import MODELS_VARIABLE
from tests import corpus, tiny_models

SETTINGS = {
    "x2": "-s 2",
    "x4 of x2 twice": "-s 4",
    "x3": "-s 3",
    "x1.7": "-s 1.7",
    "fit": "--longest 71",
    "strength": "-s 2 --strength 0.6",
    "seamless": "-s 2 --seamless",
    "tile": "-s 2 --tile 32 --overlap 5",
    "ensemble": "-s 2 --ensemble 8",
    "bicubic": "-s 2 -m bicubic",
    "PNG": "-s 2 --format png",
    "TIFF": "-s 2 --format tiff",
    "JPEG": "-s 2 --format jpeg",
    "WebP": "-s 2 --format webp",
    "stripped": "-s 2 --strip",
    "fidelity": "-s 2 --fidelity correct",
}


def main() -> None:
    """Print a line for each output."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter).parse_args()
    done = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _install(folder / "models")
        for source in _write_pictures(folder / "pictures"):
            for label, words in SETTINGS.items():
                code, digest = _upscale(source, words.split(), folder / "larger")
                done += digest is not None
                _print({"picture": source.name, "setting": label, "exit_code": code, "sha256": digest})
    _print({"outputs": done})


def _install(folder: Path) -> None:
    """Tiny generators of x2 and x3."""
    folder.mkdir()
    for scale in (2, 3):
        tiny_models.install(folder, name="tiny", scale=scale)
    os.environ[MODELS_VARIABLE] = str(folder)


def _write_pictures(folder: Path) -> list[Path]:
    folder.mkdir()
    for sample in corpus.all_samples():
        (folder / f"{sample.name}{sample.extension}").write_bytes(sample.data)
    large = corpus.pixels(4, height=61, width=83)
    (folder / "large.png").write_bytes(corpus.pillow_file(large, "PNG"))
    for file_format in ("GIF", "PNG", "WEBP"):
        path = folder / f"moving-{file_format.lower()}{corpus.EXTENSIONS[file_format]}"
        path.write_bytes(corpus.animation(file_format))
    for orientation in (3, 6):
        (folder / f"turned-{orientation}.png").write_bytes(corpus.oriented_file(orientation))
    (folder / "palette.png").write_bytes(corpus.palette_png(clear=True)[0])
    return sorted(folder.iterdir())


def _upscale(source: Path, words: list[str], folder: Path) -> tuple[int, str | None]:
    """The exit code, and the hash of the file that was written."""
    if "-m" not in words:
        words = [*words, "-m", "tiny"]
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        code = run(["upscale", str(source), "-o", f"{folder}/", "--device", "cpu", "-q", *words])
    written = next(iter(folder.glob("*")), None) if folder.exists() else None
    if written is None:
        return code, None
    digest = hashlib.sha256(written.read_bytes()).hexdigest()
    written.unlink()
    return code, digest


def _print(value: dict[str, object]) -> None:
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    main()
