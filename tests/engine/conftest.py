"""Pictures and sessions for the engine's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from srcli.engine.inference import ort_session
from srcli.engine.sessions.session import open_session
from tests import tiny_models

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.core.arrays import Planes
    from srcli.engine.sessions.session import Session


@pytest.fixture
def picture() -> Planes:
    """Noise of an odd, non-square size, below 0.98."""
    return np.random.default_rng(7).random((71, 53, 3), dtype=np.float32) * np.float32(0.98)


@pytest.fixture
def open_tiny(tmp_path) -> Callable[..., Session]:
    """Opens one of the tiny generators on the CPU, by the name of its builder."""

    def open_it(name: str = "deep", *, precision: str = "fp32", **values: object) -> Session:
        path = getattr(tiny_models, name)(tmp_path / f"{name}.onnx", **values)
        return open_session(path, ort_session.CPU, precision=precision)

    return open_it
