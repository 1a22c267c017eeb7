"""The kinds of pictures that the Python API takes and gives: arrays, images of Pillow, tensors, files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from srcli.core.errors import InputError, MissingExtra, UsageError
from srcli.upscaling.arrays import Raster, upscale_file, upscale_raster

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.core.events import Progress
    from srcli.upscaling.enlarger import Enlarger

Kind: TypeAlias = Literal["array", "image", "tensor"]

KINDS: tuple[Kind, ...] = ("array", "image", "tensor")


def upscale_any(picture: object, generator: Enlarger, progress: Progress, to: Kind | None) -> Any:  # noqa: ANN401
    """Enlarge a picture of any kind; see :meth:`Generator.upscale`.

    Raises:
        InputError: it is of no kind that is known, or can't be read.
        UsageError: there is no kind ``to``.
    """
    if to is not None and to not in KINDS:
        raise UsageError(f"there is no kind of picture {to!r}", hint='choose "array", "image" or "tensor"')
    if isinstance(picture, str | Path):
        larger = upscale_file(Path(picture), generator, progress)
        return _give(larger, to or "array", squeeze=True)
    if isinstance(picture, np.ndarray):
        return _upscale_array(picture, generator, progress, to)
    if _is_image(picture):
        return _upscale_image(picture, generator, progress, to)
    if _is_tensor(picture):
        return _upscale_tensor(picture, generator, progress, to)
    raise InputError(
        f"a {type(picture).__name__} is no picture",
        hint="give an array, an image of Pillow, a tensor of torch, or the path of a file",
    )


def _upscale_array(picture: Any, generator: Enlarger, progress: Progress, to: Kind | None) -> Any:  # noqa: ANN401
    if picture.ndim == 4:
        return _batch(lambda each: _upscale_array(each, generator, progress, to), picture, to or "array")
    values = picture[:, :, None] if picture.ndim == 2 else picture
    return _give(
        upscale_raster(Raster(values), generator, progress), to or "array", squeeze=picture.ndim == 2
    )


def _upscale_image(picture: Any, generator: Enlarger, progress: Progress, to: Kind | None) -> Any:  # noqa: ANN401
    from srcli.imaging.pillow_images import image_of_samples, samples_of_image

    samples, mode = samples_of_image(picture)
    larger = upscale_raster(Raster(samples, mode == "CMYK"), generator, progress)
    if to in ("array", "tensor"):
        return _give(larger, to, squeeze=True)
    coloured = larger.values.shape[2] != samples.shape[2]
    image = image_of_samples(larger.values, None if coloured else mode)
    # What is said of grey alone doesn't hold for colours.
    left = {"transparency", "icc_profile"} if coloured else {"transparency"}
    image.info = {key: value for key, value in picture.info.items() if key not in left}
    return image


def _upscale_tensor(picture: Any, generator: Enlarger, progress: Progress, to: Kind | None) -> Any:  # noqa: ANN401
    if picture.ndim == 4:
        return _batch(lambda each: _upscale_tensor(each, generator, progress, to), picture, to or "tensor")
    if picture.ndim != 3:
        raise InputError(
            f"a tensor of shape {tuple(picture.shape)} is no picture",
            hint="give (channels, height, width), or a batch of those",
        )
    torch = sys.modules["torch"]
    plain = picture.detach().cpu()
    # numpy has no bfloat16; float32 holds half precision exactly.
    values = (plain.float() if plain.is_floating_point() and plain.itemsize == 2 else plain).numpy()
    larger = upscale_raster(Raster(values.transpose(1, 2, 0)), generator, progress)
    if to in ("array", "image"):
        return _give(larger, to, squeeze=False)
    made = torch.from_numpy(np.ascontiguousarray(larger.values.transpose(2, 0, 1)))
    return made.to(device=picture.device, dtype=picture.dtype)


def _give(raster: Raster, to: Kind, *, squeeze: bool) -> Any:  # noqa: ANN401
    """A raster as the kind asked for; an array without the axis of a single channel where ``squeeze``."""
    if to == "array":
        return raster.values[:, :, 0] if squeeze and raster.values.shape[2] == 1 else raster.values
    if to == "image":
        from srcli.imaging.pillow_images import image_of_samples

        return image_of_samples(raster.values, "CMYK" if raster.is_ink else None)
    try:
        import torch
    except ImportError as error:
        raise MissingExtra("a tensor", extra="train") from error
    return torch.from_numpy(np.ascontiguousarray(raster.values.transpose(2, 0, 1)))


def _batch(upscale: Callable[[Any], Any], pictures: Any, to: Kind) -> Any:  # noqa: ANN401
    """The results of a batch, joined as it was; images in a list."""
    if not len(pictures):
        raise InputError("a batch of no pictures")
    results = [upscale(picture) for picture in pictures]
    if to == "image":
        return results
    return np.stack(results) if to == "array" else sys.modules["torch"].stack(results)


def _is_image(picture: object) -> bool:
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(picture, module.Image)


def _is_tensor(picture: object) -> bool:
    module = sys.modules.get("torch")
    return module is not None and isinstance(picture, module.Tensor)
