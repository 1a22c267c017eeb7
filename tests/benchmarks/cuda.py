"""The GPU in one command: that it computes what the CPU does, how fast, and which choices help.

    python tests/benchmarks/cuda.py > cuda.jsonl

Prints a JSON object per figure: ``parity`` in levels of 1/255; ``resident`` megapixels a second on
batches that stay on the device, per precision, layout, CUDA graph, window and batch; ``copied`` the
same with pictures going in and out, ``rounded`` with 8-bit levels coming out; at the end ``whole``,
from an array to an array through the tiles, in floats and in levels, and what share of the best
resident speed that is. ``--device cpu`` tries the script itself.
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import product
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import SrcliError, UnknownModel
from srcli.core.pixel_format import PixelFormat
from srcli.core.rows import rows_of
from srcli.engine.devices.kind import Device, Tuning
from srcli.engine.devices.registry import choose_device
from srcli.engine.inference import ort_session
from srcli.engine.inference.uint8_output import FINITE, LEVELS
from srcli.engine.probing.probe import probe_model
from srcli.engine.runtimes.io_binding import IoBindingSession
from srcli.engine.sessions.selftest import TOLERANCE_LEVELS, difference_levels, reference_session
from srcli.engine.sessions.session import Session
from srcli.imaging.pixels.samples import to_samples
from srcli.models.store import InstalledModel, default_store
from srcli.upscaling.generator import RunOptions, load_generator

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.core.arrays import Planes
    from srcli.core.rows import Band
    from srcli.engine.inference.traits import Traits

TARGET = 0.8
"""Share of the resident speed that a whole picture is to reach."""


def main() -> None:
    """Measure every generator asked for."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--device", default="cuda:0")
    words.add_argument("--models", nargs="+", default=["fast", "plain"])
    words.add_argument("--scales", type=int, nargs="+", default=[2, 4])
    words.add_argument("--precisions", nargs="+", default=["fp32", "fp16"])
    words.add_argument("--windows", type=int, nargs="+", default=[96, 192, 288, 576])
    words.add_argument("--batches", type=int, nargs="+", default=[1, 4, 16])
    words.add_argument("--side", type=int, default=4096, help="of the whole picture")
    words.add_argument("--rounds", type=int, default=10)
    chosen = words.parse_args()
    device = choose_device(chosen.device)
    for name, scale, precision in product(chosen.models, chosen.scales, chosen.precisions):
        model = default_store().find(name, scale)
        try:
            model.file_for(precision)
        except UnknownModel:
            continue
        facts = {"model": name, "scale": scale, "precision": precision, "device": device.name}
        best = _measure_choices(model, device, precision, chosen, facts)
        _measure_whole(model, device, precision, chosen, facts, best)


def _measure_choices(
    model: InstalledModel,
    device: Device,
    precision: str,
    chosen: argparse.Namespace,
    facts: dict[str, object],
) -> float:
    """Parity and speed for every choice; the best resident speed in megapixels a second."""
    path, best = model.file_for(precision), 0.0
    traits = probe_model(path, model.card)
    for nhwc, graphs in product((False, True), (False, True)):
        choice = facts | {"nhwc": nhwc, "graphs": graphs}
        tuning = Tuning(nhwc=nhwc, graphs=graphs)
        try:
            session = _open(model, device, precision, tuning)
            _print("parity", choice, **_parity(session, model, device, traits, precision))
            for side, count in product(chosen.windows, chosen.batches):
                shape = (count, 3, side, side)
                # A session of its own, as one keeps the buffers of few shapes.
                session = _open(model, device, precision, tuning)
                resident, copied = _speeds(session, shape, chosen.rounds)
                best = max(best, resident)
                rounding = _open(model, device, precision, tuning, in_levels=True)
                speeds = {
                    "resident": resident,
                    "copied": copied,
                    "rounded": _rounding_speed(rounding, shape, chosen.rounds),
                }
                for figure, speed in speeds.items():
                    _print(figure, choice, window=side, batch=count, megapixels_per_s=round(speed, 2))
        except SrcliError as error:
            _print("failed", choice, error=error.message)
    return best


def _open(
    model: InstalledModel, device: Device, precision: str, tuning: Tuning, *, in_levels: bool = False
) -> IoBindingSession:
    session = ort_session.create(model.file_for(precision), device, tuning=tuning, in_levels=in_levels)
    return session if isinstance(session, IoBindingSession) else IoBindingSession(session, "cpu")


def _parity(
    bound: IoBindingSession, model: InstalledModel, device: Device, traits: Traits, precision: str
) -> dict[str, object]:
    """The largest difference from the plain CPU kernels in full precision, on a tile of noise."""
    session = Session(bound, device=device, precision=precision, traits=traits)
    levels = difference_levels(session, reference_session(model.path, session))
    return {"levels": round(levels, 5), "passed": levels <= TOLERANCE_LEVELS}


def _speeds(session: IoBindingSession, shape: tuple[int, ...], rounds: int) -> tuple[float, float]:
    """Megapixels a second of a batch that stays on the device, and of one that is copied in and out."""
    batch = np.random.default_rng(0).random(shape, dtype=np.float32)
    ort_session.run(session, batch)
    pixels = shape[0] * shape[2] * shape[3] / 1e6
    resident = _median_s(lambda: session.rerun(shape, np.float32), rounds)
    copied = _median_s(lambda: ort_session.run(session, batch), rounds)
    return pixels / resident, pixels / copied


def _rounding_speed(session: IoBindingSession, shape: tuple[int, ...], rounds: int) -> float:
    """Megapixels a second of a batch that is copied in, and out as levels."""
    batch = np.random.default_rng(0).random(shape, dtype=np.float32)
    names = (LEVELS, FINITE)
    ort_session.run_for(session, names, batch)
    return (
        shape[0]
        * shape[2]
        * shape[3]
        / 1e6
        / _median_s(lambda: ort_session.run_for(session, names, batch), rounds)
    )


def _measure_whole(
    model: InstalledModel,
    device: Device,
    precision: str,
    chosen: argparse.Namespace,
    facts: dict[str, object],
    best: float,
) -> None:
    """A whole picture through the tiles, as it is run today."""
    generator = load_generator(
        model.card.name, scale=model.card.scale, device=device, options=RunOptions(precision=precision)
    )
    planes = np.random.default_rng(0).random((chosen.side, chosen.side, 3), dtype=np.float32)
    generator.run(planes[:600, :600])

    def run_to_levels() -> None:
        run = generator.start(rows_of(planes), pixels=PixelFormat(_round, 3, rounds_to_uint8=True))
        for _ in run.rows.read(0):
            pass

    for result, run in (("floats", lambda: generator.run(planes)), ("levels", run_to_levels)):
        speed = chosen.side**2 / 1e6 / _median_s(run, min(3, chosen.rounds))
        share = speed / best if best else 0.0
        figures = {"megapixels_per_s": round(speed, 2), "share": round(share, 3), "target": TARGET}
        _print("whole", facts, result=result, **figures)


def _round(planes: Planes) -> Band:
    return to_samples(planes, 8)


def _median_s(run: Callable[[], object], rounds: int) -> float:
    run()
    seconds = []
    for _ in range(rounds):
        started_s = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - started_s)
    return median(seconds)


def _print(figure: str, facts: dict[str, object], **values: object) -> None:
    print(json.dumps({"figure": figure} | facts | values), flush=True)


if __name__ == "__main__":
    main()
