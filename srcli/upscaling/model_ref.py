"""What ``--model`` names: an installed generator, an ONNX file, an interpolation, ``auto``, or several."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from srcli.core.card import ModelCard, read_card
from srcli.core.errors import UnknownModel, UsageError
from srcli.core.names import printable
from srcli.core.pipes import refuse_pipe
from srcli.engine.probing.apart import probe_apart
from srcli.imaging.pixels.resize import METHODS
from srcli.models.store import InstalledModel, default_store
from srcli.models.verify import sha256_of
from srcli.upscaling.choice import AUTOMATIC

DEFAULT_SCALE = 4
"""The scale of an installed generator that has several, where nobody asks for another."""

SEPARATOR = ","
"""Between generators that run one after the other."""


@dataclass(frozen=True, slots=True)
class ModelRef:
    """A word that names what enlarges.

    Attributes:
        word: as a person typed it.
    """

    word: str

    @property
    def is_automatic(self) -> bool:
        """Whether each picture has its generator chosen."""
        return self.word == AUTOMATIC

    @property
    def is_interpolation(self) -> bool:
        """Whether it needs no generator."""
        return self.word in METHODS

    @property
    def file(self) -> Path | None:
        """The ONNX file that it names; None for an installed generator or none."""
        return Path(self.word) if self.word.endswith(".onnx") else None

    @property
    def label(self) -> str:
        """The word as a person may read it, a file without its folder and extension."""
        return printable(self.file.stem) if self.file else self.word

    def find(self, scale: int | None = None) -> InstalledModel:
        """The generator of a scale; without one, that of a file, the only one that there is or the usual one.

        Raises:
            UnknownModel: there is no such generator.
            UnsuitableModel: the file can't serve, with the reason.
            UsageError: the file has another scale.
        """
        if self.file:
            return _open_file(self.file, scale)
        store = default_store()
        if scale is None:
            scales = store.scales(self.word)
            scale = scales[0] if len(scales) == 1 else DEFAULT_SCALE
        return store.find(self.word, scale)

    def find_all(self) -> list[InstalledModel]:
        """The generators of every scale that there is; none for an interpolation.

        Raises:
            UnknownModel, UnsuitableModel: see ``find``.
        """
        if self.is_interpolation:
            return []
        if self.file:
            return [self.find()]
        store = default_store()
        return [store.find(self.word, scale) for scale in store.scales(self.word)]


def refs_in(words: str) -> tuple[ModelRef, ...]:
    """What ``--model`` names, in the order in which it runs: one word, or several with commas between.

    A file whose name has a comma goes alone.

    Raises:
        UsageError: a word is missing, or they don't go together.
    """
    if SEPARATOR not in words or Path(words).is_file():
        return (ModelRef(words),)
    refs = tuple(ModelRef(word.strip()) for word in words.split(SEPARATOR))
    for index, ref in enumerate(refs):
        if not ref.word:
            raise UsageError(f"'{printable(words)}' lacks a generator beside a comma")
        if ref.is_automatic:
            raise UsageError(
                "auto chooses one generator for each picture, and goes alone", hint="name it: -m clean,fast"
            )
        if ref.is_interpolation and index + 1 < len(refs):
            raise UsageError(f"{ref.word} is an interpolation, which comes last", hint="-m clean,bicubic")
    return refs


def _open_file(path: Path, scale: int | None) -> InstalledModel:
    """A generator by the card beside its file, else by probing it."""
    if not path.is_file():
        refuse_pipe(path)
        raise UnknownModel(f"no such model file: {path}")
    card_path = path.with_suffix(".json")
    card = read_card(card_path) if card_path.is_file() else _card_by_probe(path)
    if scale is not None and scale != card.scale:
        raise UsageError(f"{path.name} enlarges {card.scale} times, not {scale} times")
    return InstalledModel(card, path)


def _card_by_probe(path: Path) -> ModelCard:
    traits = probe_apart(path)
    return ModelCard(
        name=path.stem,
        scale=traits.scale,
        architecture="unknown",
        parameters=traits.parameters,
        macs_per_pixel=0,
        receptive_field=traits.receptive_field,
        overlap=traits.overlap,
        fp16_safe=False,
        licence="unknown",
        sha256=sha256_of(path),
        least_side=traits.minimum,
        whole=traits.whole,
    )
