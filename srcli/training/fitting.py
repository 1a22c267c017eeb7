"""Fitting the weights of one generator into another of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from srcli.core.errors import TrainingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor, nn

WIDENED = ("head", "trunk", "tail")
"""Parts of a generator that may start from those of a narrower one."""

LEAST_SHARE = 0.4
"""A start of which less fits is of another kind. Of a generator twice as deep about half fits."""


def take_weights(generator: nn.Module, weights: Mapping[str, Tensor]) -> int:
    """Copy all weights that fit by name: as they are, spread over another scale's sub-pixels, or widened.

    Returns:
        How many tensors were taken.

    Raises:
        TrainingError: few of them fit.
    """
    mine = generator.state_dict()
    fitting = {name: _fit(name, value, mine) for name, value in weights.items()}
    taken = {name: value for name, value in fitting.items() if value is not None}
    if not taken or len(taken) < LEAST_SHARE * len(weights):
        raise TrainingError(
            f"{len(taken)} of the {len(weights)} weights of the starting point fit this architecture",
            hint="start from a generator of the same kind; one that is narrower or less deep will do",
        )
    for name, value in taken.items():
        mine[name].copy_(value)
    return len(taken)


def spread_tail(tail: Tensor, old_scale: int, new_scale: int) -> Tensor:
    """Weights or biases (3*old^2, ...) of a sub-pixel convolution to (3*new^2, ...).

    Each new sub-pixel takes the old one that covers its centre, so a generator for x4 starts as the one for
    x2 with its details repeated. A generator for x1 starts with the mean of all.
    """
    grid = tail.reshape(3, old_scale, old_scale, *tail.shape[1:])
    if new_scale == 1:
        return grid.mean(dim=(1, 2))
    centres = (torch.arange(new_scale) * 2 + 1) * old_scale
    covering = torch.div(centres, 2 * new_scale, rounding_mode="floor")
    return grid[:, covering][:, :, covering].reshape(3 * new_scale**2, *tail.shape[1:])


def widen(weights: Tensor, fresh: Tensor) -> Tensor:
    """Weights or biases (out, in, ...) in the corner of the fresh ones of a wider layer.

    Old outputs take nothing from new inputs at first, so the wider generator starts as the narrower one
    (Chen et al., Net2Net, arXiv 1511.05641, with new channels that are random instead of repeated).
    """
    wider = fresh.clone()
    outputs = weights.shape[0]
    if weights.ndim == 1:
        wider[:outputs] = weights
    else:
        wider[:outputs] = 0
        wider[:outputs, : weights.shape[1]] = weights
    return wider


def _fit(name: str, value: Tensor, mine: Mapping[str, Tensor]) -> Tensor | None:
    target = mine.get(name)
    if target is None or target.ndim != value.ndim:
        return None
    if name.startswith("tail.") and target.shape[0] != value.shape[0]:
        value = spread_tail(value, _scale_of(value), _scale_of(target))
    if target.shape == value.shape:
        return value
    # Elsewhere the order of channels means something: sub-pixels lie behind one another.
    grows = name.split(".")[0] in WIDENED and target.shape[2:] == value.shape[2:]
    narrower = all(old <= new for old, new in zip(value.shape[:2], target.shape[:2], strict=True))
    return widen(value, target) if grows and narrower else None


def _scale_of(tail: Tensor) -> int:
    return int((tail.shape[0] // 3) ** 0.5 + 0.5)
