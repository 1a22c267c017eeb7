"""The generators on disk: an ONNX file ``NAME-xS.onnx`` and its card ``NAME-xS.json`` beside it."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from srcli.core.card import ModelCard, read_card
from srcli.core.errors import DamagedModel, UnknownModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DEFAULT_MODEL = "fast"
FULL_PRECISION = "fp32"
MODELS_VARIABLE = "SRCLI_MODELS"
PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A generator on disk: its card and its full-precision ONNX file."""

    card: ModelCard
    path: Path

    def file_for(self, precision: str) -> Path:
        """The ONNX file at a precision: ``fp32`` or one of the card's variants.

        Raises:
            UnknownModel: the generator has no such variant.
        """
        if precision == FULL_PRECISION:
            return self.path
        variant = self.card.variants.get(precision)
        if variant is None:
            available = ", ".join((FULL_PRECISION, *self.card.variants))
            raise UnknownModel(
                f"{self.card.name} x{self.card.scale} has no {precision} file",
                hint=f"--precision {available}",
            )
        return self.path.with_name(variant.file)


class ModelStore:
    """The generators in some folders. Where two have one name and scale, the later folder's counts."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)

    def all(self) -> list[InstalledModel]:
        """All generators, by name and scale.

        Raises:
            DamagedModel: a card can't be read, or its ONNX file is missing.
        """
        return list(self._models.values())

    def find(self, name: str, scale: int) -> InstalledModel:
        """The generator of a name and a scale.

        Raises:
            UnknownModel: there is none.
        """
        try:
            return self._models[name, scale]
        except KeyError:
            scales = self.scales(name)
        factors = ", ".join(f"x{factor}" for factor in scales)
        raise UnknownModel(f"{name} has no x{scale} generator", hint=f"it has {factors}")

    def scales(self, name: str) -> tuple[int, ...]:
        """The scales of a generator, smallest first.

        Raises:
            UnknownModel: there is no generator of that name.
        """
        found = tuple(scale for known, scale in self._models if known == name)
        if not found:
            raise UnknownModel(f"there is no generator named {name!r}", hint=self._suggestion(name))
        return found

    @cached_property
    def _models(self) -> dict[tuple[str, int], InstalledModel]:
        """The generators by name and scale, in that order; read once."""
        found = {(model.card.name, model.card.scale): model for model in self._read()}
        return dict(sorted(found.items()))

    def _read(self) -> Iterator[InstalledModel]:
        """The generators folder by folder."""
        for folder in self.folders:
            for card_path in sorted(folder.glob("*.json")):
                model = card_path.with_suffix(".onnx")
                if not model.is_file():
                    raise DamagedModel(
                        f"{card_path} describes a generator whose file {model.name} is missing"
                    )
                yield InstalledModel(read_card(card_path), model)

    def _suggestion(self, name: str) -> str:
        """What the user may have meant, and what there is."""
        names = list(dict.fromkeys(known for known, _ in self._models))
        if not names:
            return f"no generators are installed in {', '.join(map(str, self.folders))}"
        close = difflib.get_close_matches(name, names, n=1)
        meant = f"did you mean {close[0]}? " if close else ""
        return f"{meant}there are {', '.join(names)}; a file of your own is given as FILE.onnx"


def default_store() -> ModelStore:
    """The generators that ship with srcli, and those in the folder that ``SRCLI_MODELS`` names."""
    own = os.environ.get(MODELS_VARIABLE)
    return ModelStore([shipped_folder(), *([Path(own)] if own else [])])


def shipped_folder() -> Path:
    """Where the shipped generators lie: inside an installed package, or at the top of a checkout."""
    inside = PACKAGE / "weights"
    return inside if inside.is_dir() else PACKAGE.parent / "weights"
