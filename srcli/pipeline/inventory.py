"""Which generators are installed, and whether they are sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.errors import ModelError
from srcli.engine.providers import choose_device
from srcli.engine.selftest import TOLERANCE_LEVELS, difference_levels, reference_session
from srcli.engine.session import open_session
from srcli.models.store import InstalledModel, ModelStore, default_store
from srcli.models.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Finding:
    """A generator, and what is wrong with it; ``problem`` is None for a sound one."""

    model: InstalledModel
    problem: str | None


def list_models(store: ModelStore | None = None) -> list[Finding]:
    """All installed generators, their hashes compared with their cards.

    Raises:
        DamagedModel: a card can't be read.
    """
    return [_examine(model, verify) for model in (store or default_store()).all()]


def describe_models(name: str, scale: int | None = None, store: ModelStore | None = None) -> list[Finding]:
    """The generators of a name, at one scale or at all.

    Raises:
        UnknownModel: there is none.
    """
    return [_examine(model, verify) for model in _select(store or default_store(), name, scale)]


def verify_models(name: str | None = None, store: ModelStore | None = None) -> list[Finding]:
    """Compare the hashes of generators, load them, and run a tile of each.

    Args:
        name: of the generators; all of them by default.
        store: where they lie.

    Raises:
        UnknownModel: there is none of that name.
    """
    store = store or default_store()
    models = store.all() if name is None else _select(store, name, None)
    return [_examine(model, _verify_and_run) for model in models]


def _select(store: ModelStore, name: str, scale: int | None) -> list[InstalledModel]:
    """The generators of a name, at one scale or at all."""
    scales = store.scales(name) if scale is None else (scale,)
    return [store.find(name, factor) for factor in scales]


def _examine(model: InstalledModel, check: Callable[[InstalledModel], None]) -> Finding:
    """The outcome of a check."""
    try:
        check(model)
    except ModelError as error:
        return Finding(model, error.message)
    return Finding(model, None)


def _verify_and_run(model: InstalledModel) -> None:
    """Raise DamagedModel or UnsuitableModel unless a generator is whole and computes what it should."""
    verify(model)
    session = open_session(model.path, choose_device("cpu"), card=model.card)
    levels = difference_levels(session, reference_session(model.path, session))
    if levels > TOLERANCE_LEVELS:
        raise ModelError(f"a tile on the CPU is off by {levels:.2f}/255")
