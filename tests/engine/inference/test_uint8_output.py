"""Levels that come from the device are those that the CPU would have rounded."""

from __future__ import annotations

import dataclasses

import numpy as np
import onnx
import pytest

from srcli.core.errors import DeviceUnavailable, UnsuitableModel
from srcli.core.geometry import Size
from srcli.core.pixel_format import PixelFormat
from srcli.core.rows import rows_of, whole
from srcli.engine.devices.registry import choose_device
from srcli.engine.inference import ort_session
from srcli.engine.inference.batches import infer_levels
from srcli.engine.inference.uint8_output import LEVELS, can_round, with_levels
from srcli.engine.probing.probe import probe_model
from srcli.engine.runtimes.io_binding import IoBindingSession
from srcli.engine.sessions.selftest import TOLERANCE_LEVELS, difference_levels, reference_session
from srcli.engine.sessions.session import Session, open_session
from srcli.engine.tiling.tiled import TiledRun
from srcli.imaging.pixels.samples import to_samples
from tests import fake_gpu, tiny_models
from tests.tiny_models import DEEP_REACH


def noise(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def to_levels(planes):
    return to_samples(planes, 8)


@pytest.fixture
def open_levels(tmp_path):
    """Opens a tiny generator on the CPU as a GPU would open it."""

    def open_it(name="deep", *, batch_pixels=0, wrap=lambda session: session):
        path = getattr(tiny_models, name)(tmp_path / f"{name}.onnx")
        runtime = wrap(IoBindingSession(ort_session.create(path, ort_session.CPU, in_levels=True), "cpu"))
        return Session(
            runtime,
            device=ort_session.CPU,
            precision="fp32",
            traits=probe_model(path),
            batch_pixels=batch_pixels,
            gives_levels=True,
        )

    return open_it


def enlarge(planes, session, side=400, overlap=DEEP_REACH, *, rounds=False, **more):
    run = TiledRun(
        rows_of(planes),
        session,
        window=Size(side, side),
        overlap=overlap,
        explicit=False,
        pixels=PixelFormat(to_levels, 3, rounds),
        **more,
    )
    return whole(run.rows), run.report()


@pytest.mark.parametrize("name", ["deep", "half", "pairs_of_pixels"])
def test_the_longer_file_is_sound_onnx_and_gives_what_it_gave(name, tmp_path):
    path = getattr(tiny_models, name)(tmp_path / "model.onnx")
    longer = with_levels(path.read_bytes())
    model = onnx.load_from_string(longer)
    onnx.checker.check_model(model, full_check=True)
    (tmp_path / "longer.onnx").write_bytes(longer)
    traits = probe_model(path)
    batch = noise(2, 3, 20, 32)
    before, after = (
        open_session(path, ort_session.CPU),
        ort_session.create(path, ort_session.CPU, in_levels=True),
    )
    expected = before.run(batch)
    given = batch.astype(np.float16) if name == "half" else batch
    np.testing.assert_array_equal(ort_session.run(after, given).astype(np.float32), expected)
    for one, rounded in zip(expected, infer_levels(after, batch, traits), strict=True):
        assert rounded.finite
        np.testing.assert_array_equal(rounded.levels, to_levels(one.transpose(1, 2, 0)))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_told_of_the_picture_it_is_in(value, tmp_path):
    path = tiny_models.nearest(tmp_path / "nearest.onnx")
    batch = noise(3, 3, 8, 9)
    batch[1, 2, 3, 4] = value
    session = ort_session.create(path, ort_session.CPU, in_levels=True)
    assert [one.finite for one in infer_levels(session, batch, probe_model(path))] == [True, False, True]


def test_values_are_clipped_and_rounded_half_to_even(tmp_path):
    path = tiny_models.nearest(tmp_path / "nearest.onnx")
    session = ort_session.create(path, ort_session.CPU, in_levels=True)
    values = np.array([-3, 0, 0.5, 1.5, 2.5, 254.5, 255, 400], np.float32) / np.float32(255)
    batch = np.broadcast_to(values, (1, 3, 8, 8)).copy()
    (rounded,) = infer_levels(session, batch, probe_model(path))
    np.testing.assert_array_equal(rounded.levels[0, ::2, 0], to_levels(np.clip(values, 0, 1)))
    np.testing.assert_array_equal(rounded.levels[0, ::2, 0], [0, 0, 0, 2, 2, 254, 255, 255])


def test_which_generators_can(tmp_path):
    def suits(name):
        return can_round(probe_model(getattr(tiny_models, name)(tmp_path / f"{name}.onnx")))

    assert suits("deep")
    assert suits("half")
    for name in ("channels_last", "wide_range", "bytes_in_and_out", "grey", "fixed_size"):
        assert not suits(name)


def test_a_file_that_is_too_old(tmp_path):
    path = tiny_models.deep(tmp_path / "old.onnx")
    model = onnx.load(path)
    model.opset_import[0].version = 12
    onnx.save(model, path)
    with pytest.raises(UnsuitableModel, match=r"old\.onnx can't be given levels: .* version 12 of .* 13 is"):
        ort_session.create(path, ort_session.CPU, in_levels=True)


@pytest.mark.parametrize("batch_pixels", [0, 4 * 32 * 32])
@pytest.mark.parametrize("side", [32, 33, 50, 400])
def test_windows_in_levels_make_the_same_picture(batch_pixels, side, open_levels, open_tiny, picture):
    expected, report = enlarge(picture, open_tiny(), side)
    result, levels_report = enlarge(picture, open_levels(batch_pixels=batch_pixels), side, rounds=True)
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result, expected)
    assert levels_report == report


