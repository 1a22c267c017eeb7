"""A server with tiny generators: ``tiny``, and ``stuck``, whose pictures never end."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests import tiny_models
from tests.server.running import Server


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for scale in (2, 4):
        tiny_models.install(folder, name="tiny", scale=scale)
        tiny_models.install(folder, build=tiny_models.endless, name="stuck", scale=scale)
    return folder


@pytest.fixture(scope="module")
def start(tmp_path_factory, models):
    """Start servers that end with the module."""
    for library in ("starlette", "uvicorn", "python_multipart", "prometheus_client"):
        pytest.importorskip(library, reason="needs the extra serve")
    started = []

    def start(*options, wait=True, **environment):
        folder = tmp_path_factory.mktemp("server") / "files"
        server = Server(folder, models, ("-m", "tiny", *options), environment)
        started.append(server)
        return server.start(wait)

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="module")
def server(start):
    return start()


def picture(width=23, height=31, seed=0, file_format="PNG", **options):
    """A small picture as bytes of a file."""
    levels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, file_format, **options)
    return buffer.getvalue()
