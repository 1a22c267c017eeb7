"""What the answers of a study say: mean opinion scores, or strengths from pairs, with intervals."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.core.errors import InputError, MissingExtra
from srcli.pipeline.opinion.answers import unreliable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from srcli.pipeline.opinion.answers import Answer

_LEVEL = 0.95
_RESAMPLES = 300
_SEED = 0
_PRIOR = 0.01
"""Keeps the strength of a method that won all its pairs, or none, finite."""
_ELO = 400 / math.log(10)


@dataclass(frozen=True, slots=True)
class MethodScore:
    """What raters think of one method.

    Attributes:
        method: its name.
        score: the mean opinion score, 1..5; of pairs, the Bradley-Terry strength on the scale of Elo, whose
            mean over the methods is 0: 400 more win ten to one.
        interval: of 95 %; None where there are too few answers.
        answers: ratings, or pairs that it was in.
        wins: of these pairs; None of ratings.
    """

    method: str
    score: float
    interval: tuple[float, float] | None
    answers: int
    wins: int | None = None


@dataclass(frozen=True, slots=True)
class StudyScore:
    """The outcome of a study.

    Attributes:
        study: its number.
        question: ``rate`` or ``pairs``.
        raters: who counts.
        left_out: who doesn't, and why.
        methods: best first.
        agreement: of ratings, the mean of Spearman's rank correlation over pairs of raters; of pairs, the
            share of common choices that are the same; None for a single rater.
    """

    study: str
    question: str
    raters: tuple[str, ...]
    left_out: dict[str, str]
    methods: tuple[MethodScore, ...]
    agreement: float | None

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values."""
        return asdict(self)


def score_study(answers: Sequence[Answer]) -> StudyScore:
    """Sum up the first answers of all raters who pass the checks.

    Ratings: the mean over raters of their means, with Student's t interval over raters; over the ratings
    where there is one rater. Pairs: Bradley and Terry's model (Biometrika 39, 1952) by iterative Luce
    spectral ranking (Maystre and Grossglauser, NIPS 2015), with a percentile bootstrap interval over the
    comparisons.

    Args:
        answers: of one study, at least one.

    Raises:
        InputError: no rater passes the checks.
        MissingExtra: scipy or choix is not installed.
    """
    left_out = unreliable(answers)
    kept = [answer for answer in answers if answer.rater not in left_out and not answer.is_repeat]
    if not kept:
        reasons = "; ".join(f"{rater}: {reason}" for rater, reason in left_out.items())
        raise InputError(f"no rater passes the checks: {reasons}")
    pairs = kept[0].right is not None
    methods = _strengths(kept) if pairs else _mean_opinions(kept)
    return StudyScore(
        study=kept[0].study,
        question="pairs" if pairs else "rate",
        raters=tuple(dict.fromkeys(answer.rater for answer in kept)),
        left_out=left_out,
        methods=tuple(sorted(methods, key=lambda method: -method.score)),
        agreement=_agreement(kept, _same_choices if pairs else _rank_correlation),
    )


def _mean_opinions(answers: Sequence[Answer]) -> list[MethodScore]:
    grades: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for answer in answers:
        grades[answer.left][answer.rater].append(answer.grade)
    scores = []
    for method, by_rater in grades.items():
        means = [float(np.mean(own)) for own in by_rater.values()]
        values = means if len(means) > 1 else [float(grade) for grade in next(iter(by_rater.values()))]
        count = sum(map(len, by_rater.values()))
        scores.append(MethodScore(method, float(np.mean(means)), _t_interval(values), count))
    return scores


def _t_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Student's t interval of the mean."""
    if len(values) < 2:
        return None
    stats = _scipy_stats()
    mean, error = float(np.mean(values)), float(stats.sem(values))
    if error == 0.0:
        return mean, mean
    low, high = stats.t.interval(_LEVEL, len(values) - 1, loc=mean, scale=error)
    return float(low), float(high)


def _strengths(answers: Sequence[Answer]) -> list[MethodScore]:
    methods = list(dict.fromkeys(name for answer in answers for name in (answer.left, answer.right or "")))
    number = {name: index for index, name in enumerate(methods)}
    won = np.array([(number[answer.winner], number[_loser(answer)]) for answer in answers])
    strengths = _bradley_terry(won, len(methods))
    rng = np.random.default_rng(_SEED)
    resampled = [
        _bradley_terry(won[rng.integers(len(won), size=len(won))], len(methods)) for _ in range(_RESAMPLES)
    ]
    tail = (1 - _LEVEL) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail], axis=0)
    return [
        MethodScore(
            method,
            float(strengths[index]),
            (float(low[index]), float(high[index])),
            answers=int((won == index).sum()),
            wins=int((won[:, 0] == index).sum()),
        )
        for index, method in enumerate(methods)
    ]


def _loser(answer: Answer) -> str:
    return answer.left if answer.value == "right" else answer.right or ""


def _bradley_terry(won: npt.NDArray[np.int_], count: int) -> npt.NDArray[np.float64]:
    """Strengths of ``count`` methods, on the scale of Elo with mean 0, from (winner, loser) rows."""
    try:
        import choix
    except ImportError as error:
        raise MissingExtra("scoring pairs", extra="judge") from error
    strengths = np.asarray(choix.ilsr_pairwise(count, [tuple(pair) for pair in won.tolist()], alpha=_PRIOR))
    centred: npt.NDArray[np.float64] = (strengths - strengths.mean()) * _ELO
    return centred


def _agreement(answers: Sequence[Answer], compare: Any) -> float | None:  # noqa: ANN401
    by_rater: dict[str, dict[Any, Any]] = defaultdict(dict)
    for answer in answers:
        by_rater[answer.rater][answer.question] = answer.grade if answer.right is None else answer.winner
    found = []
    for first, second in combinations(by_rater.values(), 2):
        common = [(first[question], second[question]) for question in first if question in second]
        value = compare(common) if len(common) > 1 else None
        if value is not None:
            found.append(value)
    return float(np.mean(found)) if found else None


def _rank_correlation(common: Sequence[tuple[int, int]]) -> float | None:
    ours, theirs = zip(*common, strict=True)
    if len(set(ours)) == 1 or len(set(theirs)) == 1:
        return None
    return float(_scipy_stats().spearmanr(ours, theirs).statistic)


def _same_choices(common: Sequence[tuple[str, str]]) -> float:
    return float(np.mean([ours == theirs for ours, theirs in common]))


def _scipy_stats() -> Any:  # noqa: ANN401
    try:
        from scipy import stats
    except ImportError as error:
        raise MissingExtra("scoring ratings", extra="judge") from error
    return stats
