"""Measures how fast pictures go through srcli, and what that is of what the machine could do."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from srcli.engine.machine import processor_name, usable_cores
from srcli.engine.sessions.peak import peak_gops
from srcli.pipeline.bench.clock import STAGES
from srcli.pipeline.bench.measurement import Case, Effort, Measurement
from srcli.pipeline.bench.memory import forget_peak, peak_bytes
from srcli.pipeline.bench.rounds import Rounds
from srcli.pipeline.bench.synthetic import write_synthetic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.core.geometry import Size
    from srcli.upscaling.report import FileReport


def measure(case: Case, pictures: Sequence[str], effort: Effort) -> Measurement:
    """Run a case over and over and take the medians.

    The whole run, the stages and the bare session take turns, so that a machine whose speed drifts treats
    them alike.

    Args:
        case: what to run.
        pictures: files, folders or globs; outputs go to a temporary folder.
        effort: how often.

    Raises:
        SrcliError: whatever ``srcli upscale`` would raise.
    """
    with TemporaryDirectory(prefix="srcli-bench-") as folder:
        until_s = time.perf_counter() + effort.seconds
        rounds = Rounds(case, pictures, Path(folder))
        forget_peak()
        run_s, reports = rounds.whole()
        for _ in range(effort.warm_up - 1):
            # Time is left for this one and for a round of all three kinds.
            if time.perf_counter() + 4 * run_s > until_s:
                break
            run_s, reports = rounds.whole()
        peak_memory_bytes = peak_bytes()
        session = rounds.generator.session
        peak = peak_gops(session.device, session.precision, case.threads)
        samples = _Samples()
        samples.take(rounds)
        # A round that would end too late is not begun.
        while len(samples.whole) < effort.repeats and time.perf_counter() + samples.round_s < until_s:
            samples.take(rounds)
    return _conclude(case, rounds, reports, samples, peak_memory_bytes, peak)


def write_pictures(folder: Path, count: int, size: Size) -> list[str]:
    """Write synthetic pictures to measure with, and give their names."""
    paths = [folder / f"synthetic{index}.png" for index in range(count)]
    for seed, path in enumerate(paths):
        write_synthetic(path, size, seed)
    return [str(path) for path in paths]


@dataclass(slots=True)
class _Samples:
    """Seconds, one entry per repeat; ``round_s`` is what the last round of all kinds took."""

    round_s: float = 0.0
    whole: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)
    stages: list[dict[str, float]] = field(default_factory=list)

    def take(self, rounds: Rounds) -> None:
        """One round of each kind."""
        started_s = time.perf_counter()
        self.whole.append(rounds.whole()[0])
        self.raw.append(rounds.raw())
        self.stages.append(rounds.stages())
        self.round_s = time.perf_counter() - started_s


def _conclude(
    case: Case,
    rounds: Rounds,
    reports: Sequence[FileReport],
    samples: _Samples,
    peak_memory_bytes: int | None,
    peak: float,
) -> Measurement:
    card, session = rounds.generator.card, rounds.generator.session
    pixels, first = _pixels(reports), reports[0]
    seconds, windows = median(samples.whole), rounds.windows()
    gops = 2 * card.macs_per_pixel * pixels / seconds / 1e9 or None
    device = session.device
    return Measurement(
        model=card.name,
        model_sha256=card.sha256,
        scale=card.scale,
        device=device.name,
        provider=session.provider,
        runtime=session.version,
        precision=session.precision,
        threads=None if device.on_gpu else case.threads or usable_cores(),
        side_by_side=rounds.side_by_side if device.kind.shares_threads else None,
        processor=processor_name(),
        pictures=len(reports),
        input_size=first.input_size or (0, 0),
        tile=first.tile or (0, 0),
        tiles=len(windows),
        repeats=len(samples.whole),
        seconds=seconds,
        fastest_s=min(samples.whole),
        slowest_s=max(samples.whole),
        input_megapixels_per_s=pixels / seconds / 1e6,
        output_megapixels_per_s=pixels * card.scale**2 / seconds / 1e6,
        stages_s={stage: median(sample[stage] for sample in samples.stages) for stage in STAGES},
        peak_memory_bytes=peak_memory_bytes,
        raw_s=median(samples.raw),
        raw_share=median(raw / whole for raw, whole in zip(samples.raw, samples.whole, strict=True)),
        gops=gops,
        peak_gops=peak,
        peak_share=gops / peak if gops else None,
    )


def _pixels(reports: Sequence[FileReport]) -> int:
    """Pixels of all inputs, every frame of an animation."""
    sizes = [(report.input_size or (0, 0), report.frames or 1) for report in reports]
    return sum(width * height * frames for (width, height), frames in sizes)
