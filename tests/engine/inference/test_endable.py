"""Ending a run in the middle of a graph."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from srcli.core import allowance
from srcli.core.cancel import CancelToken
from srcli.core.errors import Cancelled, DamagedModel, UnsuitableModel
from srcli.engine.inference import ort_session
from srcli.engine.inference.endable import Deadline, ending_with
from srcli.engine.probing import probe
from srcli.engine.sessions.session import open_session
from srcli.upscaling.generator import load_generator
from tests import tiny_models

BEYOND = 256
PICTURE = np.random.default_rng(0).random((BEYOND, 16, 3), dtype=np.float32)


def endless(path, scale):
    return tiny_models.endless(path, scale, BEYOND)


@pytest.fixture
def generator(tmp_path):
    """One that has no end for high pictures."""
    tiny_models.install(tmp_path, build=endless, name="endless", overlap=0)
    return load_generator(str(tmp_path / "endless-x2.onnx"))


def test_a_loop_ends_when_that_is_asked_for_and_the_session_stays_of_use(generator):
    token = CancelToken()
    threading.Timer(0.3, token.cancel).start()
    with pytest.raises(Cancelled):
        generator.upscale(PICTURE, cancel=token)
    part = PICTURE[:8]
    np.testing.assert_array_equal(generator.upscale(part), part.repeat(2, axis=0).repeat(2, axis=1))


def test_a_token_that_does_not_ask_changes_nothing(tmp_path):
    session = open_session(tiny_models.deep(tmp_path / "deep.onnx"), ort_session.CPU)
    batch = np.random.default_rng(1).random((1, 3, 20, 31), dtype=np.float32)
    with ending_with(CancelToken()):
        watched = session.run(batch)
    np.testing.assert_array_equal(watched, session.run(batch))


def test_an_error_of_the_graph_is_told_as_ever(tmp_path):
    session = ort_session.create(tiny_models.attention(tmp_path / "attention.onnx"), ort_session.CPU)
    with ending_with(CancelToken()), pytest.raises(UnsuitableModel, match="fails on an input"):
        ort_session.run(session, np.zeros((1, 4, 32, 32), np.float32))


def test_a_generator_with_a_card_is_not_tried_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(probe, "PROBE_LIMIT_S", 1.0)
    # In a process of its own the limit would be that of a minute.
    monkeypatch.setattr("srcli.upscaling.generator.survive_first_opening", lambda *_: None)
    tiny_models.install(tmp_path, build=tiny_models.endless, name="endless")
    with pytest.raises(DamagedModel, match=r"endless-x2\.onnx did not come to an end within (1|10) second"):
        _ = load_generator(str(tmp_path / "endless-x2.onnx")).session


def test_time_that_others_take_does_not_count(monkeypatch):
    deadline = Deadline("mine.onnx", 0.2)
    time.sleep(0.5)  # not at work, as where a machine has much else to do
    deadline.check()
    monkeypatch.setattr(allowance, "ON_THE_CLOCK", 2)
    with pytest.raises(DamagedModel, match=r"mine\.onnx did not come to an end within 0\.4 seconds$"):
        deadline.check()
