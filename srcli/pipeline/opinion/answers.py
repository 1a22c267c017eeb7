"""Answers of a study as its page saves them, and which raters can be relied on."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.csv_rows import text_of
from srcli.core.errors import InputError, UsageError
from srcli.core.names import printable
from srcli.pipeline.opinion.study import ORIGINAL

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence
    from pathlib import Path

COLUMNS = ("study", "rater", "trial", "kind", "picture", "left", "right", "answer", "seconds")

LEAST_CHECKS = 3
"""A rater is not judged by fewer repeats or originals than this."""
MOST_APART = 1.0
"""Mean distance of a rating from its repetition, in grades, beyond which a rater is left out."""
LEAST_ALIKE = 0.6
"""Share of repeated pairs with the same choice below which a rater is left out; chance gives a half."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: a rating 1 to 5 of ``left``, or which of ``left`` and ``right`` looks better.

    ``is_repeat`` marks a question that the rater had answered before; in pairs, the sides are swapped then.
    """

    study: str
    rater: str
    trial: int
    is_repeat: bool
    picture: str
    left: str
    right: str | None
    value: str

    @property
    def grade(self) -> int:
        """The rating."""
        return int(self.value)

    @property
    def winner(self) -> str:
        """The method that was chosen."""
        return self.left if self.value == "left" else self.right or ""

    @property
    def question(self) -> tuple[str, frozenset[str]]:
        """What was asked, whichever side the methods were on."""
        return self.picture, frozenset(filter(None, (self.left, self.right)))


def read_answers(paths: Iterable[Path]) -> list[Answer]:
    """Read the files of all raters, or folders of them; what stands in several of them counts once.

    Raises:
        InputError: a file can't be read, or holds no answers.
        UsageError: the files are of different studies.
    """
    answers = [answer for path in paths for file in _files(path) for answer in _read(file)]
    found = {(answer.study, answer.rater, answer.trial): answer for answer in answers}
    studies = {answer.study for answer in found.values()}
    if len(studies) > 1:
        raise UsageError(
            f"the answers are of {len(studies)} studies: {', '.join(sorted(studies))}",
            hint="score each study on its own",
        )
    return list(found.values())


def _files(place: Path) -> list[Path]:
    if not place.is_dir():
        return [place]
    files = sorted(place.glob("*.csv"))
    if not files:
        raise InputError(f"no CSV files in {printable(place)}")
    return files


def _read(path: Path) -> list[Answer]:
    name = printable(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            if tuple(rows.fieldnames or ()) != COLUMNS:
                raise InputError(
                    f"{name} holds no answers of a study", hint="give the files that its page saved"
                )
            answers = [_parse(row, f"{name}, line {rows.line_num}") for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot read {name}: {error}") from error
    if not answers:
        raise InputError(f"{name} holds no answers")
    return answers


def _parse(row: dict[str, str | None], place: str) -> Answer:
    values = {column: text_of(row.get(column) or "") for column in COLUMNS}
    allowed = ("left", "right") if values["right"] else ("1", "2", "3", "4", "5")
    if values["answer"] not in allowed or not values["left"] or not values["trial"].isdecimal():
        raise InputError(f"{place}: no such answer: {values['answer']!r}")
    return Answer(
        study=values["study"],
        rater=values["rater"],
        trial=int(values["trial"]),
        is_repeat=values["kind"] == "repeat",
        picture=values["picture"],
        left=values["left"],
        right=values["right"] or None,
        value=values["answer"],
    )


def unreliable(answers: Sequence[Answer]) -> dict[str, str]:
    """Raters who fail a check, and why, in words."""
    found = {}
    for rater in dict.fromkeys(answer.rater for answer in answers):
        own = [answer for answer in answers if answer.rater == rater]
        check = _check_choices if own[0].right else _check_grades
        reason = check(own)
        if reason:
            found[rater] = reason
    return found


def _check_grades(own: Sequence[Answer]) -> str | None:
    before = {answer.question: answer.grade for answer in own if not answer.is_repeat}
    apart = [abs(answer.grade - before[answer.question]) for answer in _repeats(own, before)]
    if len(apart) >= LEAST_CHECKS and np.mean(apart) > MOST_APART:
        return f"repeated ratings are {np.mean(apart):.1f} grades apart"
    originals = [answer.grade for answer in own if answer.left == ORIGINAL]
    others = [answer.grade for answer in own if answer.left != ORIGINAL]
    if len(originals) >= LEAST_CHECKS and others and np.mean(originals) < np.mean(others):
        return f"originals are rated {np.mean(originals):.1f}, below the results with {np.mean(others):.1f}"
    return None


def _check_choices(own: Sequence[Answer]) -> str | None:
    before = {answer.question: answer.winner for answer in own if not answer.is_repeat}
    alike = [answer.winner == before[answer.question] for answer in _repeats(own, before)]
    if len(alike) >= LEAST_CHECKS and np.mean(alike) < LEAST_ALIKE:
        return f"only {np.mean(alike):.0%} of the repeated choices are the same"
    chosen = [answer.winner == ORIGINAL for answer in own if ORIGINAL in (answer.left, answer.right)]
    if len(chosen) >= LEAST_CHECKS and np.mean(chosen) < 0.5:
        return f"originals are chosen in only {np.mean(chosen):.0%} of their pairs"
    return None


def _repeats(own: Sequence[Answer], before: Container[tuple[str, frozenset[str]]]) -> list[Answer]:
    return [answer for answer in own if answer.is_repeat and answer.question in before]