def test_cross_fading_stays_in_floats(open_levels, open_tiny, picture, monkeypatch):
    expected, _ = enlarge(picture, open_tiny(), 32, 5)
    session = open_levels()
    monkeypatch.setattr(session, "run_to_levels", None)
    result, _ = enlarge(picture, session, 32, 5, rounds=True)
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize(
    ("name", "kind"), [("undefined_on_white", "not finite"), ("flat_on_white", "constant")]
)
def test_garbage_is_redone_and_rounded(name, kind, open_levels, open_tiny, picture):
    picture[3, 4] = 1
    session = open_levels(name)
    session.traits = dataclasses.replace(session.traits, receptive_field=0, exact=True)
    result, report = enlarge(picture, session, 32, 0, rounds=True, fallback=lambda: open_tiny("nearest"))
    np.testing.assert_array_equal(result, to_levels(picture.repeat(2, axis=0).repeat(2, axis=1)))
    assert report.redone_tiles == 1
    assert any(f"({kind})" in warning for warning in report.warnings)


def test_a_flat_picture_may_stay_flat(open_levels):
    planes = np.full((40, 40, 3), 0.25, np.float32)
    result, report = enlarge(planes, open_levels("nearest"), rounds=True)
    assert (result == 64).all()
    assert report.warnings == ()


def test_memory_that_runs_out_halves_the_window(open_levels, open_tiny, picture):
    class Small:
        def __init__(self, bare):
            self._bare = bare

        def __getattr__(self, name):
            return getattr(self._bare, name)

        def run(self, names, feed):
            (array,) = feed.values()
            if array[:, 0].size > 33 * 33:
                raise MemoryError
            return self._bare.run(names, feed)

    expected, _ = enlarge(picture, open_tiny(), 64)
    result, report = enlarge(picture, open_levels(wrap=Small), 64, rounds=True)
    np.testing.assert_array_equal(result, expected)
    assert report.halvings == 1


def test_a_gpu_gives_levels_where_it_can(tmp_path, monkeypatch):
    fake_gpu.pretend(monkeypatch, count=2)
    path = tiny_models.deep(tmp_path / "deep.onnx")
    session = open_session(path, choose_device("cuda:0,1"))
    assert session.gives_levels
    assert session.notes == ()
    windows = list(noise(5, 1, 3, 20, 24))
    for window, rounded in zip(windows, session.run_to_levels(windows), strict=True):
        (expected,) = session.run(window)
        np.testing.assert_array_equal(rounded.levels, to_levels(expected.transpose(1, 2, 0)))
    assert not open_session(path, ort_session.CPU).gives_levels
    assert not open_session(tiny_models.grey(tmp_path / "grey.onnx"), choose_device("cuda:0")).gives_levels


def test_a_gpu_that_cannot_says_so(tmp_path, monkeypatch, picture):
    fake_gpu.pretend(monkeypatch)
    path = tiny_models.deep(tmp_path / "deep.onnx")
    expected, _ = enlarge(picture, open_session(path, ort_session.CPU))
    create = ort_session.create

    def create_plainly(*words, in_levels=False, **more):
        if in_levels:
            raise DeviceUnavailable("cuda:0 can't run all of it")
        return create(*words, **more)

    monkeypatch.setattr(ort_session, "create", create_plainly)
    session = open_session(path, choose_device("cuda:0"))
    assert not session.gives_levels
    result, report = enlarge(picture, session, rounds=True)
    np.testing.assert_array_equal(result, expected)
    assert report.warnings == (
        "cuda:0 leaves the rounding to the CPU, which is slower: cuda:0 can't run all of it",
    )


def test_the_self_test_sees_wrong_levels(tmp_path, monkeypatch):
    fake_gpu.pretend(monkeypatch)
    path = tiny_models.deep(tmp_path / "deep.onnx")
    session = open_session(path, choose_device("cuda:0"))
    reference = reference_session(path, session)
    assert difference_levels(session, reference) < TOLERANCE_LEVELS

    def run_wrongly(windows):
        (rounded,) = Session.run_to_levels(session, windows)
        rounded.levels[5, 6, 1] ^= 2
        return iter([rounded])

    monkeypatch.setattr(session, "run_to_levels", run_wrongly)
    assert difference_levels(session, reference) == 2


def test_names_of_outputs(open_levels):
    session = open_levels()
    (runtime,) = session.runtimes
    feed = {"input": noise(1, 3, 16, 16)}
    both = runtime.run(("output", LEVELS), feed)
    np.testing.assert_array_equal(both[0], runtime.run(None, feed)[0])
    np.testing.assert_array_equal(both[1], runtime.run((LEVELS,), feed)[0])
