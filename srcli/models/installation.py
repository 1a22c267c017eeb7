"""Puts generators into the user's folder and takes them out again; nothing half-written stays there."""

from __future__ import annotations

import json
import os
import re
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from srcli.core import locks, unfinished
from srcli.core.card import read_card, write_card
from srcli.core.errors import DamagedModel, OutputError, UnknownModel, UsageError
from srcli.core.files import remove_leftovers
from srcli.models.folders import shipped_folder, split_stem, user_folder
from srcli.models.store import InstalledModel, ModelStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.core.card import ModelCard

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
WORKSHOP = ".import-"
"""How the names of folders begin in which generators are prepared; the store does not look into them."""
_MOVING = "moving.json"


def check_name(name: str) -> None:
    """Raise UsageError unless a generator may have this name.

    Raises:
        UsageError: the name would not do as part of a file's name, or is one of a shipped generator.
    """
    if NAME.fullmatch(name) is None or name.endswith(".onnx"):
        raise UsageError(
            f"{name!r} is no name for a generator",
            hint="up to 64 letters, digits, dots, dashes and underscores: --name NAME",
        )
    shipped = {model.card.name.casefold() for model in ModelStore([shipped_folder()]).all()}
    if name.casefold() in shipped:
        raise UsageError(f"{name} is the name of a generator that ships with srcli", hint="--name ANOTHER")


def check_free(name: str, scale: int) -> None:
    """Raise OutputError where the user has a generator of that name and scale already.

    Raises:
        OutputError: there is one; two names that differ in capitals only are one, as they are on some disks.
    """
    store = ModelStore([user_folder()])
    taken: list[tuple[str, int | None]] = [(model.card.name, model.card.scale) for model in store.all()]
    taken += [split_stem(card.path.stem) for card in store.broken]
    for known, factor in taken:
        if (known.casefold(), factor) == (name.casefold(), scale):
            raise OutputError(
                f"there is a generator {known} x{scale} already",
                hint=f"srcli models remove {known} -s {scale}, or --name ANOTHER",
            )


@contextmanager
def open_workshop() -> Iterator[Path]:
    """An empty folder inside the user's, gone at the end with all that is still in it.

    What imports left that were killed goes as well.

    Raises:
        OutputError: the user's folder can't be written.
    """
    home = user_folder()
    made = not home.exists()
    try:
        home.mkdir(parents=True, exist_ok=True)
        _remove_remains(home)
        folder, handle = _make_workshop(home)
    except OSError as error:
        raise OutputError(f"cannot write to {home}: {error.strerror}", hint="srcli models path") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.finish(folder)
        if handle is not None:
            os.close(handle)
        if made and not any(home.iterdir()):
            home.rmdir()


def _make_workshop(home: Path) -> tuple[Path, int | None]:
    """A folder, and the handle that locks it while this process lives."""

    def make() -> Path:
        folder = home / f"{WORKSHOP}{token_hex(4)}"
        with unfinished.starting(folder):
            folder.mkdir(mode=0o700)
        return folder

    return locks.make_locked_folder(make)


def _remove_remains(home: Path) -> None:
    """Remove the workshops of imports that were killed, and files that one had begun to move to their place.

    Only what it noted and no card claims: a file without a card may be the user's.
    """
    remove_leftovers(home)
    for folder in home.glob(f"{WORKSHOP}*"):
        with suppress(OSError, ValueError):
            moving = json.loads((folder / _MOVING).read_text(encoding="utf-8"))
            if locks.is_free(folder) and not (home / moving[-1]).exists():
                for name in moving[:-1]:
                    (home / Path(name).name).unlink(missing_ok=True)
        locks.remove_if_free(folder)


def install(card: ModelCard, model: Path) -> InstalledModel:
    """Move a generator's files from a workshop to their place; the card comes last, and makes them count.

    Args:
        card: what is known about it; files of its variants lie beside ``model``.
        model: the ONNX file in the workshop.

    Raises:
        OutputError: there is such a generator already, or the disk refuses.
    """
    check_free(card.name, card.scale)
    home = user_folder()
    target = home / f"{card.name}-x{card.scale}.onnx"
    variants = [each.file for each in card.variants.values()]
    files = {target: model} | {home / name: model.with_name(name) for name in variants}
    places = [*files, target.with_suffix(".json")]
    try:
        # Whoever finds this process dead knows by that what it had begun.
        model.with_name(_MOVING).write_text(json.dumps([path.name for path in places]), encoding="utf-8")
        unfinished.register(*places)
        for place, source in files.items():
            source.replace(place)
        write_card(card, places[-1])
        unfinished.finish(*places)
    except BaseException as error:
        for path in places:
            path.unlink(missing_ok=True)
        unfinished.finish(*places)
        if isinstance(error, OSError):
            raise OutputError(f"cannot write to {home}: {error.strerror}") from error
        raise
    return InstalledModel(card, target)


def remove_model(name: str, scale: int | None = None) -> list[Path]:
    """Delete a generator from the user's folder, at one scale or at all; its card goes first.

    Returns:
        The files that are gone.

    Raises:
        UsageError: the generator ships with srcli.
        UnknownModel: the user has no such generator.
        OutputError: a file can't be deleted.
    """
    cards = [path for path in sorted(user_folder().glob("*.json")) if _is_card_of(path, name, scale)]
    if not cards:
        shipped = {model.card.name for model in ModelStore([shipped_folder()]).all()}
        if name in shipped:
            raise UsageError(f"{name} ships with srcli and stays", hint="srcli models path shows your own")
        at = "" if scale is None else f" x{scale}"
        raise UnknownModel(f"there is no {name}{at} in {user_folder()}", hint="srcli models list")
    gone = []
    for card in cards:
        for path in _files_of(card):
            try:
                path.unlink()
            except OSError as error:
                raise OutputError(f"cannot remove {path}: {error.strerror}") from error
            gone.append(path)
    return gone


def _is_card_of(path: Path, name: str, scale: int | None) -> bool:
    """Whether a card is of a name and a scale; one that can't be read is judged by its file's name."""
    try:
        card = read_card(path)
    except DamagedModel:
        known, factor = split_stem(path.stem)
        return known == name and scale in (None, factor)
    return card.name == name and scale in (None, card.scale)


def _files_of(card_path: Path) -> list[Path]:
    """A card and the files that belong to it, as far as they are there."""
    try:
        variants = {each.file for each in read_card(card_path).variants.values()}
    except DamagedModel:
        variants = {f"{card_path.stem}.{precision}.onnx" for precision in ("fp16", "int8")}
    # A card that was edited may name what is another generator's.
    own = {name for name in variants if name.startswith(f"{card_path.stem}.") and name.endswith(".onnx")}
    belonging = [card_path, card_path.with_suffix(".onnx"), *map(card_path.with_name, sorted(own))]
    return [path for path in belonging if path.is_file()]
