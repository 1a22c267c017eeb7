"""Classifiers: networks from a picture to a score for each class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import UnsuitableModel, UsageError
from srcli.core.geometry import Size
from srcli.engine.inference import ort_session
from srcli.engine.inference.traits import BYTE, FLOAT, HALF

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from srcli.core.arrays import Planes

_TYPES = {FLOAT: np.float32, HALF: np.float16, BYTE: np.uint8}


@dataclass(frozen=True, slots=True)
class Normalisation:
    """What is done to values, 0..1, before a classifier sees them: ``(range * value - mean) / deviation``.

    Attributes:
        value_range: white, such as 1 or 255.
        mean: of each channel, in that range.
        deviation: of each channel, in that range.
    """

    value_range: float = 1.0
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    deviation: tuple[float, float, float] = (1.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        if not all(np.isfinite((self.value_range, *self.mean, *self.deviation))) or 0 in self.deviation:
            raise UsageError("range, mean and deviation have to be finite, and the deviation not 0")

    def __str__(self) -> str:
        mean, deviation = (",".join(f"{value:g}" for value in part) for part in (self.mean, self.deviation))
        return f"range {self.value_range:g}, mean {mean}, deviation {deviation}"


_TRIAL_SIDE = 224

USUAL = (
    Normalisation(),
    Normalisation(255.0),
    # Of ImageNet, as torchvision's networks are trained.
    Normalisation(1.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    # -1..1.
    Normalisation(1.0, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
)
"""What classifiers are usually fed, simplest first."""


class Classifier:
    """One classifier on the CPU.

    Args:
        path: of its ONNX file.
        size: of its input where the file leaves that free; None for the size of each picture.
        threads: processor cores to use.

    Attributes:
        size: of the pictures that it takes; None for any.
        classes: how many there are.

    Raises:
        UnknownModel, UnsuitableModel, DamagedModel: the file is no classifier that srcli can drive.
    """

    def __init__(self, path: Path, size: Size | None = None, threads: int | None = None) -> None:
        self._session = ort_session.create(path, ort_session.CPU, threads)
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].type not in _TYPES:
            raise UnsuitableModel(f"{path.name} is no classifier: it does not take one picture")
        shape = inputs[0].shape
        self._last = shape[3] in (1, 3) and shape[1] not in (1, 3)
        self._channels = shape[3] if self._last else shape[1]
        if self._channels not in (1, 3):
            raise UnsuitableModel(f"{path.name} takes {self._channels} channels, not grey or RGB")
        self._type = _TYPES[inputs[0].type]
        height, width = shape[1:3] if self._last else shape[2:4]
        fixed = Size(height, width) if isinstance(height, int) and isinstance(width, int) else None
        if fixed and size and fixed != size:
            raise UsageError(f"{path.name} takes {fixed} only, not {size}")
        self.size = fixed or size
        side = self.size or Size(_TRIAL_SIDE, _TRIAL_SIDE)
        # A network from pictures to pictures gives about as many numbers as it gets.
        self.classes = len(self.scores(np.full((*side, 3), 0.5, np.float32), Normalisation()))
        if self.classes < 2 or self.classes >= side.pixels:
            raise UnsuitableModel(f"{path.name} is no classifier: it gives {self.classes} numbers for {side}")

    def scores(self, planes: Planes, normalisation: Normalisation) -> npt.NDArray[np.float32]:
        """The score of each class, whatever its scale: probabilities or logits.

        Args:
            planes: (H, W, 3) float32, RGB, 0..1, in the classifier's size.
            normalisation: what is done to the values first.

        Raises:
            UnsuitableModel: the classifier does not take this picture, or gives no numbers.
        """
        if self._channels == 1:
            planes = planes @ np.array([[0.299], [0.587], [0.114]], np.float32)
        mean, deviation = (
            np.array(part, np.float32)[: planes.shape[2]]
            for part in (normalisation.mean, normalisation.deviation)
        )
        values = (planes * np.float32(normalisation.value_range) - mean) / deviation
        if self._type == np.uint8:
            values = np.clip(np.rint(values), 0, 255)
        feed = values if self._last else values.transpose(2, 0, 1)
        found = ort_session.run(self._session, np.ascontiguousarray(feed[None], dtype=self._type))
        scores: npt.NDArray[np.float32] = found.reshape(-1).astype(np.float32)
        if not np.isfinite(scores).all():
            raise UnsuitableModel(
                "the classifier gives no numbers", hint="give its range, mean and deviation"
            )
        return scores
