"""What Tesseract reads in originals and in results: the character error rate."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.core.errors import InputError, MachineError
from srcli.core.events import TILE
from srcli.core.names import printable
from srcli.core.outcome import Outcome
from srcli.imaging.degradation.degradation import Degradation, crop_to_multiple, degrade
from srcli.pipeline.recovery.recovery import LOW, ORIGINAL, read_rgb
from srcli.pipeline.result_files import save_result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from srcli.core.arrays import Planes
    from srcli.core.events import Events
    from srcli.upscaling.methods import Method

_TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Reading:
    """How much of the text in one kind of picture is read right.

    Attributes:
        kind: ``original``, ``low`` (the small picture as it is), or a method.
        cer: character error rate: edits that lead from the text read to the true one, divided by the
            characters of the true one.
        right: 1 less that, at least 0.
    """

    kind: str
    cer: float
    right: float


@dataclass(frozen=True, slots=True)
class ReadingOutcome:
    """All kinds of pictures."""

    pictures: int
    characters: int
    scale: int
    language: str
    kinds: tuple[Reading, ...]

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values."""
        return asdict(self)


def measure_reading(
    pictures: Mapping[str, Path], methods: Sequence[Method], language: str, events: Events[Outcome]
) -> ReadingOutcome:
    """Shrink pictures of text, enlarge them by every method, and read all of it.

    Args:
        pictures: originals by name, each with its text in a file of the same name that ends in ``.txt``.
        methods: at one scale.
        language: as Tesseract names it, such as ``eng``.
        events: hear of each picture, and of its tiles.

    Raises:
        MachineError: there is no Tesseract, or it lacks the language.
        InputError: a picture or its text can't be read.
    """
    program = _find_tesseract(language)
    texts = {name: _read_truth(path.with_suffix(".txt")) for name, path in pictures.items()}
    scale = methods[0].scale
    edits = dict.fromkeys((ORIGINAL, LOW, *(method.label for method in methods)), 0)
    for name, path in pictures.items():
        events.started(printable(name))
        original = crop_to_multiple(read_rgb(path), scale)
        progress = partial(events.progress, printable(name), TILE)
        low = degrade(original, Degradation(scale), np.random.default_rng(0), depth=8)
        kinds = {ORIGINAL: original, LOW: low}
        kinds |= {method.label: method.enlarge(low, progress) for method in methods}
        for kind, planes in kinds.items():
            edits[kind] += count_edits(_read_text(planes, program, language), texts[name])
        events.finished(Outcome())
    characters = sum(map(len, texts.values()))
    found = tuple(
        Reading(kind, count / characters, max(0.0, 1 - count / characters)) for kind, count in edits.items()
    )
    return ReadingOutcome(len(pictures), characters, scale, language, found)


def count_edits(found: str, truth: str) -> int:
    """The fewest insertions, deletions and replacements from one text to another.

    Source: Levenshtein, Soviet Physics Doklady 10(8), 1966.
    """
    above = list(range(len(truth) + 1))
    for row, letter in enumerate(found, start=1):
        line = [row]
        for column, wanted in enumerate(truth, start=1):
            line.append(min(above[column] + 1, line[-1] + 1, above[column - 1] + (letter != wanted)))
        above = line
    return above[-1]


def _find_tesseract(language: str) -> str:
    program = shutil.which("tesseract")
    if program is None:
        raise MachineError(
            "reading text needs Tesseract, and there is none", hint="apt-get install tesseract-ocr"
        )
    known = _call([program, "--list-langs"]).split()
    if language not in known:
        raise MachineError(
            f"Tesseract does not know the language '{language}'",
            hint=f"apt-get install tesseract-ocr-{language}",
        )
    return program


def _read_text(planes: Planes, program: str, language: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text.png"
        save_result(planes, path, 8)
        return _plain(_call([program, str(path), "stdout", "-l", language]))


def _call(words: list[str]) -> str:
    # One thread: pictures are small, and its threads wait for one another in a loop.
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    try:
        done = subprocess.run(words, env=environment, capture_output=True, check=True, timeout=_TIMEOUT_S)
    except (OSError, subprocess.SubprocessError) as error:
        raise MachineError(f"Tesseract failed: {error}") from error
    return done.stdout.decode("utf-8", errors="replace")


def _read_truth(path: Path) -> str:
    try:
        text = _plain(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot read the text {printable(path)}: {error}", hint="put a text file beside each picture"
        ) from error
    if not text:
        raise InputError(f"the text {printable(path)} is empty")
    return text


def _plain(text: str) -> str:
    """A text with one space between words, wherever lines end."""
    return " ".join(text.split())
