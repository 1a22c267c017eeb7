"""A small classifier, so that the recovery score can be measured with pictures alone.

Two convolutions and two dense layers, as for CIFAR-10: 3x3 to 32 and to 64 channels, each followed by ReLU
and a 2x2 maximum, then 128 hidden units. It takes RGB, 0..1, and gives logits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from srcli.core.errors import InputError, OutputError, UsageError
from srcli.core.geometry import Size
from srcli.core.names import is_hidden, printable
from srcli.imaging.decode import open_picture
from srcli.imaging.formats import READABLE_EXTENSIONS
from srcli.imaging.pixels.resize import resize
from srcli.importers.torch_onnx import export

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_BATCH = 64


@dataclass(frozen=True, slots=True)
class ClassifierSettings:
    """How a classifier is trained.

    Attributes:
        side: of its input, a multiple of 4; pictures of other sizes are resized.
        epochs: passes over the pictures.
        seed: of weights, order and flips.
    """

    side: int = 32
    epochs: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        if self.side < 8 or self.side % 4:
            raise UsageError(f"a side of {self.side} is no multiple of 4 from 8 on")
        if self.epochs < 1:
            raise UsageError(f"{self.epochs} epochs teach nothing")


def train_classifier(
    folder: Path,
    target: Path,
    settings: ClassifierSettings,
    tell: Callable[[int, float, float], None] = lambda epoch, loss, accuracy: None,
) -> None:
    """Train on a folder of classes and write an ONNX file.

    Args:
        folder: with a folder of pictures for each class, numbered in the order of their names.
        target: the file to write; may not exist.
        settings: how.
        tell: told of each epoch, its mean loss and its accuracy.

    Raises:
        InputError: there are fewer than two classes, or a picture can't be read.
        OutputError: the file exists.
    """
    if target.exists():
        raise OutputError(f"{printable(target)} exists already", hint="choose another name")
    pictures, labels, classes = _load(folder, settings.side)
    torch.manual_seed(settings.seed)
    network = build_classifier(classes, settings.side)
    optimiser = torch.optim.Adam(network.parameters(), 1e-3)
    for epoch in range(1, settings.epochs + 1):
        tell(epoch, *_epoch(network, optimiser, pictures, labels))
    target.parent.mkdir(parents=True, exist_ok=True)
    export(network, target, (1, 3, settings.side, settings.side), free=False)


def build_classifier(classes: int, side: int) -> nn.Module:
    """The network with fresh weights: (N, 3, side, side) to (N, classes)."""
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64 * (side // 4) ** 2, 128),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Linear(128, classes),
    )


def _epoch(
    network: nn.Module, optimiser: torch.optim.Optimizer, pictures: torch.Tensor, labels: torch.Tensor
) -> tuple[float, float]:
    network.train()
    loss_sum, right = 0.0, 0
    for chosen in torch.split(torch.randperm(len(pictures)), _BATCH):
        batch, wanted = pictures[chosen], labels[chosen]
        flipped = torch.rand(len(batch)) < 0.5
        batch[flipped] = batch[flipped].flip(3)
        logits = network(batch)
        loss = nn.functional.cross_entropy(logits, wanted)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        loss_sum += float(loss.detach()) * len(batch)
        right += int((logits.argmax(1) == wanted).sum())
    return loss_sum / len(pictures), right / len(pictures)


def _load(folder: Path, side: int) -> tuple[torch.Tensor, torch.Tensor, int]:
    """All pictures (N, 3, side, side), their classes, and how many classes there are."""
    classes = sorted(place for place in folder.iterdir() if place.is_dir()) if folder.is_dir() else []
    if len(classes) < 2:
        raise InputError(f"{printable(folder)} has {len(classes)} folders of classes, and two are needed")
    pictures, labels = [], []
    for number, place in enumerate(classes):
        for path in sorted(path for path in place.rglob("*") if _is_picture(path)):
            pictures.append(_read(path, side))
            labels.append(number)
    if not pictures:
        raise InputError(f"the folders of classes in {printable(folder)} are empty")
    return torch.from_numpy(np.stack(pictures)), torch.tensor(labels), len(classes)


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in READABLE_EXTENSIONS and not is_hidden(path) and path.is_file()


def _read(path: Path, side: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    with open_picture(path) as picture:
        colour = next(iter(picture.frames())).colour
    if colour.shape[2] == 4:
        raise InputError(f"{printable(path)} is CMYK", hint="convert it to RGB first")
    if colour.shape[:2] != (side, side):
        colour = np.clip(resize(colour, Size(side, side)), 0, 1)
    if colour.shape[2] == 1:
        colour = np.repeat(colour, 3, axis=2)
    return np.ascontiguousarray(colour.transpose(2, 0, 1), np.float32)
