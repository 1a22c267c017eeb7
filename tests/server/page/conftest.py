"""A server with a page, and windows to look at it."""

from __future__ import annotations

import pytest

from tests import tiny_models
from tests.cli.browser import open_browser, why_absent
from tests.server.page.server import page_server
from tests.server.page.visits import open_page, save_waves


@pytest.fixture(scope="session")
def tiny_generators(tmp_path_factory):
    """A folder with a generator ``tiny``."""
    folder = tmp_path_factory.mktemp("generators")
    for scale in (2, 4):
        tiny_models.install(folder, name="tiny", scale=scale)
    return folder


@pytest.fixture(scope="session")
def address(tmp_path_factory, tiny_generators):
    """Where a server with the generator ``tiny`` answers."""
    pytest.importorskip("uvicorn", reason="no server: pip install 'srcli[serve]'")
    if why := why_absent():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("server") / "run"
    with page_server(folder, "-m", "tiny", environment={"SRCLI_MODELS": str(tiny_generators)}) as served:
        yield served


@pytest.fixture(scope="session")
def window(tmp_path_factory, address):
    """One desktop window for all tests; ``page`` begins each of them."""
    folder = tmp_path_factory.mktemp("window")
    with open_browser(folder) as browser:
        browser.downloads = folder
        yield browser


@pytest.fixture
def page(window, address):
    """The page as a new user sees it."""
    open_page(window, address)
    return window


@pytest.fixture
def phone(tmp_path, address):
    """The page on a touch screen of 390 x 844."""
    with open_browser(tmp_path, phone=(390, 844)) as browser:
        open_page(browser, address)
        yield browser


@pytest.fixture(scope="session")
def photo(tmp_path_factory):
    """A smooth colour picture, 45 x 36."""
    return save_waves(tmp_path_factory.mktemp("pictures") / "photo.png", (36, 45))
