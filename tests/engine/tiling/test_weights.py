"""Every shipped generator: tiles give exactly the whole picture."""

from __future__ import annotations

import numpy as np
import pytest

from srcli.core.card import read_card
from srcli.core.geometry import Size
from srcli.engine.inference import ort_session
from srcli.engine.sessions.session import open_session
from srcli.engine.tiling.tiled import run_tiled
from tests.conftest import ROOT

# Those that give colours see the picture as a whole and have no tiles: tests/upscaling/test_colouring.py.
CARDS = [path for path in sorted((ROOT / "weights").glob("*.json")) if not read_card(path).colours]


def photograph(height, width):
    """Edges, slopes and a little noise, (height, width, 3) float32, 0..1."""
    random = np.random.default_rng(5)
    rows, columns = np.mgrid[:height, :width]
    shapes = ((rows // 9 + columns // 13) % 2) * 0.4 + 0.2 * np.sin(rows / 7) + columns / width * 0.3
    planes = shapes[..., None] + random.normal(0, 0.03, (height, width, 3)) + [0.1, 0.2, 0.15]
    return planes.clip(0, 1).astype(np.float32)


def levels(planes):
    return np.rint(planes * 255).astype(int)


@pytest.fixture(params=CARDS or [None], ids=lambda path: path.stem if path else "none")
def shipped(request):
    if request.param is None:
        pytest.skip("weights/ holds no generators yet")
    card = read_card(request.param)
    return card, open_session(request.param.with_suffix(".onnx"), ort_session.CPU, card=card)


def test_tiled_equals_whole(shipped):
    card, session = shipped
    assert session.traits.exact
    # The sides of tiles are odd, as those of the picture, unless the generator takes none such.
    multiple = session.traits.multiple
    side = 2 * card.receptive_field + 30 + multiple
    planes = photograph(2 * side + 9, side + 23)
    whole, _ = run_tiled(planes, session, window=Size(*planes.shape[:2]), overlap=0, explicit=False)
    for window in (Size(side, side), Size(side + 8, side - 4), Size(2 * side, side + 22 + multiple)):
        tiled, report = run_tiled(planes, session, window=window, overlap=card.receptive_field, explicit=True)
        assert report.tiles > 1
        np.testing.assert_array_equal(levels(tiled), levels(whole))
        np.testing.assert_allclose(tiled, whole, atol=1e-6)


def test_the_default_overlap_stays_within_one_level(shipped):
    card, session = shipped
    side = 2 * card.overlap + 24
    planes = photograph(side + 41, 2 * side + 3)
    whole, _ = run_tiled(planes, session, window=Size(*planes.shape[:2]), overlap=0, explicit=False)
    tiled, _ = run_tiled(planes, session, window=Size(side, side), overlap=card.overlap, explicit=True)
    assert np.abs(levels(tiled) - levels(whole)).max() <= 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (13, 2)])
def test_the_smallest_pictures(shape, shipped):
    card, session = shipped
    result, _ = run_tiled(
        photograph(*shape), session, window=Size(96, 96), overlap=card.overlap, explicit=False
    )
    assert result.shape == (shape[0] * card.scale, shape[1] * card.scale, 3)
    assert np.isfinite(result).all()
