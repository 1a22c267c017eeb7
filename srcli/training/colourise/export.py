"""From a run to the generator ``colourise``: an ONNX file and its card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from srcli.core.card import ModelCard, TrainingRecord, write_card
from srcli.core.errors import OutputError, TrainingError
from srcli.core.files import atomic_path
from srcli.core.names import printable
from srcli.imaging.colour.chroma import BLUE, GREEN, RED
from srcli.importers.torch_onnx import export
from srcli.models.verify import sha256_of
from srcli.training.colourise.chroma import decode
from srcli.training.colourise.encoder import FrozenConvolution
from srcli.training.colourise.network import VIEW, Colours
from srcli.training.colourise.training import TEMPERATURE, load_colours
from srcli.training.parity import open_exported
from srcli.training.ycc import to_ycc

if TYPE_CHECKING:
    from pathlib import Path

TOLERANCE = 2e-3
"""The largest difference from PyTorch, white being 1: half a level."""


class ColouredView(nn.Module):
    """A view (N, 3, V, V), RGB 0..1, whose luma alone counts, to the same with colours, not clipped."""

    def __init__(self, colours: Colours, temperature: float) -> None:
        super().__init__()
        self.colours = colours
        self.temperature = temperature

    def forward(self, view: Tensor) -> Tensor:
        """See the class."""
        luma = to_ycc(view)[:, :1]
        chroma = decode(self.colours(luma), self.temperature)
        blue, red = functional.interpolate(chroma, scale_factor=4.0, mode="bilinear").chunk(2, 1)
        red, blue = (2 - 2 * RED) * red, (2 - 2 * BLUE) * blue
        green = -(RED * red + BLUE * blue) / GREEN
        return luma + torch.cat([red, green, blue], 1)


@dataclass(frozen=True, slots=True)
class Request:
    """What to export and what to say about it.

    Attributes:
        run: run folder or checkpoint.
        target: the ONNX file to write; the card lies beside it.
        temperature: of the annealed mean.
        licence: of the weights.
        data: what it was trained on.
        data_licence: of that.
        overwrite: replace files that exist.
    """

    run: Path
    target: Path
    temperature: float = TEMPERATURE
    licence: str = ""
    data: str = ""
    data_licence: str = ""
    overwrite: bool = False


def export_colours(request: Request) -> ModelCard:
    """Write the ONNX file of a run's network, and its card.

    Raises:
        TrainingError: there is no checkpoint, or the file differs from PyTorch.
        OutputError: the file exists already.
    """
    target = request.target
    if target.exists() and not request.overwrite:
        raise OutputError(f"{printable(target)} exists already", hint="add --overwrite to replace it")
    colours, state = load_colours(request.run)
    view = ColouredView(colours, request.temperature).eval()
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(target) as temporary:
        export(view, temporary, (1, 3, VIEW, VIEW), free=False, fold=False)
        _check(temporary, view)
    card = _describe(request, colours, state)
    write_card(card, target.with_suffix(".json"))
    return card


def _check(model: Path, view: nn.Module) -> None:
    """Raise TrainingError unless a file computes what the network computes."""
    picture = torch.rand(1, 3, VIEW, VIEW, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        wanted = view(picture)
    difference = float((torch.from_numpy(open_exported(model)(picture.numpy())) - wanted).abs().max())
    if not difference <= TOLERANCE:
        raise TrainingError(f"the exported generator differs from PyTorch by {difference:.2g}")


def _describe(request: Request, colours: Colours, state: dict[str, object]) -> ModelCard:
    steps, seconds, photographs = state["best_step"], state["seconds"], state["photographs"]
    assert isinstance(steps, int)
    assert isinstance(seconds, float)
    learnt = sum(value.numel() for value in colours.head.parameters())
    frozen = sum(value.numel() for name, value in colours.encoder.named_buffers() if "step" not in name)
    return ModelCard(
        name="colourise",
        scale=1,
        architecture="colourise",
        parameters=learnt + frozen,
        macs_per_pixel=_macs(colours) // VIEW**2,
        receptive_field=None,
        overlap=0,
        fp16_safe=False,
        licence=request.licence,
        sha256=sha256_of(request.target),
        purpose="colour for grey photographs: likely for skies, leaves and skin, a guess for the rest",
        training=TrainingRecord(
            data=f"{photographs} {request.data or 'photographs'}",
            data_licence=request.data_licence,
            degradation="grey",
            loss="cross entropy of chroma in classes",
            steps=steps,
            seconds=round(seconds, 1),
            hardware=str(state["hardware"]),
            started_from="the first twelve convolutions of VGG-16, which were not trained further",
        ),
        value_range=1.0,
        whole=True,
        colours=True,
    )


def _macs(colours: Colours) -> int:
    """Multiply-accumulates of all convolutions for one view."""
    total = 0

    def count(layer: nn.Module, _: Any, made: Tensor) -> None:  # noqa: ANN401  a hook's signature
        nonlocal total
        weight = layer.levels if isinstance(layer, FrozenConvolution) else layer.get_parameter("weight")
        total += weight.numel() * made.shape[2] * made.shape[3]

    layers = [each for each in colours.modules() if isinstance(each, nn.Conv2d | FrozenConvolution)]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    with torch.no_grad():
        colours(torch.rand(1, 1, VIEW, VIEW))
    for hook in hooks:
        hook.remove()
    return total
