"""The page of a study: every picture by every method, hidden originals, and what is asked about them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from srcli.core.errors import InputError, UsageError
from srcli.core.names import printable
from srcli.core.outcome import Outcome
from srcli.pipeline.compare.comparison import REFERENCE, compare_methods
from srcli.pipeline.compare.page import png_address
from srcli.pipeline.offline_page import fill_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from srcli.core.events import Events
    from srcli.pipeline.compare.comparison import Comparison
    from srcli.upscaling.methods import Method

ORIGINAL = "original"
"""What the true pictures are called among the methods."""


class Question(StrEnum):
    """What is asked."""

    RATE = "rate"
    PAIRS = "pairs"


@dataclass(frozen=True, slots=True)
class StudySettings:
    """How a study is made.

    Attributes:
        question: one picture at a time, rated 1 to 5, or two of them against each other.
        title: of the page.
        repeats: share of the questions that are asked a second time, 0..1, to check the rater.
    """

    question: Question = Question.RATE
    title: str = "Opinion study"
    repeats: float = 0.1

    def __post_init__(self) -> None:
        if not 0.0 <= self.repeats <= 1.0:
            raise UsageError(f"a share of {self.repeats:g} repeats is not between 0 and 1")


def make_study(
    pictures: Mapping[str, Path],
    references: Mapping[str, Path] | None,
    methods: Sequence[Method],
    settings: StudySettings,
    events: Events[Outcome],
) -> str:
    """Enlarge pictures by every method, and put all results into one page.

    Args:
        pictures: small ones, by name.
        references: the true large ones by the same names, shown among the results; None for none.
        methods: at one scale.
        settings: what is asked.
        events: hear of each picture, and of the tiles of each method.

    Returns:
        An HTML document.

    Raises:
        InputError: a picture can't be read, or has no reference or one of another size.
        UsageError: two methods are needed to compare.
    """
    if len(methods) + (references is not None) < 2:
        raise UsageError(
            "a study needs two methods to compare", hint="add another -m, or --references FOLDER"
        )
    shown = list(_results(pictures, references, methods, events))
    content = [[settings.question, settings.repeats], shown]
    data = {
        "study": hashlib.sha256(repr(content).encode()).hexdigest()[:12],
        "title": settings.title,
        "question": settings.question,
        "repeats": settings.repeats,
        "pictures": shown,
    }
    return fill_page("srcli.pipeline.opinion", settings.title, data)


def _results(
    pictures: Mapping[str, Path],
    references: Mapping[str, Path] | None,
    methods: Sequence[Method],
    events: Events[Outcome],
) -> Iterator[dict[str, Any]]:
    for name, path in pictures.items():
        truth = None if references is None else references.get(name)
        if references is not None and truth is None:
            raise InputError(
                f"{printable(path)} has no reference of its name",
                hint="give as many as there are pictures, named alike",
            )
        events.started(printable(name))
        comparison = compare_methods(path, truth, methods, methods[0].scale, events)
        events.finished(Outcome())
        yield {"name": printable(name), "results": _addresses(comparison)}


def _addresses(comparison: Comparison) -> dict[str, str]:
    return {
        ORIGINAL if pane.label == REFERENCE else pane.label: png_address(pane, comparison)
        for pane in comparison.panes
    }
