"""Rows of windows that are computed elsewhere."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from srcli.core.geometry import Size
from srcli.core.pixel_format import PixelFormat
from srcli.core.rows import Rows, rows_of, whole
from srcli.engine.tiling.blend import FLOATS
from srcli.engine.tiling.elsewhere import RowOfPatches
from srcli.engine.tiling.tiled import TiledRun
from tests.engine.tiling.test_tiled import DEEP_REACH, Limited

LEVELS = PixelFormat(lambda band: np.rint(band * 255).astype(np.uint8), 3, rounds_to_uint8=True)


def started(planes, session, window, overlap, pixels, elsewhere=None):
    return TiledRun(
        rows_of(planes),
        session,
        window=window,
        overlap=overlap,
        explicit=False,
        pixels=pixels,
        elsewhere=elsewhere,
    )


def by(session):
    """Another machine, to which plans and pixels go as bytes; all rows are taken ahead."""

    def compute(plan, parts):
        plan, parts = pickle.loads(pickle.dumps((plan, list(parts))))
        for part in parts:
            run = TiledRun(
                Rows(plan.size, lambda start: iter(())),
                session,
                window=plan.window,
                overlap=plan.overlap,
                explicit=plan.explicit,
                pixels=LEVELS if plan.rounds else FLOATS,
            )
            yield pickle.loads(
                pickle.dumps(RowOfPatches(run.patches_of(part), run.report(), "cpu", "there", "1.0"))
            )

    return compute


@pytest.mark.parametrize("overlap", [DEEP_REACH, 3], ids=["pasted", "fading"])
@pytest.mark.parametrize("pixels", [FLOATS, LEVELS], ids=["floats", "levels"])
@pytest.mark.parametrize("start", [0, 97])
def test_rows_from_elsewhere_are_those_from_here(overlap, pixels, start, open_tiny):
    planes = np.random.default_rng(3).random((150, 70, 3), dtype=np.float32)
    here = started(planes, open_tiny(), Size(40, 36), overlap, pixels)
    there = started(planes, open_tiny(), Size(40, 36), overlap, pixels, by(open_tiny()))
    expected = np.concatenate(list(here.rows.read(start)))
    np.testing.assert_array_equal(np.concatenate(list(there.rows.read(start))), expected)
    assert there.report() == here.report()


def test_want_of_memory_elsewhere_is_dealt_with_there_and_told_here(open_tiny):
    planes = np.random.default_rng(3).random((150, 170, 3), dtype=np.float32)
    session = Limited(open_tiny(), 40 * 40)
    run = started(planes, open_tiny(), Size(64, 64), DEEP_REACH, FLOATS, by(session))
    np.testing.assert_array_equal(
        whole(run.rows), whole(started(planes, open_tiny(), Size(400, 400), DEEP_REACH, FLOATS).rows)
    )
    report = run.report()
    assert report.halvings >= 1
    assert report.window == Size(32, 32)
    assert any("went on with 32x32" in warning for warning in report.warnings)
