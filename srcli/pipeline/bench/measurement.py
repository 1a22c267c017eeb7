"""What is measured, and what came of it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from srcli.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Effort:
    """How thoroughly to measure.

    Attributes:
        warm_up: runs that are not counted, at least one, unless the seconds run out.
        repeats: runs that are counted, unless the seconds run out.
        seconds: that a case may take, warm-up and all; one run and one round of each kind are always made.
    """

    warm_up: int = 1
    repeats: int = 5
    seconds: float = 60.0

    def __post_init__(self) -> None:
        for name, least in (("warm_up", 1), ("repeats", 1), ("seconds", 0.0)):
            if not getattr(self, name) >= least:
                raise UsageError(f"--{name.replace('_', '-')} {getattr(self, name):g} is below {least:g}")


@dataclass(frozen=True, slots=True)
class Case:
    """One way to run a generator.

    Attributes:
        model: name of an installed generator, or the path of an ONNX file.
        scale: the generator's factor; None takes 4, or what an ONNX file has.
        device: ``auto``, or what ``--device`` takes, such as ``cuda:0`` or ``openvino:gpu``.
        precision: ``auto``, ``fp32``, ``fp16``, ``bf16`` or ``int8``.
        threads: CPU threads; None for all cores.
        tile: side of the windows in input pixels; None lets the planner choose.
    """

    model: str
    scale: int | None = None
    device: str = "auto"
    precision: str = "auto"
    threads: int | None = None
    tile: int | None = None

    def __str__(self) -> str:
        """What tells one case from another, for messages."""
        scale = "" if self.scale is None else f" x{self.scale}"
        return f"{self.model}{scale}, precision {self.precision}, device {self.device}"


@dataclass(frozen=True, slots=True)
class Measurement:
    """How fast a case ran; the fields of ``--json``. Sizes are [width, height], seconds are medians.

    Attributes:
        model: the generator's name.
        model_sha256: of its full-precision file.
        scale: its factor.
        device: where it ran.
        provider: what ran it there.
        runtime: what that is part of, and its version.
        precision: of the file that ran.
        threads: CPU threads; None where no CPU computes.
        side_by_side: pictures that were enlarged at a time, each on its share of the threads; None where
            threads are not shared out.
        processor: what the processor calls itself.
        pictures: number of pictures in a run.
        input_size: of the first picture.
        tile: the largest window, as the generator saw it.
        tiles: windows in a run.
        repeats: runs that were counted.
        seconds: of a run, from files to files.
        fastest_s: of the runs.
        slowest_s: of the runs.
        input_megapixels_per_s: pixels read in a second.
        output_megapixels_per_s: pixels written in a second.
        stages_s: seconds of each stage where they take turns; in a run they overlap.
        peak_memory_bytes: the process's largest resident memory while the files went through; None where the
            system does not tell.
        raw_s: of the bare onnxruntime session on windows of the same shapes, as many at a time as in the run.
        raw_share: that over ``seconds``.
        gops: billions of operations a second that the pixels needed, a multiply-add being two, overlaps and
            all other work being waste; None where the card does not say what a pixel costs.
        peak_gops: what the device reaches in matrix products at this precision.
        peak_share: the one over the other.
    """

    model: str
    model_sha256: str
    scale: int
    device: str
    provider: str
    runtime: str
    precision: str
    threads: int | None
    side_by_side: int | None
    processor: str
    pictures: int
    input_size: tuple[int, int]
    tile: tuple[int, int]
    tiles: int
    repeats: int
    seconds: float
    fastest_s: float
    slowest_s: float
    input_megapixels_per_s: float
    output_megapixels_per_s: float
    stages_s: dict[str, float]
    peak_memory_bytes: int | None
    raw_s: float
    raw_share: float
    gops: float | None
    peak_gops: float
    peak_share: float | None

    def to_json(self) -> dict[str, Any]:
        """The measurement as JSON-ready values, to four significant digits."""
        return {
            key: _rounded(value) if key != "stages_s" else {name: _rounded(s) for name, s in value.items()}
            for key, value in dataclasses.asdict(self).items()
        }


def _rounded(value: Any) -> Any:  # noqa: ANN401  any field
    return float(f"{value:.4g}") if isinstance(value, float) else value
