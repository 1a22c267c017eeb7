"""PyTorch checkpoints as ONNX, by way of spandrel, which knows some forty architectures by their weights.

No code from a file is run: ``.pth`` files go through PyTorch's unpickler for weights only, which refuses
everything but tensors and plain containers, and reads over some of what is kept beside weights;
``.safetensors`` files hold no code. TorchScript is a program and is refused.
"""

from __future__ import annotations

import io
import pickle
import tempfile
import warnings
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srcli.core.errors import (
    DamagedModel,
    MachineError,
    MissingExtra,
    UnknownModel,
    UnsuitableModel,
)
from srcli.core.geometry import round_up
from srcli.importers.converted import Converted
from srcli.importers.foreign import first_line
from srcli.importers.left_out import left_out
from srcli.importers.level import USUAL, is_told, with_level
from srcli.importers.nearest import nearest
from srcli.importers.stand_in import torchvision_or_stand_in

if TYPE_CHECKING:
    import torch
    from spandrel import ImageModelDescriptor, ModelDescriptor

    from srcli.core.arrays import Planes

SUFFIXES = (".pth", ".pt", ".ckpt", ".safetensors", ".pkl", ".pth.tar")
PACKAGES = ("torch", "spandrel", "safetensors", "onnx")
EXAMPLE_SIDE = 24
"""Side of the picture that the exporter traces, in pixels, before the generator's own wishes."""
EXPORT = (
    "torch.onnx.export(network.eval(), torch.rand(1, 3, 64, 64), 'NAME.onnx', input_names=['input'], "
    "output_names=['output'], dynamic_axes={'input': [2, 3], 'output': [2, 3]}, dynamo=False)"
)
"""What a person with a network's own code has to run."""
FIXED_SIDE = 128
"""Side of the only size that a generator is exported for where its trace does not serve all sizes."""


class Checkpoint:
    """A generator as PyTorch has it.

    Attributes:
        path: the file.
        level: what it is told beside the picture; None for one that isn't told anything.
    """

    def __init__(
        self,
        path: Path,
        descriptor: ImageModelDescriptor[torch.nn.Module],
        level: float | None = None,
    ) -> None:
        self.path = path
        self.level = level
        self._descriptor = descriptor.float().cpu().eval()
        self._channels: int = descriptor.input_channels
        self._multiple: int = descriptor.size_requirements.multiple_of
        self._minimum: int = descriptor.size_requirements.minimum

    @property
    def runtime(self) -> str:
        """What runs it, for reports."""
        return f"PyTorch {version('torch')}"

    def convert(self) -> Converted:
        """The generator as ONNX that takes all sizes, as far as its trace depends on none.

        Raises:
            UnsuitableModel: PyTorch can't export it.
        """
        side = self._round_up(EXAMPLE_SIDE)
        return self._export((2, self._channels, side, side + self._multiple), free=True)

    def convert_fixed(self) -> Converted:
        """The generator as ONNX that takes one size only, a square.

        Raises:
            UnsuitableModel: PyTorch can't export it.
        """
        side = self._round_up(FIXED_SIDE)
        return self._export((1, self._channels, side, side), free=False)

    def _export(self, shape: tuple[int, ...], *, free: bool) -> Converted:
        from srcli.importers.torch_onnx import export

        try:
            with tempfile.TemporaryDirectory() as folder:
                target = Path(folder, "exported.onnx")
                export(_first_result(self._descriptor.model), target, shape, free=free)
                content = target.read_bytes()
        except Exception as error:
            # The exporter runs the network's own code, which may raise anything.
            raise UnsuitableModel(f"PyTorch can't export {self.path}: {first_line(error)}") from error
        architecture = " ".join([self._descriptor.architecture.name, *self._descriptor.tags])
        if self.level is not None:
            architecture += f", told {self.level:.4g}"
        return Converted(name_of(self.path), content, architecture=architecture, source=self.path.name)

    def run(self, picture: Planes) -> Planes:
        """What PyTorch makes of a picture.

        Args:
            picture: (H, W, 3) float32, RGB, 0..1; a generator for grey runs on every plane.

        Returns:
            (sH, sW, 3) float32, RGB, clipped to 0..1.
        """
        import torch

        from srcli.core.arrays import to_batch

        batch = torch.from_numpy(to_batch(picture))
        parts = [self._descriptor(part.contiguous()) for part in torch.split(batch, self._channels, dim=1)]
        result: Planes = torch.cat(parts, dim=1)[0].permute(1, 2, 0).contiguous().numpy()
        return result

    def _round_up(self, side: int) -> int:
        return round_up(max(side, self._minimum), self._multiple)


def open_checkpoint(path: Path, level: float | None = None) -> Checkpoint:
    """Load a checkpoint and recognise its architecture.

    Args:
        path: the file.
        level: what a network that asks for a level of noise is told, 0..1; 15/255 by default.

    Raises:
        MissingExtra: spandrel, PyTorch or another part of the extra ``import`` is not installed.
        MachineError: they are, but do not fit each other.
        UnknownModel: there is no such file.
        DamagedModel: the file is broken, or holds more than weights.
        UnsuitableModel: the architecture is unknown, or does something else than enlarge pictures.
    """
    require_packages()
    _check_libraries()
    descriptor = _recognise(_read_weights(path), path)
    descriptor = _check_purpose(descriptor, path)
    if not is_told(descriptor.model, descriptor.input_channels):
        if level is not None:
            raise UnsuitableModel(f"{path} is told no level: it takes a picture alone", hint="no --level")
        return Checkpoint(path, descriptor)
    told = USUAL if level is None else level
    return Checkpoint(path, _told(descriptor, told), told)


def is_checkpoint(path: Path) -> bool:
    """Whether a file's name ends like that of a checkpoint."""
    return path.name.lower().endswith(SUFFIXES)


