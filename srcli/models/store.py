"""The generators on disk: an ONNX file ``NAME-xS.onnx`` and its card ``NAME-xS.json`` beside it."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from srcli.core.card import ModelCard, read_card
from srcli.core.errors import DamagedModel, UnknownModel
from srcli.core.precision import FULL, OF_FULL_FILE
from srcli.models.folders import shipped_folder, split_stem, user_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DEFAULT_MODEL = "fast"


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A generator on disk: its card and its full-precision ONNX file."""

    card: ModelCard
    path: Path

    def file_for(self, precision: str) -> Path:
        """The ONNX file to take for a precision: the full one, or one of the card's variants.

        Raises:
            UnknownModel: the generator has no such variant.
        """
        if precision in OF_FULL_FILE:
            return self.path
        variant = self.card.variants.get(precision)
        if variant is None:
            available = ", ".join((FULL, *self.card.variants))
            raise UnknownModel(
                f"{self.card.name} x{self.card.scale} has no {precision} file",
                hint=f"--precision {available}",
            )
        return self.path.with_name(variant.file)


@dataclass(frozen=True, slots=True)
class BrokenCard:
    """A card that can't be used, and why."""

    path: Path
    error: DamagedModel

    def is_of(self, name: str, scale: int | None) -> bool:
        """Whether it is the card of a name, at one scale or at any, as far as its file's name tells."""
        known, factor = split_stem(self.path.stem)
        return known == name and (scale is None or factor in (scale, None))


class ModelStore:
    """The generators in some folders. Where two have one name and scale, the later folder's counts.

    A card that can't be read leaves its generator out and the others alone; whoever asks for that generator
    learns why.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)

    def all(self) -> list[InstalledModel]:
        """All generators whose cards can be read, by name and scale."""
        return list(self._models.values())

    @property
    def broken(self) -> tuple[BrokenCard, ...]:
        """The cards that can't be read, and those whose ONNX file is missing."""
        return self._read[1]

    def find(self, name: str, scale: int) -> InstalledModel:
        """The generator of a name and a scale.

        Raises:
            UnknownModel: there is none.
            DamagedModel: there is one, but its card can't be used.
        """
        found = self._models.get((name, scale))
        if found is not None:
            return found
        self._raise_if_broken(name, scale)
        factors = ", ".join(f"x{factor}" for factor in self.scales(name))
        raise UnknownModel(f"{name} has no x{scale} generator", hint=f"it has {factors}")

    def scales(self, name: str) -> tuple[int, ...]:
        """The scales of a generator, smallest first.

        Raises:
            UnknownModel: there is no generator of that name.
            DamagedModel: there is one, but its card can't be used.
        """
        found = tuple(scale for known, scale in self._models if known == name)
        if not found:
            self._raise_if_broken(name, None)
            raise UnknownModel(f"there is no generator named {name!r}", hint=self._suggestion(name))
        return found

    @property
    def _models(self) -> dict[tuple[str, int], InstalledModel]:
        """The generators by name and scale, in that order."""
        return self._read[0]

    @cached_property
    def _read(self) -> tuple[dict[tuple[str, int], InstalledModel], tuple[BrokenCard, ...]]:
        """The generators by name and scale, in that order, and the broken cards; read once."""
        found: dict[tuple[str, int], InstalledModel] = {}
        broken = []
        for path in (path for folder in self.folders for path in sorted(folder.glob("*.json"))):
            try:
                model = _read_model(path)
                found[model.card.name, model.card.scale] = model
            except DamagedModel as error:
                broken.append(BrokenCard(path, error))
        return dict(sorted(found.items())), tuple(broken)

    def _raise_if_broken(self, name: str, scale: int | None) -> None:
        """Tell why a generator is not there although its card is."""
        for card in self.broken:
            if card.is_of(name, scale):
                raise DamagedModel(card.error.message, hint=f"srcli models remove {name}")

    def _suggestion(self, name: str) -> str:
        """What the user may have meant, and what there is."""
        names = list(dict.fromkeys(known for known, _ in self._models))
        if not names:
            return f"no generators are installed in {', '.join(map(str, self.folders))}"
        close = difflib.get_close_matches(name, names, n=1)
        meant = f"did you mean {close[0]}? " if close else ""
        return f"{meant}there are {', '.join(names)}; a file of your own is given as FILE.onnx"


def default_store() -> ModelStore:
    """The generators that ship with srcli, and the user's own."""
    return ModelStore([shipped_folder(), user_folder()])


def _read_model(card_path: Path) -> InstalledModel:
    """A card and its file.

    Raises:
        DamagedModel: the card can't be read, or its file is missing.
    """
    card, model = read_card(card_path), card_path.with_suffix(".onnx")
    if not os.path.isfile(model):  # noqa: PTH113  Path.is_file fails where the folder may not be looked into
        raise DamagedModel(f"{card_path} describes a generator whose file {model.name} is missing")
    return InstalledModel(card, model)
