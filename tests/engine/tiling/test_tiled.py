"""A tiled run gives the whole picture, whatever the generator, the tile and the memory."""

from __future__ import annotations

import numpy as np
import pytest

from srcli.core.errors import OutOfMemory, UnsuitableModel, UsageError
from srcli.core.geometry import Size
from srcli.engine.inference import ort_session
from srcli.engine.sessions.session import Session, open_session
from srcli.engine.tiling.tiled import run_tiled
from tests import tiny_models
from tests.tiny_models import DEEP_REACH

EXACT = [
    "nearest",
    "deep",
    "channels_last",
    "wide_range",
    "bytes_in_and_out",
    "half",
    "grey",
    "pairs_of_pixels",
]


def upscale(planes, session, side=400, overlap=DEEP_REACH, *, explicit=False, **more):
    window = side if isinstance(side, Size) else Size(side, side)
    return run_tiled(planes, session, window=window, overlap=overlap, explicit=explicit, **more)


class Limited:
    """A session that runs out of memory above a number of pixels, and counts what it runs."""

    def __init__(self, session, pixels):
        self._session, self._pixels = session, pixels
        self.device, self.provider, self.precision = session.device, session.provider, session.precision
        self.traits, self.gives_levels, self.notes = session.traits, False, ()
        self.shapes = []

    def run(self, batch):
        self.shapes.append(batch.shape[2:])
        if batch.shape[2] * batch.shape[3] > self._pixels:
            raise OutOfMemory("not enough memory")
        return self._session.run(batch)

    def run_many(self, windows):
        return map(self.run, windows)


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("side", [32, 33, 50, Size(30, 48), Size(71, 20)])
def test_tiled_equals_whole_bit_for_bit(name, side, open_tiny, picture):
    session = open_tiny(name)
    whole, report = upscale(picture, session)
    assert report.tiles == 1
    tiled, report = upscale(picture, session, side)
    assert report.tiles > 1
    np.testing.assert_array_equal(tiled, whole)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_every_scale(scale, open_tiny, picture):
    session = open_tiny("deep", scale=scale)
    whole, _ = upscale(picture, session)
    assert whole.shape == (71 * scale, 53 * scale, 3)
    np.testing.assert_array_equal(upscale(picture, session, 32)[0], whole)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 3), (5, 200)])
def test_tiny_and_thin_pictures(shape, open_tiny):
    planes = np.random.default_rng(0).random((*shape, 3), dtype=np.float32)
    session = open_tiny("deep")
    whole, _ = upscale(planes, session)
    assert whole.shape == (2 * shape[0], 2 * shape[1], 3)
    np.testing.assert_array_equal(upscale(planes, session, 32)[0], whole)


def test_nearest_repeats_every_pixel(open_tiny, picture):
    result, _ = upscale(picture, open_tiny("nearest", scale=3), 32, 0)
    np.testing.assert_array_equal(result, picture.repeat(3, axis=0).repeat(3, axis=1))


def test_the_result_is_clipped(open_tiny):
    planes = np.full((20, 30, 3), 1.5, np.float32)
    planes[0] = -0.5
    result, _ = upscale(planes, open_tiny("nearest"))
    assert (result.min(), result.max()) == (0, 1)


def test_a_generator_of_one_size_takes_any_picture(open_tiny, picture):
    fixed, free = open_tiny("fixed_size"), open_tiny("deep")
    np.testing.assert_allclose(upscale(picture, fixed)[0], upscale(picture, free)[0], atol=1e-6)


def test_a_picture_smaller_than_the_only_size(open_tiny):
    planes = np.random.default_rng(0).random((11, 13, 3), dtype=np.float32)
    result, report = upscale(planes, open_tiny("fixed_size"))
    assert result.shape == (22, 26, 3)
    assert report.tiles == 1


@pytest.mark.parametrize("shape", [(11, 13), (3, 60), (1, 1)])
def test_pictures_smaller_than_a_generator_takes_are_mirrored(shape, open_tiny):
    planes = np.random.default_rng(0).random((*shape, 3), dtype=np.float32)
    session = open_tiny("fixed_size")
    missing = [(0, max(0, least - side)) for least, side in zip((40, 48), shape, strict=True)]
    mirrored = np.pad(planes, (*missing, (0, 0)), mode="reflect")
    result, _ = upscale(planes, session)
    rows, columns = (2 * side for side in shape)
    np.testing.assert_array_equal(result, upscale(mirrored, session)[0][:rows, :columns])
    # Padded with nothing, the rim would be another.
    black, _ = upscale(np.pad(planes, (*missing, (0, 0))), session)
    assert np.abs(result - black[:rows, :columns]).max() > 1e-3