def name_of(path: Path) -> str:
    """A checkpoint's name without its suffix, of which ``.pth.tar`` is one."""
    found = next((suffix for suffix in SUFFIXES if path.name.lower().endswith(suffix)), "")
    return path.name[: len(path.name) - len(found)]


def require_packages() -> None:
    """Raise MissingExtra where PyTorch, spandrel or another part of the extra ``import`` is not installed."""
    for package in PACKAGES:
        if find_spec(package) is None:
            raise MissingExtra(f"importing a PyTorch checkpoint ({package})", extra="import")


def _check_libraries() -> None:
    """Raise MachineError where the libraries are there but can't be loaded."""
    try:
        with torchvision_or_stand_in():
            import spandrel  # noqa: F401  only whether that goes well counts
    except (ImportError, OSError, RuntimeError) as error:
        raise MachineError(
            f"cannot load spandrel: {first_line(error)}",
            hint="reinstall what it needs: pip install --force-reinstall spandrel",
        ) from error


def _read_weights(path: Path) -> dict[str, Any]:
    """The weights in a file, by name.

    Raises:
        UnknownModel: it can't be opened.
        DamagedModel: it can't be read, or holds more than weights.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load as load_safetensors

    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnknownModel(f"cannot read {path}: {error.strerror}") from error
    try:
        if path.suffix.lower() == ".safetensors":
            return dict(load_safetensors(content))
        with warnings.catch_warnings(), torch.serialization.safe_globals(left_out()):
            warnings.simplefilter("ignore")
            weights = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise DamagedModel(_why_not_unpickled(error, path)) from error
    except SafetensorError as error:
        raise DamagedModel(f"{path} is damaged: {first_line(error)}") from error
    except Exception as error:
        # Damaged archives make PyTorch raise errors of a dozen kinds, from EOFError to UnicodeDecodeError.
        raise DamagedModel(f"{path} is damaged, or no PyTorch checkpoint: {first_line(error)}") from error
    if not isinstance(weights, dict):
        raise DamagedModel(f"{path} holds a {type(weights).__name__}, not weights by name")
    return weights


def _why_not_unpickled(error: Exception, path: Path) -> str:
    """What PyTorch's unpickler says at length, in a sentence."""
    text = str(error)
    if "TorchScript" in text:
        return f"{path} is a TorchScript program; srcli takes weights, and runs no code from a file"
    for mark in ("Unsupported global: GLOBAL ", "Unsupported class ", "Unsupported operand "):
        if mark in text:
            what = text.split(mark, 1)[1].split()[0]
            return f"{path} holds more than weights ({what}); srcli runs no code from a file"
    return f"{path} is damaged, or holds more than weights; srcli runs no code from a file"


def _recognise(weights: dict[str, Any], path: Path) -> ModelDescriptor:
    """The architecture that fits the names and shapes of the weights, with the weights in it."""
    from spandrel import ModelLoader, UnsupportedModelError, canonicalize_state_dict

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ModelLoader().load_from_state_dict(canonicalize_state_dict(weights))
    except UnsupportedModelError as error:
        alike = nearest(canonicalize_state_dict(weights))
        raise UnsuitableModel(
            f"{path} is of no architecture that spandrel {version('spandrel')} knows"
            + ("" if alike is None else f"; nearest is {alike}"),
            hint=f"export it to ONNX with its own code, and import that file: {EXPORT}",
        ) from error
    except Exception as error:
        # Architectures deduce their settings from shapes, and fail in as many ways as shapes can be wrong.
        raise DamagedModel(
            f"the weights in {path} do not fit their architecture: {first_line(error)}"
        ) from error


def _check_purpose(descriptor: ModelDescriptor, path: Path) -> ImageModelDescriptor[torch.nn.Module]:
    """The descriptor of a generator that enlarges or repairs pictures of any kind."""
    from spandrel import ImageModelDescriptor

    name = descriptor.architecture.name
    if not isinstance(descriptor, ImageModelDescriptor):
        raise UnsuitableModel(f"{path} ({name}) fills holes in pictures, whose mask srcli does not have")
    if descriptor.purpose == "FaceSR":
        raise UnsuitableModel(f"{path} ({name}) draws faces, and spoils other pictures")
    if descriptor.input_channels != descriptor.output_channels or descriptor.input_channels not in (1, 3):
        raise UnsuitableModel(
            f"{path} ({name}) takes {descriptor.input_channels} channels and gives "
            f"{descriptor.output_channels}, not 3 or 1 of each"
        )
    return descriptor


def _told(
    descriptor: ImageModelDescriptor[torch.nn.Module], level: float
) -> ImageModelDescriptor[torch.nn.Module]:
    """The descriptor of a network that takes pictures alone, from one that is told a level as well."""
    from spandrel import ImageModelDescriptor

    network = with_level(descriptor.model, level)
    return ImageModelDescriptor(
        network,
        network.state_dict(),
        architecture=descriptor.architecture,
        purpose=descriptor.purpose,
        tags=descriptor.tags,
        supports_half=descriptor.supports_half,
        supports_bfloat16=descriptor.supports_bfloat16,
        scale=descriptor.scale,
        input_channels=descriptor.input_channels,
        output_channels=descriptor.output_channels,
        size_requirements=descriptor.size_requirements,
        tiling=descriptor.tiling,
    )


def _first_result(model: torch.nn.Module) -> torch.nn.Module:
    """A network that gives its first result where the original gives several."""
    import torch

    class FirstResult(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, picture: torch.Tensor) -> torch.Tensor:
            result = self.model(picture)
            first: torch.Tensor = result[0] if isinstance(result, tuple | list) else result
            return first

    return FirstResult().eval()
