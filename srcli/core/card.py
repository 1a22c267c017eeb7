"""The model card: what is known about a generator, kept as JSON beside its ONNX file."""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from srcli.core.errors import DamagedModel
from srcli.core.files import atomic_path
from srcli.core.from_json import from_json
from srcli.core.names import printable

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_SCALE = 16
FARTHEST = 8192
"""The largest overlap, reach and least side that a card may tell, in pixels; no network in use comes near."""
MANY = 10**15
"""More weights or multiply-adds than any network has."""

_GAN = re.compile(r"gan(?![a-z])", re.IGNORECASE)


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
    """Where a generator's weights come from.

    ``steps`` and ``seconds`` (wall time on ``hardware``) are those of the last run; ``started_from`` names
    the weights that it began with and how long those had been trained, latest first, and is empty where it
    began at random.
    """

    data: str
    data_licence: str
    degradation: str
    loss: str
    steps: int
    seconds: float
    hardware: str
    started_from: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """Another file of the same generator at a lower precision.

    ``psnr_loss_db`` is what the precision costs on BSD100, in luma PSNR.
    """

    file: str
    sha256: str
    psnr_loss_db: float | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a generator that was not trained by srcli comes from, and how faithfully it was taken over.

    Attributes:
        form: ``onnx``, ``ncnn``, ``pytorch`` or ``blend``.
        source: the file or package that it was read from, or the parts of a blend.
        source_sha256: of that file; empty where there is more than one.
        runtime: what the ONNX file was compared with, such as ``PyTorch 2.13``; empty where it is not
            installed, or where the source is ONNX itself.
        parity_levels: largest difference from that runtime on a picture, in levels of 1/255.
        parity_share: share of the values that are within one level of that runtime.
        seam_levels: largest difference between a picture in tiles, at the card's overlap, and the picture as
            a whole, in levels of 1/255; None where the generator takes no whole picture.
        seam_share: share of the values where that difference is within one level.
    """

    form: str
    source: str
    source_sha256: str = ""
    runtime: str = ""
    parity_levels: float | None = None
    parity_share: float | None = None
    seam_levels: float | None = None
    seam_share: float | None = None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What srcli knows about one generator.

    Attributes:
        name: the name a user types, such as ``fast``.
        scale: the integer factor of the generator.
        architecture: the architecture's name in the training registry.
        parameters: number of weights in the exported graph.
        macs_per_pixel: multiply-accumulates per input pixel.
        receptive_field: how many input pixels beyond its own an output pixel depends on, on each side;
            None where that is unbounded, or too far to be measured.
        overlap: how many input pixels of a tile's rim are computed and dropped; exact where it equals
            ``receptive_field``.
        fp16_safe: whether half precision stays within 1/255 of full precision.
        licence: licence of the weights.
        training: where the weights come from, where that is known.
        quality: measured figures.
        sha256: of the ONNX file.
        variants: files at other precisions, by precision (``fp16``, ``int8``).
        bf16_loss_db: what computing in bf16 costs, in luma PSNR by benchmark; empty where not measured.
        purpose: what the generator is for, in a sentence.
        provenance: of a generator that was imported or blended.
        value_range: white in the generator's input and output, 1.0 or 255.0, where its source tells; None
            where it has to be measured.
        least_side: the shortest side of a picture that the generator takes, in pixels; None where it has to
            be found out.
        whole: whether the generator looks at a picture as a whole, so that it should see it in one window.
        colours: whether it gives grey pictures colour: it sees a small view of the whole, and only the chroma
            of what it makes of that is taken.
    """

    name: str
    scale: int
    architecture: str
    parameters: int
    macs_per_pixel: int
    receptive_field: int | None
    overlap: int
    fp16_safe: bool
    licence: str
    sha256: str
    purpose: str = ""
    training: TrainingRecord | None = None
    quality: tuple[Quality, ...] = ()
    variants: dict[str, Variant] = field(default_factory=dict)
    bf16_loss_db: dict[str, float] = field(default_factory=dict)
    provenance: Provenance | None = None
    value_range: float | None = None
    least_side: int | None = None
    whole: bool = False
    colours: bool = False

    @property
    def rim(self) -> int:
        """How many input pixels around a picture matter to it, as far as is known."""
        return self.overlap if self.receptive_field is None else self.receptive_field

    @property
    def is_adversarial(self) -> bool:
        """Whether an adversary taught it, as far as its training, purpose, name and source tell."""
        trained = self.training.loss if self.training else ""
        source = self.provenance.source if self.provenance else ""
        words = f"{trained} {self.purpose}".lower()
        return "adversar" in words or bool(_GAN.search(f"{self.name} {source}"))

    def to_json(self) -> str:
        """The card as indented JSON text with a final newline."""
        return json.dumps(dataclasses.asdict(self), indent=2, ensure_ascii=False) + "\n"


def read_card(path: Path) -> ModelCard:
    """Read a card.

    Raises:
        DamagedModel: the file can't be read, or is not a model card.
    """
    try:
        card = from_json(ModelCard, json.loads(path.read_text(encoding="utf-8")), "the card")
        _check(card)
    except (OSError, ValueError, ArithmeticError, RecursionError) as error:
        raise DamagedModel(f"cannot read the model card {printable(path)}: {error}") from error
    return card


def _check(card: ModelCard) -> None:
    """Raise ValueError unless numbers that other code relies on are in range: people edit cards."""
    ranges = {
        "scale": (1, LARGEST_SCALE),
        "least_side": (1, FARTHEST),
        "parameters": (0, MANY),
        "macs_per_pixel": (0, MANY),
        "overlap": (0, FARTHEST),
        "receptive_field": (0, FARTHEST),
    }
    for name, (least, most) in ranges.items():
        value = getattr(card, name)
        if value is not None and not least <= value <= most:
            raise ValueError(f"{name} is {value!r:.60}, not from {least} to {most}")
    if not card.name or not {"/", "\\", "\0"}.isdisjoint(card.name):
        raise ValueError(f"name is {card.name!r:.60}, which can't be part of a file's name")
    if card.value_range not in (None, 1.0, 255.0):
        raise ValueError(f"value_range is {card.value_range!r}, not 1.0 or 255.0")
    _check_files(card)


def _check_files(card: ModelCard) -> None:
    """Raise ValueError unless the files of a card's variants lie beside it."""
    for variant in card.variants.values():
        if {"/", "\\", "\0"} & set(variant.file) or variant.file in ("", ".", ".."):
            raise ValueError(f"{variant.file!r} is not the name of a file beside the card")


def write_card(card: ModelCard, path: Path) -> None:
    """Write a card beside its model; the file appears whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(card.to_json(), encoding="utf-8")
