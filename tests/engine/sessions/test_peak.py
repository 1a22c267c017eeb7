"""The measured peak of a device."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from srcli.engine.inference import ort_session
from srcli.engine.sessions import peak


@pytest.mark.parametrize("kind", [1, 2, 10])
def test_the_hand_written_file_is_sound_onnx(kind):
    model = onnx.load_from_string(peak._product(8, 3 if kind != 2 else 1, kind))
    onnx.checker.check_model(model, full_check=True)


@pytest.mark.parametrize("kind", [1, 2])
def test_it_multiplies(kind):
    session = ort_session.create_from_bytes(peak._product(24, 1, kind), ort_session.CPU, 1, name="product")
    feed = peak._matrices(24, kind)
    exact = feed["left"].astype(np.float64) @ feed["right"].astype(np.float64)
    np.testing.assert_allclose(session.run(None, feed)[0], exact, atol=1e-4)


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_every_precision_has_a_peak(precision, monkeypatch):
    monkeypatch.setattr(peak, "SIDE_ON_CPU", 64)
    assert peak.peak_gops(ort_session.CPU, precision, threads=1) > 0
