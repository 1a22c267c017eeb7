"""A GPU that is a CPU in truth: all that srcli does for a GPU happens, but for the kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.engine import cuda, native
from srcli.engine.bound import BoundSession

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from srcli.engine.providers import Device
    from srcli.engine.runtime import NativeSession


def pretend(monkeypatch: pytest.MonkeyPatch, count: int = 1) -> None:
    """Have ``count`` GPUs."""
    create = native.create

    def create_here(
        model: Path, device: Device, threads: int | None = None, *, in_levels: bool = False, **more: bool
    ) -> NativeSession:
        session = create(model, native.CPU, threads, in_levels=in_levels, **more)
        return BoundSession(session, "cpu") if device.on_gpu else session

    monkeypatch.setattr(native, "create", create_here)
    monkeypatch.setattr(cuda, "problem", lambda _: None)
    monkeypatch.setattr(cuda, "driver", lambda: cuda.Driver((13, 0), ("pretended",) * count))
    monkeypatch.setattr(cuda, "free_memory_bytes", lambda _: 2**33)