def test_odd_pictures_for_even_generators(open_tiny):
    planes = np.random.default_rng(0).random((31, 45, 3), dtype=np.float32)
    session = open_tiny("pairs_of_pixels")
    mirrored = np.pad(planes, ((0, 1), (0, 1), (0, 0)), mode="reflect")
    np.testing.assert_array_equal(upscale(planes, session)[0], upscale(mirrored, session)[0][:62, :90])


def test_inexact_tiles_blend_without_a_seam(open_tiny):
    planes = np.linspace(0.2, 0.8, 80, dtype=np.float32)[:, None, None] + np.zeros((80, 60, 3), np.float32)
    session = open_tiny("pooled")
    assert not session.traits.exact
    result, report = upscale(planes, session, 40, 16)
    assert report.tiles > 1
    # Tiles differ in mean by up to 0.3 and in tint by a tenth of that; a hard cut would show it in one row.
    steps = np.abs(np.diff(result, axis=0)).max()
    assert steps < 0.3 / 10 / 4 + 0.6 / 79


def test_too_small_an_overlap_stays_near_the_whole_picture(open_tiny, picture):
    session = open_tiny("deep")
    whole, _ = upscale(picture, session)
    rough = np.abs(upscale(picture, session, 32, 0)[0] - whole).max()
    blended = np.abs(upscale(picture, session, 32, 5)[0] - whole).max()
    assert 0 < blended < rough


def test_the_report_tells_the_window_that_ran(open_tiny, picture):
    assert upscale(picture, open_tiny(), 400)[1].window == Size(71, 53)
    assert upscale(picture, open_tiny(), 64)[1].window == Size(64, 53)


def test_progress_counts_every_tile(open_tiny, picture):
    heard = []
    _, report = upscale(picture, open_tiny(), 32, progress=lambda done, total: heard.append((done, total)))
    assert heard == [(done, report.tiles) for done in range(1, report.tiles + 1)]


def test_out_of_memory_halves_the_window_and_stays_exact(open_tiny, picture):
    session = Limited(open_tiny(), 33 * 33)
    tiled, report = upscale(picture, session, 64)
    np.testing.assert_array_equal(tiled, upscale(picture, open_tiny())[0])
    assert report.halvings == 1
    assert report.window == Size(32, 32)
    assert report.warnings == ("not enough memory for tiles of 53x64: went on with 32x32",)
    assert [shape for shape in session.shapes if shape != (32, 32)] == [(64, 53)]


def test_out_of_memory_twice(open_tiny):
    planes = np.random.default_rng(3).random((150, 170, 3), dtype=np.float32)
    tiled, report = upscale(planes, Limited(open_tiny(), 40 * 40), 128)
    np.testing.assert_array_equal(tiled, upscale(planes, open_tiny())[0])
    assert (report.halvings, report.window) == (2, Size(32, 32))


def test_out_of_memory_in_a_blended_run(open_tiny):
    planes = np.random.default_rng(3).random((90, 110, 3), dtype=np.float32)
    session = Limited(open_tiny(), 40 * 40)
    tiled, report = upscale(planes, session, 64, 5)
    assert report.halvings == 1
    np.testing.assert_allclose(tiled, upscale(planes, open_tiny())[0], atol=0.02)


def test_an_explicit_tile_is_never_halved(open_tiny, picture):
    session = Limited(open_tiny(), 40 * 40)
    with pytest.raises(OutOfMemory, match="not enough memory for a tile of 48x48") as caught:
        upscale(picture, session, 48, explicit=True)
    assert "smaller --tile" in caught.value.hint
    assert session.shapes == [(48, 48)]


def test_out_of_memory_at_the_smallest_window(open_tiny, picture):
    with pytest.raises(OutOfMemory, match="not enough memory even for a tile of 32x32"):
        upscale(picture, Limited(open_tiny(), 0), 64)


def test_halving_leaves_something_to_own(open_tiny, picture):
    with pytest.raises(OutOfMemory, match="not enough memory even for a tile of 53x56"):
        upscale(picture, Limited(open_tiny(), 0), 64, 20)


