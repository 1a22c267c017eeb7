"""What ncnn itself makes of a picture, to compare a translation with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.core.errors import DamagedModel, MissingExtra
from srcli.importers.ncnn.framing import frame_of
from srcli.importers.ncnn.network import read_network

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.core.arrays import Planes
    from srcli.importers.ncnn.framing import Frame
    from srcli.importers.ncnn.network import Network

EXTRA = "realesrgan"


def ncnn_output(param: Path, weights: Path, picture: Planes) -> Planes:
    """Run a network with ncnn's own runtime (PyPI's ``ncnn``), on the CPU and in full precision.

    Args:
        param: the ``.param`` file.
        weights: the ``.bin`` file.
        picture: float32 (height, width, 3), RGB 0..1; a network for grey runs on every plane. Where its sides
            don't suit the network, the margin below and right is longer.

    Returns:
        float32 (scale height, scale width, 3), not clipped: surrounded and cut as the translation does it.

    Raises:
        MissingExtra: ncnn is not installed.
        DamagedModel: ncnn or srcli can't read the files.
        UnsuitableModel: srcli can't translate the network, so that there is nothing to compare with.
    """
    try:
        import ncnn
    except ImportError as error:
        raise MissingExtra("comparing with ncnn", EXTRA) from error
    network = read_network(param, weights)
    frame = frame_of(network)
    whole = _surrounded(picture, frame)
    parts = np.split(whole, whole.shape[2] // network.channels, axis=2)
    made = np.concatenate([_run(ncnn, param, weights, network, part) for part in parts], axis=2)
    rows, columns = (slice(frame.offset, frame.offset + frame.scale * side) for side in picture.shape[:2])
    result = made[rows, columns]
    if frame.residual:
        result = result + picture.repeat(frame.scale, axis=0).repeat(frame.scale, axis=1)
    return np.ascontiguousarray(result, dtype=np.float32)


def _surrounded(picture: Planes, frame: Frame) -> Planes:
    """The picture with its margin, and with what rounds its sides up below and right."""
    sides = picture.shape[:2]
    margins = np.array([(frame.margin, frame.margin + -side % frame.multiple) for side in sides])
    room = np.array(sides)[:, np.newaxis] - 1
    mirrored = np.minimum(margins, room) if frame.mirrored else np.zeros_like(margins)
    whole = np.pad(picture, [*mirrored, (0, 0)], mode="reflect")
    return np.pad(whole, [*(margins - mirrored), (0, 0)], mode="edge")


def _run(ncnn: Any, param: Path, weights: Path, network: Network, picture: Planes) -> Planes:  # noqa: ANN401
    """The network's output for a surrounded picture, (height, width, channels)."""
    net = ncnn.Net()
    net.opt.use_vulkan_compute = False
    # Its threads wait for one another by spinning, which on busy cores costs several times the work.
    net.opt.num_threads = 1
    for name in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_storage"):
        setattr(net.opt, f"use_{name}", False)
    if net.load_param(str(param)) or net.load_model(str(weights)):
        raise DamagedModel(f"ncnn can't read {param} and {weights}")
    extractor = net.create_extractor()
    planes = np.ascontiguousarray(picture.transpose(2, 0, 1), dtype=np.float32)
    # A copy: ncnn wants its own alignment, overwrites what it is given, and does not keep the array alive.
    extractor.input(network.input, ncnn.Mat(planes).clone())
    status, result = extractor.extract(network.output)
    if status:
        raise DamagedModel(f"ncnn can't run {param}: it returns {status}")
    made = np.array(result)
    return made.reshape(network.channels, *made.shape[-2:]).transpose(1, 2, 0)
