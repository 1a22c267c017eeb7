"""The content loss: distance between features of a picture-classification network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from srcli.core.errors import TrainingError, UsageError
from srcli.training.hardware import channels_last
from srcli.training.shift import shifted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from srcli.training.losses.settings import LossSettings
    from srcli.training.sampler import Batch

BLOCKS = (2, 2, 3, 3, 3)
"""Convolutions in each of the five blocks of VGG-16 (Simonyan and Zisserman 2015)."""
MEANS_BGR = (103.939, 116.779, 123.68)
FEATURES = {"conv1_2": 0.1, "conv2_2": 0.1, "conv3_3": 1.0, "conv4_3": 1.0, "conv5_3": 1.0}
"""Layers compared and their weights: those of Real-ESRGAN, at VGG-16's last convolution of each block."""
FEATURE_UNIT = 255.0
"""The network takes 0..255; dividing its features by this keeps the loss on the scale of pixel losses."""


class VggFeatures(nn.Module):
    """Features of VGG-16 before their activation, for pictures (N, 3, H, W), RGB 0..1.

    Args:
        weights: the network's, by name.
        precision: what it computes in, ``fp32`` or ``bf16``. Its weights are converted once: autocast would
            do it at every call, since they learn nothing.
    """

    def __init__(self, weights: Mapping[str, Tensor], precision: str = "fp32") -> None:
        super().__init__()
        names = [f"conv{block}_{n}" for block, count in enumerate(BLOCKS, 1) for n in range(1, count + 1)]
        self.layers = nn.ModuleDict({name: _layer(weights, name) for name in names})
        self.register_buffer("means", torch.tensor(MEANS_BGR).view(1, 3, 1, 1))
        self.requires_grad_(False)
        self.dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        self.layers.to(self.dtype)
        channels_last(self.layers)

    def forward(self, picture: Tensor) -> dict[str, Tensor]:
        """The features of the layers in ``FEATURES``, each (N, channels, h, w)."""
        features = picture.flip(1) * 255 - self.get_buffer("means")
        features = features.to(self.dtype, memory_format=torch.channels_last)
        found: dict[str, Tensor] = {}
        for name, layer in self.layers.items():
            if name.endswith("_1") and name != "conv1_1":
                features = functional.max_pool2d(features, 2)
            features = layer(features)
            if name in FEATURES:
                found[name] = features / FEATURE_UNIT
            features = functional.relu(features)
        return found


class PerceptionLoss:
    """Weighted mean absolute error between the features of generated crops and originals."""

    def __init__(self, settings: LossSettings) -> None:
        if settings.perception is None:
            raise UsageError("the loss 'vgg' needs the weights of VGG-16", hint="pass --perception FILE.npz")
        network = VggFeatures(read_weights(settings.perception), settings.precision)
        self.network = network.to(settings.device).eval()

    def __call__(self, generated: Tensor, batch: Batch) -> Tensor:
        """Generated crops (N, 3, H, W), 0..1, sides at least 16, to a scalar."""
        # What lies outside 0..1 is clipped when a picture is written, and the network never saw such values.
        mine = self._features(shifted(generated.clamp(0, 1), batch.shift))
        with torch.no_grad():
            original = self._features(shifted(batch.high, batch.shift))
        terms = [weight * functional.l1_loss(mine[name], original[name]) for name, weight in FEATURES.items()]
        return torch.stack(terms).sum()

    def _features(self, pictures: Tensor) -> dict[str, Tensor]:
        return {name: values.float() for name, values in self.network(pictures).items()}


def read_weights(path: Path) -> dict[str, Tensor]:
    """The arrays ``convB_N.weight`` (out, in, 3, 3) and ``convB_N.bias`` (out,) of an npz file, as float32.

    Raises:
        TrainingError: the file can't be read.
    """
    try:
        with np.load(path) as arrays:
            return {name: torch.from_numpy(arrays[name].astype(np.float32)) for name in arrays.files}
    except (OSError, ValueError) as error:
        raise TrainingError(f"cannot read the perception weights {path}: {error}") from error


def _layer(weights: Mapping[str, Tensor], name: str) -> nn.Module:
    try:
        weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    except KeyError as error:
        raise TrainingError(f"the perception weights hold no {error.args[0]}") from error
    layer = nn.Conv2d(weight.shape[1], weight.shape[0], 3, padding=1)
    layer.load_state_dict({"weight": weight, "bias": bias})
    return layer
