"""A server with a page, and windows to look at it."""

from __future__ import annotations

import pytest

from tests.cli.browser import open_browser, why_absent
from tests.server.page.visits import open_page, save_waves
from tests.server.running import Server


@pytest.fixture(scope="session")
def serve(tmp_path_factory, models):
    """Start servers, which a test ends itself or leaves to the end of all."""
    pytest.importorskip("uvicorn", reason="no server: pip install 'srcli[serve]'")
    if why := why_absent():
        pytest.skip(why)
    started = []

    def start(*options, **environment):
        folder = tmp_path_factory.mktemp("page") / "files"
        started.append(Server(folder, models, ("-m", "tiny", *options), environment))
        return started[-1].start()

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def address(serve):
    """Where a server with the generator ``tiny`` answers."""
    return serve().address


@pytest.fixture(scope="session")
def window(tmp_path_factory, serve):
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
