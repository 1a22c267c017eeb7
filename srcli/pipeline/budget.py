"""The best generator that a time suffices for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.errors import UsageError
from srcli.models.store import default_store
from srcli.upscaling.choice import AUTOMATIC, CLEAN
from srcli.upscaling.run import plan_run
from srcli.upscaling.sources import STREAM
from srcli.upscaling.target import chain_scales

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from srcli.core.card import ModelCard
    from srcli.upscaling.run import Run

TOLERANCE = 0.2
"""Share of the budget by which it may be missed without a word."""
_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600}


@dataclass(frozen=True, slots=True)
class Budget:
    """A time: in seconds for each picture, in minutes or hours for the run.

    Attributes:
        words: as they were given.
        seconds: how long that is.
        per_picture: whether each picture may take as long.
    """

    words: str
    seconds: float
    per_picture: bool

    def missed(self, seconds: float) -> str | None:
        """How far a time is beyond the budget, in words; None where it is kept, but for ``TOLERANCE``."""
        if seconds <= self.seconds * (1 + TOLERANCE):
            return None
        over = seconds / self.seconds - 1
        return f"took {seconds:.1f} s, {over:.0%} more than the budget of {self.words}"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a generator would take of a budget."""

    model: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The run with the generator that was chosen, and what was estimated, best generator first."""

    run: Run
    chosen: Estimate
    too_slow: tuple[Estimate, ...]

    def __str__(self) -> str:
        slow = "".join(f"; {other.model} would take {other.seconds:.1f} s" for other in self.too_slow)
        return f"{self.chosen.model}, estimated at {self.chosen.seconds:.1f} s, is the best that fits{slow}"


def parse_budget(words: str) -> Budget:
    """Understand ``2s`` (for each picture), ``10m`` or ``1h`` (for the run).

    Raises:
        UsageError: it is none of these.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(s|m|min|h)", words.strip())
    if match is None or float(match[1]) == 0:
        raise UsageError(
            f"cannot understand the budget '{words}'", hint="2s for each picture, 10m or 1h for the run"
        )
    return Budget(words, float(match[1]) * _UNITS[match[2]], match[2] == "s")


def choose_run(
    model: str, budget: Budget, prepare: Callable[[str], Run], factor: float | None = None
) -> Choice:
    """Prepare a run with the best generator whose estimated time fits.

    Args:
        model: the generator asked for: only those of its purpose take part.
        budget: the time.
        prepare: the run with a generator.
        factor: of the enlargement, where it is the same for all pictures.

    Raises:
        UsageError: none fits, or there is nothing to choose from.
    """
    slow: list[Estimate] = []
    for name in rivals(model, factor):
        run = prepare(name)
        if any(job.source.name == STREAM for job in run.jobs):
            raise UsageError("--budget needs files: standard input can be read only once")
        estimate = Estimate(name, _estimate(run, budget))
        if estimate.seconds <= budget.seconds:
            return Choice(run, estimate, tuple(slow))
        slow.append(estimate)
    quickest = min(slow, key=lambda estimate: estimate.seconds)
    raise UsageError(
        f"no generator fits {budget.words}: {quickest.model}, the quickest, is estimated at "
        f"{quickest.seconds:.1f} s",
        hint="give more time, or -m bicubic",
    )


def rivals(model: str, factor: float | None = None) -> list[str]:
    """The generators of a purpose, best first: that of ``model``, and those that may stand in for it.

    Where each picture has its generator chosen, that choice goes first, and those for clean pictures follow.
    The best is the one with the highest PSNR on the first benchmark of its card, at the largest scale that
    all have.

    Args:
        model: a generator's name, or ``auto``.
        factor: of the enlargement: others have to reach it at the same scales. None for sizes that differ:
            others have to have all scales of ``model``.

    Raises:
        UsageError: the model is no installed generator.
    """
    if model == AUTOMATIC:
        return [AUTOMATIC, *(name for name in rivals(CLEAN, factor) if name != CLEAN)]
    cards: dict[str, dict[int, ModelCard]] = {}
    for found in default_store().all():
        cards.setdefault(found.card.name, {})[found.card.scale] = found.card
    if model not in cards:
        raise UsageError(f"--budget chooses among installed generators, and {model} is none")
    asked = cards[model]
    alike = {
        name: own
        for name, own in cards.items()
        if name == model or (_same_purpose(own, asked) and _same_scales(own, asked, factor))
    }
    common = set.intersection(*(set(own) for own in alike.values()))
    scale = max(common) if common else 0
    return sorted(alike, key=lambda name: -_quality(alike[name].get(scale)))


def _same_purpose(cards: dict[int, ModelCard], asked: dict[int, ModelCard]) -> bool:
    """Whether their cards tell that both undo the same degradation, and both or neither invent texture."""
    mine, theirs = (_largest(each) for each in (cards, asked))
    if mine.training is None or theirs.training is None:
        return False
    same = mine.training.degradation == theirs.training.degradation
    return same and mine.is_adversarial == theirs.is_adversarial


def _same_scales(cards: dict[int, ModelCard], asked: dict[int, ModelCard], factor: float | None) -> bool:
    if factor is None:
        return set(cards) >= set(asked)
    return chain_scales(factor, sorted(cards)) == chain_scales(factor, sorted(asked))


def _largest(cards: dict[int, ModelCard]) -> ModelCard:
    return cards[max(cards)]


def _quality(card: ModelCard | None) -> float:
    return card.quality[0].psnr_db if card and card.quality else 0.0


def _estimate(run: Run, budget: Budget) -> float:
    """Seconds that the run takes, or its slowest picture."""
    seconds = _seconds(run)
    return max(seconds, default=0.0) if budget.per_picture else sum(seconds)


def _seconds(run: Run) -> Sequence[float]:
    return [planned.seconds for planned in plan_run(run) if planned.seconds is not None]
