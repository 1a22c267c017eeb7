"""Generators on their way to the machines of a cluster: each comes once to a machine that lacks it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.errors import DamagedModel, ModelError
from srcli.core.files import atomic_path
from srcli.engine.runtimes.compiled import cache_folder
from srcli.models.store import InstalledModel, default_store
from srcli.models.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from srcli.core.card import ModelCard
    from srcli.upscaling.pool import GeneratorPool

    Content = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class ShippedModel:
    """A generator that workers need.

    Attributes:
        name: what the run calls it.
        card: what is known about it, with the hashes of its files.
        file: the name of its full-precision file.
    """

    name: str
    card: ModelCard
    file: str

    @property
    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each of its files."""
        variants = {variant.file: variant.sha256 for variant in self.card.variants.values()}
        return {self.file: self.card.sha256, **variants}


def to_ship(pool: GeneratorPool) -> list[tuple[ShippedModel, InstalledModel]]:
    """The generators of a run, and where they lie here."""
    return [
        (ShippedModel(name, model.card, model.path.name), model)
        for name, models in pool.models.items()
        for model in models
    ]


def content_of(model: InstalledModel, shipped: ShippedModel) -> dict[str, bytes]:
    """The content of a generator's files, by their names.

    Raises:
        DamagedModel: they are not what its card says.
    """
    verify(model)
    return {file: model.path.with_name(file).read_bytes() for file in shipped.hashes}


def unpack(shipped: ShippedModel, content: Callable[[], Content]) -> InstalledModel:
    """A generator as it lies on this machine: the installed one, or what came here before, or comes now.

    Args:
        shipped: which.
        content: fetches its files.

    Raises:
        DamagedModel: what came is not what was meant.
    """
    installed = _installed(shipped)
    if installed is not None:
        return installed
    folder = cache_folder().with_name("shipped") / shipped.card.sha256
    model = InstalledModel(shipped.card, folder / shipped.file)
    try:
        verify(model)
    except DamagedModel:
        _write(folder, shipped, content())
        verify(model)
    return model


def _installed(shipped: ShippedModel) -> InstalledModel | None:
    """The same generator, if it is installed here; whether its files are sound is seen when it is loaded."""
    try:
        found = default_store().find(shipped.card.name, shipped.card.scale)
    except ModelError:
        return None
    same = found.card.sha256 == shipped.card.sha256 and found.card.variants == shipped.card.variants
    return InstalledModel(shipped.card, found.path) if same else None


def _write(folder: Path, shipped: ShippedModel, content: Content) -> None:
    for file, sha256 in shipped.hashes.items():
        found = hashlib.sha256(content[file]).hexdigest()
        if found != sha256:
            raise DamagedModel(f"{file} came with SHA-256 {found[:12]}..., not {sha256[:12]}...")
        # Several workers of a machine may do so at once; all write the same.
        with atomic_path(folder / file) as temporary:
            temporary.write_bytes(content[file])
