"""What a person asked ``srcli upscale`` to do, as one value."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from srcli.core.errors import UsageError
from srcli.upscaling.choice import AUTOMATIC
from srcli.upscaling.generator import RunOptions
from srcli.upscaling.model_ref import refs_in

if TYPE_CHECKING:
    from srcli.upscaling.pages import PageChoice
    from srcli.upscaling.target import Target


class Existing(StrEnum):
    """What to do where the output exists already."""

    REFUSE = "refuse"
    OVERWRITE = "overwrite"


class FidelityGuard(StrEnum):
    """What is done about a result that, shrunk back, differs from its input."""

    MEASURE = "measure"
    CORRECT = "correct"


@dataclass(frozen=True, slots=True)
class UpscaleSettings:
    """Everything that shapes the outputs.

    Attributes:
        target: the size wished for.
        model: name of an installed generator or of an interpolation, the path of an ONNX file, several of
            these with commas between, or ``auto``.
        device: ``auto``, or what ``--device`` takes, such as ``cuda:0`` or ``openvino:gpu``.
        options: how the generator runs.
        format: output format such as ``png``; ``None`` keeps the input's or follows the output's extension.
        quality: 1..100 for lossy formats; ``None`` for the format's default.
        strip: whether metadata other than the colour profile is left out.
        strength: share of the generator in the result, 0..1, the rest being bicubic.
        seamless: whether the picture is a texture whose edges continue one another.
        fidelity: whether results are measured against their inputs, and corrected; None for neither.
        min_fidelity_db: the least PSNR of a result against its input; one that falls short is not written.
        check_seams: whether parts of each picture are computed again in a larger window.
        existing: what to do where the output exists.
        resume: whether files that were finished with the same settings are skipped.
        timeout_s: the longest that reading a picture may take, and that enlarging it may, in seconds;
            None bounds reading alone, by the pixels.
        pages: which pictures of files that hold several.
    """

    target: Target
    model: str = AUTOMATIC
    device: str = "auto"
    options: RunOptions = field(default_factory=RunOptions)
    format: str | None = None
    quality: int | None = None
    strip: bool = False
    strength: float = 1.0
    seamless: bool = False
    fidelity: FidelityGuard | None = None
    min_fidelity_db: float | None = None
    check_seams: bool = False
    existing: Existing = Existing.REFUSE
    resume: bool = False
    timeout_s: float | None = None
    pages: PageChoice = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.strength <= 1.0:
            raise UsageError(f"strength {self.strength:g} is not between 0 and 1")
        if self.quality is not None and not 1 <= self.quality <= 100:
            raise UsageError(f"quality {self.quality} is not between 1 and 100")
        if self.timeout_s is not None and not 0.0 < self.timeout_s < math.inf:
            raise UsageError(f"a timeout of {self.timeout_s} seconds makes no sense")
        if self.min_fidelity_db is not None and not math.isfinite(self.min_fidelity_db):
            raise UsageError(f"a fidelity of {self.min_fidelity_db} dB is no number to compare with")

    @property
    def guard(self) -> FidelityGuard | None:
        """What is done about fidelity; a least fidelity has it measured."""
        if self.fidelity is None and self.min_fidelity_db is not None:
            return FidelityGuard.MEASURE
        return self.fidelity

    @property
    def label(self) -> str:
        """What the default output name ends with: the size wished for, or what repairs at the same size."""
        return label_of(self.target, self.model)

    def fingerprint(self, models: tuple[str, ...]) -> str:
        """A hash of all that shapes the pixels and the file.

        Tile and threads are left out: the result does not depend on them. The device is, too: two devices
        agree within the stated tolerance.

        Args:
            models: sha256 of each model that may run.
        """
        shaping: dict[str, Any] = {
            "models": models,
            "model": self.model,
            "target": self.target.label,
            "overlap": self.options.overlap,
            "precision": self.options.precision,
            "format": self.format,
            "quality": self.quality,
            "strip": self.strip,
            "strength": self.strength,
            "seamless": self.seamless,
        }
        if self.options.ensemble.size > 1:
            shaping["ensemble"] = asdict(self.options.ensemble)
        if self.fidelity is FidelityGuard.CORRECT:
            shaping["fidelity"] = self.fidelity
        if self.min_fidelity_db is not None:
            shaping["min_fidelity_db"] = self.min_fidelity_db
        return hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()


def label_of(target: Target, model: str) -> str:
    """What default names of outputs end with: the size wished for, or what repairs at the same size."""
    if not target.keep:
        return target.label
    return "_".join(ref.label for ref in refs_in(model))
