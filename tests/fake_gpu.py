"""A GPU that is a CPU in truth: all that srcli does for a GPU happens, but for the kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.engine.devices import nvidia
from srcli.engine.inference import ort_session
from srcli.engine.runtimes.io_binding import IoBindingSession

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from srcli.engine.devices.kind import Device
    from srcli.engine.runtimes.runtime import NativeSession


def pretend(monkeypatch: pytest.MonkeyPatch, count: int = 1) -> None:
    """Have ``count`` GPUs."""
    create = ort_session.create

    def create_here(
        model: Path, device: Device, threads: int | None = None, *, in_levels: bool = False, **more: bool
    ) -> NativeSession:
        session = create(model, ort_session.CPU, threads, in_levels=in_levels, **more)
        return IoBindingSession(session, "cpu") if device.on_gpu else session

    monkeypatch.setattr(ort_session, "create", create_here)
    monkeypatch.setattr(nvidia, "problem", lambda _: None)
    monkeypatch.setattr(nvidia, "driver", lambda: nvidia.Driver((13, 0), ("pretended",) * count))
    monkeypatch.setattr(nvidia, "free_memory_bytes", lambda _: 2**33)
