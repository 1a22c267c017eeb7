"""What was measured already: the memory behind ``srcli evaluate --resume``.

One JSON line per figure, appended as soon as it is known, with a key that stands for all that shapes it.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING, Any

from srcli.core.errors import OutputError
from srcli.core.names import printable
from srcli.core.outcome import Outcome
from srcli.pipeline.evaluate.figure import EvaluationSettings, Figure

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.pipeline.evaluate.methods import Method

LEDGER_NAME = "figures.jsonl"

_OF_FAILURES = Outcome().failure_to_json()
"""Fields of a line that say nothing here: what failed is measured again."""


class Ledger:
    """Figures by what shaped them; without a folder it forgets everything at the end.

    Args:
        folder: where ``figures.jsonl`` lies or will lie.
        resume: whether the figures there count; otherwise the file starts anew.
    """

    def __init__(self, folder: Path | None = None, *, resume: bool = False) -> None:
        self._path = folder / LEDGER_NAME if folder else None
        self._known: dict[str, Figure] = {}
        if self._path and resume:
            self._known = _read(self._path)
        elif self._path:
            _write(self._path, "", "w")

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
            _write(self._path, _to_line(key, figure), "a")


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


def _to_line(key: str, figure: Figure) -> str:
    # A leading line end keeps a line that an earlier run left torn apart from this one.
    return f"\n{json.dumps({'key': key, **figure.to_json(), 'metrics': list(figure.figures)})}\n"


def _read(path: Path) -> dict[str, Figure]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    entries = (_parse(line) for line in lines)
    return dict(entry for entry in entries if entry)


def _parse(line: str) -> tuple[str, Figure] | None:
    """One line, or nothing where it is torn or of another make."""
    try:
        values: dict[str, Any] = json.loads(line)
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


def _write(path: Path, text: str, mode: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise OutputError(f"cannot write {printable(path)}: {error.strerror or error}") from error