def test_a_tile_must_suit_the_generator(open_tiny, picture):
    with pytest.raises(UsageError, match="a tile of 33x33 does not suit the generator"):
        upscale(picture, open_tiny("pairs_of_pixels"), 33, explicit=True)


@pytest.mark.parametrize(("name", "kind"), [("undefined_on_white", "NaN"), ("flat_on_white", "constant")])
def test_garbage_is_redone_by_the_fallback(name, kind, open_tiny, picture):
    opened = []

    def fallback():
        opened.append(True)
        return open_tiny("nearest")

    picture[3, 4] = 1
    result, report = upscale(picture, open_tiny(name), 32, 0, fallback=fallback)
    np.testing.assert_array_equal(result, picture.repeat(2, axis=0).repeat(2, axis=1))
    assert len(opened) == 1
    assert report.redone_tiles == 1
    assert report.warnings[-1] == (
        f"1 of {report.tiles} tiles came out as garbage ({kind}) and were computed again "
        "in full precision on the CPU"
    )


@pytest.mark.parametrize("name", ["undefined_on_white", "flat_on_white"])
@pytest.mark.parametrize("with_fallback", [True, False])
def test_garbage_in_full_precision_ends_the_run(name, with_fallback, open_tiny, picture):
    picture[3, 4] = 1
    fallback = (lambda: open_tiny(name)) if with_fallback else None
    with pytest.raises(UnsuitableModel, match=r"gives no picture: its output is (NaN|constant)"):
        upscale(picture, open_tiny(name), 32, 0, fallback=fallback)


def test_a_flat_picture_may_stay_flat(open_tiny):
    planes = np.full((40, 40, 3), 0.25, np.float32)
    result, report = upscale(planes, open_tiny("nearest"))
    assert (result == 0.25).all()
    assert report.warnings == ()


def test_the_report_tells_the_precision(tmp_path, picture):
    path = tiny_models.half(tmp_path / "half.onnx")
    session = open_session(path, ort_session.CPU, precision="fp16")
    assert upscale(picture, session)[1].precision == "fp16"


class Small:
    """An onnxruntime session on a device that holds some pixels only; remembers what it was fed."""

    def __init__(self, bare, pixels):
        self._bare, self._pixels = bare, pixels
        self.fed = []

    def __getattr__(self, name):
        return getattr(self._bare, name)

    def run(self, names, feed):
        (array,) = feed.values()
        self.fed.append(array.shape)
        if array[:, 0].size > self._pixels:
            raise MemoryError
        return self._bare.run(names, feed)


def together(session, runtimes, batch_pixels):
    return Session(
        *runtimes,
        device=session.device,
        precision=session.precision,
        traits=session.traits,
        batch_pixels=batch_pixels,
    )


@pytest.mark.parametrize("lanes", [1, 2])
def test_windows_in_batches_give_the_same_picture(lanes, open_tiny, picture):
    alone = open_tiny("deep")
    expected, report = upscale(picture, alone, 32)
    runtimes = [Small(alone.runtimes[0], 10**6) for _ in range(lanes)]
    result, batched = upscale(picture, together(alone, runtimes, 2 * 32 * 32), 32)
    np.testing.assert_allclose(result, expected, atol=1e-6)
    assert batched == report
    assert sum(len(runtime.fed) for runtime in runtimes) < report.tiles
    assert all(runtime.fed for runtime in runtimes)


def test_a_batch_that_is_too_large_is_done_in_parts(open_tiny, picture):
    alone = open_tiny("deep")
    expected, _ = upscale(picture, alone)
    runtime = Small(alone.runtimes[0], 48 * 48)
    session = together(alone, [runtime], 4 * 48 * 48)
    result, report = upscale(picture, session, 40)
    np.testing.assert_allclose(result, expected, atol=1e-6)
    assert report.halvings == 1
    # What was learnt holds for the next picture: its windows come one by one at first go.
    runtime.fed.clear()
    _, report = upscale(picture, session, report.window)
    assert report.halvings == 0


def test_tiles_of_a_generator_that_looks_at_the_whole_are_told(open_tiny, picture):
    session = open_tiny("pooled")
    assert session.traits.whole
    _, whole = upscale(picture, session, 96, 0)
    assert whole.warnings == ()
    _, tiled = upscale(picture, session, 32, 0)
    assert tiled.warnings == (
        f"the generator looks at a picture as a whole, and sees it in {tiled.tiles} tiles: colours and "
        "contrast may differ from tile to tile",
    )
