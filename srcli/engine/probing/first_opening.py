"""The first opening of a file on a machine, in a process of its own: a graph may kill the one that opens it.

What was survived is remembered in the user's cache folder by the content and the version of onnxruntime.
"""

from __future__ import annotations

import contextlib
from threading import Lock
from typing import TYPE_CHECKING

from srcli.core.child import Child, ChildLost
from srcli.core.errors import SrcliError, UnsuitableModel
from srcli.engine.probing.apart import PROBE_LIMIT_S
from srcli.engine.probing.probe import probe_model
from srcli.engine.runtimes.compiled import age_s, cache_folder, key_of
from srcli.engine.runtimes.runtime import onnxruntime

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from srcli.core.card import ModelCard

MOST_NOTES = 512
_NOTE = ".survived"
_opening = Lock()
_survived: set[str] = set()


def survive_first_opening(model: Path, card: ModelCard | None, limit_s: float = PROBE_LIMIT_S) -> None:
    """Probe a file in another process, unless that or another process of this user did so before.

    Whatever else is wrong with the file, opening it tells afterwards. Where the cache folder can't be written
    to, the file is tried again the next time, which takes a second or two.

    Args:
        model: an ONNX file.
        card: what is known about it.
        limit_s: the longest that it may take, in seconds of processor time.

    Raises:
        UnsuitableModel: it killed or occupied the process.
    """
    with _opening:
        try:
            key = key_of(model.read_bytes(), onnxruntime=onnxruntime().__version__)
        except OSError:
            return
        if key not in _survived and not _note(key).exists():
            _try(model, card, limit_s)
            _remember(key)
        _survived.add(key)


def _try(model: Path, card: ModelCard | None, limit_s: float) -> None:
    with Child() as child:
        try:
            child.call(_probe, model, card, tell=lambda _: None, limit_s=limit_s)
        except ChildLost as lost:
            raise UnsuitableModel(f"cannot run {model}: the process that tried it {lost.how}") from lost
        except (SrcliError, RuntimeError):
            # A refusal or a bug like any other, which comes up again where nothing hides it.
            return


def _probe(model: Path, card: ModelCard | None, _tell: Callable[[str], None]) -> None:
    probe_model(model, card)


def _note(key: str) -> Path:
    return cache_folder() / f"{key}{_NOTE}"


def _remember(key: str) -> None:
    """Leave an empty file; the oldest ones make room."""
    with contextlib.suppress(OSError):
        _note(key).parent.mkdir(parents=True, exist_ok=True)
        _note(key).touch()
        notes = sorted(cache_folder().glob(f"*{_NOTE}"), key=age_s)
        for note in notes[MOST_NOTES:]:
            note.unlink(missing_ok=True)
