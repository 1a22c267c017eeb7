"""What was measured already: the memory behind ``srcli evaluate --resume``.

One JSON line per figure, appended as soon as it is known, with a key that stands for all that shapes it.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING, Any

from srcli.core.files import atomic_path
from srcli.core.jsonl import LineReader, append_line
from srcli.core.names import printable
from srcli.core.outcome import Outcome
from srcli.pipeline.evaluate.figure import EvaluationSettings, Figure

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.upscaling.methods import Method

LEDGER_NAME = "figures.jsonl"

_OF_FAILURES = Outcome().failure_to_json()
"""Fields of a line that say nothing here: what failed is measured again."""


class Ledger:
    """Figures by what shaped them; without a folder it forgets everything at the end.

    Args:
        folder: where ``figures.jsonl`` lies or will lie.
        resume: whether the figures there count; otherwise the file is emptied.

    Raises:
        OutputError: the file can't be written.
    """

    def __init__(self, folder: Path | None = None, *, resume: bool = False) -> None:
        self._path = folder / LEDGER_NAME if folder else None
        self._known: dict[str, Figure] = {}
        if self._path and resume:
            self._known = _read(self._path)
        elif self._path:
            with atomic_path(self._path) as temporary:
                temporary.touch()

    def find(self, picture: Path, method: Method, settings: EvaluationSettings) -> Figure | None:
        """The figure that an earlier run measured under exactly these circumstances."""
        return self._known.get(_key(picture, method, settings))

    def note(self, picture: Path, method: Method, settings: EvaluationSettings, figure: Figure) -> None:
        """Add a figure, on the disk as well.

        Raises:
            OutputError: the file can't be written.
        """
        key = _key(picture, method, settings)
        self._known[key] = figure
        if self._path:
            append_line(self._path, {"key": key, **figure.to_json(), "metrics": list(figure.figures)})


def _key(picture: Path, method: Method, settings: EvaluationSettings) -> str:
    """A hash of all that shapes a figure; the file counts by size and time of change."""
    low = settings.lows.get(picture) if settings.lows else None
    shaping = [
        *_stamp(picture),
        *(_stamp(low) if low else ()),
        method.name,
        method.sha256,
        settings.shaping,
    ]
    return hashlib.sha256(json.dumps(shaping).encode()).hexdigest()


def _stamp(picture: Path) -> list[Any]:
    stat = picture.stat() if picture.exists() else None
    return [printable(picture.resolve()), stat and [stat.st_size, stat.st_mtime_ns]]


def _read(path: Path) -> dict[str, Figure]:
    entries = map(_parse, LineReader(path).new_objects())
    return dict(entry for entry in entries if entry)


def _parse(values: dict[str, Any]) -> tuple[str, Figure] | None:
    """Key and figure of one line, or nothing where another version wrote it."""
    try:
        key, names = values.pop("key"), values.pop("metrics")
        figures = {name: _number(values.pop(name)) for name in names}
        size = values.pop("size")
        for name in _OF_FAILURES:
            values.pop(name, None)
        return key, Figure(**values, size=size and (size[0], size[1]), figures=figures)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        return None


def _number(value: float | None) -> float:
    """JSON has no infinity: null stands for it."""
    return math.inf if value is None else value
