"""The model card: what is known about a generator, kept as JSON beside its ONNX file."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from srcli.core.errors import DamagedModel

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Quality:
    """One measured figure of a generator on a benchmark.

    ``psnr_db`` and ``ssim`` are means over the benchmark's pictures.
    """

    benchmark: str
    degradation: str
    channel: str
    shave: int
    psnr_db: float
    ssim: float


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """Where a generator's weights come from. ``seconds`` is the wall time of training on ``hardware``."""

    data: str
    data_licence: str
    degradation: str
    loss: str
    steps: int
    seconds: float
    hardware: str


@dataclass(frozen=True, slots=True)
class Variant:
    """Another file of the same generator at a lower precision.

    ``psnr_loss_db`` is what the precision costs on BSD100, in luma PSNR.
    """

    file: str
    sha256: str
    psnr_loss_db: float | None = None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What srcli knows about one generator.

    Attributes:
        name: the name a user types, such as ``fast``.
        scale: the integer factor of the generator.
        architecture: the architecture's name in the training registry.
        parameters: number of weights in the exported graph.
        macs_per_pixel: multiply-accumulates per input pixel.
        receptive_field: how many input pixels beyond its own an output pixel depends on, on each side.
        overlap: how many input pixels of a tile's rim are computed and dropped; exact where it equals
            ``receptive_field``.
        fp16_safe: whether half precision stays within 1/255 of full precision.
        licence: licence of the weights.
        training: where the weights come from, where that is known.
        quality: measured figures.
        sha256: of the ONNX file.
        variants: files at other precisions, by precision (``fp16``, ``int8``).
        purpose: what the generator is for, in a sentence.
    """

    name: str
    scale: int
    architecture: str
    parameters: int
    macs_per_pixel: int
    receptive_field: int
    overlap: int
    fp16_safe: bool
    licence: str
    sha256: str
    purpose: str = ""
    training: TrainingRecord | None = None
    quality: tuple[Quality, ...] = ()
    variants: dict[str, Variant] = field(default_factory=dict)

    def to_json(self) -> str:
        """The card as indented JSON text with a final newline."""
        return json.dumps(dataclasses.asdict(self), indent=2, ensure_ascii=False) + "\n"


def read_card(path: Path) -> ModelCard:
    """Read a card.

    Raises:
        DamagedModel: the file can't be read, or is not a model card.
    """
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        training = values.pop("training", None)
        return ModelCard(
            training=TrainingRecord(**training) if training else None,
            quality=tuple(Quality(**figure) for figure in values.pop("quality", ())),
            variants={key: Variant(**entry) for key, entry in values.pop("variants", {}).items()},
            **values,
        )
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise DamagedModel(f"cannot read the model card {path}: {error}") from error


def write_card(card: ModelCard, path: Path) -> None:
    """Write a card beside its model; the file appears whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(card.to_json(), encoding="utf-8")
    temporary.replace(path)
