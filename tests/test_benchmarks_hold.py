"""The default generator against bicubic on Set5, through the command, as the README promises."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run
from srcli.core.geometry import Size
from srcli.imaging.pixels.resize import resize
from srcli.metrics.protocol import Protocol, measure


def planes_of(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), dtype=np.float32) / 255


def halved(high, scale):
    height, width = (side // scale for side in high.shape[:2])
    high = high[: height * scale, : width * scale]
    low = np.floor(np.clip(resize(high, Size(height, width)), 0, 1) * 255 + 0.5).astype(np.uint8)
    return high, low


@pytest.mark.parametrize(("scale", "gain_db"), [(2, 3.0), (4, 2.5)])
def test_set5_gains_over_bicubic(shared_data, tmp_path, scale, gain_db):
    protocol = Protocol("y", shave=scale)
    gains = []
    (tmp_path / "low").mkdir()
    pictures = sorted((shared_data / "bench" / "Set5").glob("*.png"))
    pairs = {path.name: halved(planes_of(path), scale) for path in pictures}
    for name, (_, low) in pairs.items():
        Image.fromarray(low).save(tmp_path / "low" / name)
    assert run(["upscale", str(tmp_path / "low"), "-s", str(scale), "-o", str(tmp_path / "high"), "-q"]) == 0
    for name, (high, low) in pairs.items():
        result = planes_of(tmp_path / "high" / name.replace(".png", f"_x{scale}.png"))
        bicubic = resize(low.astype(np.float32) / 255, Size(*high.shape[:2]))
        psnr = [measure(picture, high, protocol)["psnr"] for picture in (result, bicubic)]
        gains.append(psnr[0] - psnr[1])
    assert len(gains) == 5
    assert np.mean(gains) >= gain_db
