"""How many times as fast OpenVINO is as onnxruntime on the same cores, at each precision, taking turns.

python tests/benchmarks/devices.py --models fast plain --calibration pictures/
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from turns import compare, say

from srcli.core.precision import BRAIN, FULL, INTEGERS
from srcli.engine.devices.registry import choose_device
from srcli.engine.inference import ort_session
from srcli.models.store import default_store
from srcli.training.integers import write_integers

if TYPE_CHECKING:
    from srcli.models.store import InstalledModel


def main() -> None:
    """Print a JSON object per generator, device and precision; ratios are to onnxruntime's fp32."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--models", nargs="+", default=["fast", "plain"])
    words.add_argument("--scale", type=int, default=4)
    words.add_argument("--windows", type=int, nargs="+", default=[288])
    words.add_argument("--threads", type=int, default=2)
    words.add_argument("--rounds", type=int, default=7)
    words.add_argument("--other", default="openvino", help="the device beside onnxruntime on the CPU")
    words.add_argument("--calibration", type=Path, help="pictures, for integers of what has none on its card")
    chosen = words.parse_args()
    for name in chosen.models:
        with TemporaryDirectory() as folder:
            files = _files(default_store().find(name, chosen.scale), chosen.calibration, Path(folder))
            for side in chosen.windows:
                _measure(files, side, chosen, name)


def _files(model: InstalledModel, calibration: Path | None, folder: Path) -> dict[str, Path]:
    """The file for each precision."""
    files = {FULL: model.path, BRAIN: model.path}
    if INTEGERS in model.card.variants:
        files[INTEGERS] = model.file_for(INTEGERS)
    elif calibration is not None:
        files[INTEGERS] = folder / "integers.onnx"
        write_integers(model.path, files[INTEGERS], calibration)
    return files


def _measure(files: dict[str, Path], side: int, chosen: argparse.Namespace, name: str) -> None:
    devices = {"onnxruntime": ort_session.CPU, chosen.other: choose_device(chosen.other)}
    feed = np.random.default_rng(0).random((1, 3, side, side), dtype=np.float32)
    contestants = {}
    for title, device in devices.items():
        for precision, path in files.items():
            problem = device.kind.precision_problem(device.part, precision)
            if problem is not None:
                say(f"{title} {precision}: {problem.reason}")
                continue
            session = ort_session.create(path, device, chosen.threads, precision=precision)
            contestants[f"{title} {precision}"] = partial(ort_session.run, session, feed)
    compare(contestants, rounds=chosen.rounds, pixels=side * side, model=name, window=side)


if __name__ == "__main__":
    main()
