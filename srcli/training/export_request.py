"""What an export is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to export and what to say about it.

    Attributes:
        run: run folder or checkpoint.
        target: the ONNX file to write; the card and the variants lie beside it.
        name: the generator's name on its card.
        purpose: what it is for, in a sentence.
        licence: of the weights.
        data: what it was trained on.
        data_licence: of that.
        benchmarks: folder with benchmark folders to measure it on; None measures nothing.
        half: try the ``fp16`` variant.
        calibration: pictures on which the ranges of the ``int8`` variant are found; None makes none.
        overwrite: replace files that exist.
    """

    run: Path
    target: Path
    name: str
    purpose: str = ""
    licence: str = ""
    data: str = ""
    data_licence: str = ""
    benchmarks: Path | None = None
    half: bool = False
    calibration: Path | None = None
    overwrite: bool = False
