"""The recovery score: accuracy of a classifier on results, divided by its accuracy on originals.

After the Performance Recovery Score: with EDSR x2 on CIFAR-10, 0.6707 of the results and 0.6800 of the
originals were recognised, which is 0.986, by a classifier trained for each kind of picture.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.core.errors import InputError, UsageError
from srcli.core.events import TILE
from srcli.core.geometry import Size
from srcli.core.names import printable
from srcli.core.outcome import Outcome
from srcli.engine.sessions.classifier import USUAL
from srcli.imaging.degradation.degradation import Degradation, crop_to_multiple, degrade
from srcli.imaging.pixels.resize import resize
from srcli.imaging.pixels.samples import to_samples, to_unit
from srcli.pipeline.measure.still import read_still

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from srcli.core.arrays import Planes
    from srcli.core.events import Events
    from srcli.engine.sessions.classifier import Classifier, Normalisation
    from srcli.upscaling.methods import Method

ORIGINAL, LOW = "original", "low"
TOP = 5
_RESAMPLES = 2000
_LEVEL = 0.95
_SEED = 0
_PROBED = 200
"""How many originals are classified with each usual normalisation."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """How well one kind of picture is recognised.

    Attributes:
        kind: ``original``, ``low`` (shrunk, and enlarged to the classifier's input by bicubic), or a method.
        top_1: share of pictures whose class has the highest score.
        top_5: share whose class is among the five highest; None of five classes or fewer.
        score: accuracy divided by that on originals; None where that is 0.
        interval: of the score, 95 %, by paired bootstrap over the pictures.
    """

    kind: str
    top_1: float
    top_5: float | None
    score: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class RecoveryOutcome:
    """All kinds of pictures, and how they were classified."""

    pictures: int
    classes: int
    scale: int
    normalisation: str
    kinds: tuple[Recovery, ...]

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values."""
        return asdict(self)


@dataclass(slots=True)
class _Tally:
    """Which pictures of a kind were recognised, at once and among the first five."""

    first: list[bool] = field(default_factory=list)
    among: list[bool] = field(default_factory=list)


def measure_recovery(
    pictures: Mapping[str, Path],
    labels: Mapping[str, int],
    methods: Sequence[Method],
    classifier: Classifier,
    normalisation: Normalisation | None,
    events: Events[Outcome],
) -> RecoveryOutcome:
    """Shrink pictures, enlarge them by every method, and classify all of it.

    Args:
        pictures: originals by name.
        labels: the class of each.
        methods: at one scale.
        classifier: takes them, resized by bicubic where they have another size.
        normalisation: of its input; None for whichever usual one recognises most originals.
        events: hear of each picture, and of its tiles.

    Raises:
        InputError: a picture can't be read.
        UsageError: a label is no class of the classifier.
        UnsuitableModel: the classifier does not take the pictures.
    """
    wrong = sorted({label for label in labels.values() if label >= classifier.classes})
    if wrong:
        raise UsageError(
            f"class {wrong[0]} is none of the classifier's {classifier.classes}, which count from 0"
        )
    chosen = normalisation or _probe(pictures, labels, classifier)
    scale = methods[0].scale
    tallies: dict[str, _Tally] = {
        name: _Tally() for name in (ORIGINAL, LOW, *(method.label for method in methods))
    }
    for name, path in pictures.items():
        events.started(printable(name))
        original = crop_to_multiple(read_rgb(path), scale)
        progress = partial(events.progress, printable(name), TILE)
        low = degrade(original, Degradation(scale), np.random.default_rng(0), depth=8)
        kinds = {ORIGINAL: original, LOW: resize(low, Size(*original.shape[:2]))}
        kinds |= {method.label: method.enlarge(low, progress) for method in methods}
        for kind, planes in kinds.items():
            _classify(planes, labels[name], classifier, chosen, tallies[kind])
        events.finished(Outcome())
    return RecoveryOutcome(
        len(pictures), classifier.classes, scale, str(chosen), tuple(_sum_up(tallies, classifier.classes))
    )


def read_rgb(path: Path) -> Planes:
    """An opaque picture as (H, W, 3) float32, RGB, 0..1.

    Raises:
        InputError: it can't be read, or is transparent in places.
    """
    still = read_still(path)
    if still.alpha is not None:
        raise InputError(f"{still.name} is transparent in places", hint="flatten it on a background first")
    return np.repeat(still.colour, 3, axis=2) if still.colour.shape[2] == 1 else still.colour


def _classify(
    planes: Planes, label: int, classifier: Classifier, normalisation: Normalisation, tally: _Tally
) -> None:
    size = Size(*planes.shape[:2])
    if classifier.size is not None and size != classifier.size:
        planes = resize(planes, classifier.size)
    # Pictures reach a classifier as files of 8 bits.
    scores = classifier.scores(to_unit(to_samples(planes, 8)), normalisation)
    order = np.argsort(-scores, kind="stable")
    tally.first.append(bool(order[0] == label))
    tally.among.append(bool(label in order[:TOP]))


def _probe(pictures: Mapping[str, Path], labels: Mapping[str, int], classifier: Classifier) -> Normalisation:
    """The usual normalisation that recognises most originals; the simplest of several."""
    names = list(pictures)[:: max(1, len(pictures) // _PROBED)]
    tallies = {normalisation: _Tally() for normalisation in USUAL}
    for name in names:
        planes = read_rgb(pictures[name])
        for normalisation, tally in tallies.items():
            _classify(planes, labels[name], classifier, normalisation, tally)
    return max(tallies, key=lambda normalisation: sum(tallies[normalisation].first))


def _sum_up(tallies: Mapping[str, _Tally], classes: int) -> list[Recovery]:
    original = np.array(tallies[ORIGINAL].first)
    found = []
    for kind, tally in tallies.items():
        right = np.array(tally.first)
        among = float(np.mean(tally.among)) if classes > TOP else None
        score = float(right.mean() / original.mean()) if original.any() else None
        found.append(Recovery(kind, float(right.mean()), among, score, _interval(right, original)))
    return found


def _interval(right: npt.NDArray[np.bool_], original: npt.NDArray[np.bool_]) -> tuple[float, float] | None:
    """The percentile bootstrap interval of the ratio (Efron, Annals of Statistics 7(1), 1979)."""
    rng = np.random.default_rng(_SEED)
    ratios = []
    for _ in range(_RESAMPLES):
        drawn = rng.integers(len(right), size=len(right))
        if base := original[drawn].sum():
            ratios.append(right[drawn].sum() / base)
    if len(ratios) < _RESAMPLES or len(right) < 2:
        return None
    tail = (1 - _LEVEL) / 2
    low, high = np.quantile(ratios, [tail, 1 - tail])
    return float(low), float(high)
