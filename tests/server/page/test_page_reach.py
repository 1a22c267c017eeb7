"""The page where a token is demanded, below a path of a proxy, and with work that has to be given up."""

from __future__ import annotations

import contextlib
import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

TOKEN = "a-token-for-these-tests"
READY = "return document.body.dataset.ready"
STAGED = "return document.querySelectorAll('.row[data-phase=staged]').length === 1"
PHASE = "return document.querySelector('.row')?.dataset.phase"


@pytest.fixture(scope="module")
def guarded(serve):
    """Where a server answers that demands a token."""
    return serve("--token", SRCLI_TOKEN=TOKEN).address.partition("#")[0]


@pytest.fixture
def stranger(window, guarded):
    """A window without a session of that server."""
    window.open(f"{guarded}health")
    window.forget()
    return window


def test_token_in_the_address_opens_the_page_and_leaves_the_address(stranger, guarded):
    stranger.open(f"{guarded}#token={TOKEN}")
    stranger.wait(READY)
    assert stranger.address() == guarded
    stranger.open("about:blank")
    stranger.open(guarded)
    stranger.wait(READY)


def test_page_asks_for_the_token_until_it_is_right(stranger, guarded):
    stranger.open(guarded)
    stranger.wait("return document.getElementById('token-dialog') !== null")
    assert stranger.run("return document.activeElement.id") == "token"
    stranger.press(*"not the token", "\ue007")
    stranger.wait("return !document.getElementById('token-wrong').hidden")
    stranger.press(*TOKEN, "\ue007")
    stranger.wait(READY)
    assert stranger.run("return document.getElementById('token-dialog')") is None
    stranger.log("browser")


def test_everything_works_below_a_path_of_a_proxy(window, address, photo):
    with _proxy(address, "/pictures") as below:
        window.open(below)
        window.wait(READY)
        window.choose_files("#choose", photo)
        window.wait(STAGED)
        window.click("#start")
        window.wait(
            "return [...document.querySelectorAll('.view img')].some((shown) => shown.naturalWidth)", 60
        )
        assert window.address().startswith(f"{below}#job=")
        # Event streams end with the page.
        window.open("about:blank")


def test_canceled_work_ends_and_the_next_picture_is_enlarged(page, photo):
    for model in ("stuck", "tiny"):
        page.run(
            "const field = document.getElementById('model'); field.value = arguments[0];"
            "field.dispatchEvent(new Event('input', { bubbles: true }))",
            model,
        )
        page.choose_files("#choose", photo)
        page.wait(STAGED)
        page.click("#start")
        page.wait(f"{PHASE} === 'running'")
    page.click(".row:nth-child(1) .row-drop")
    page.wait(f"{PHASE} === 'canceled'", 60)
    page.wait("return document.querySelector('.row:nth-child(2)').dataset.phase === 'succeeded'", 60)
    assert page.run("return document.querySelector('.row-line').textContent") == "canceled"


def test_server_that_was_started_again_is_told_from_one_that_is_gone(window, serve, photo):
    first = serve()
    window.open(first.address)
    window.wait(READY)
    _enlarge(window, photo)
    first.stop()
    serve("--port", str(first.port))
    window.run("document.dispatchEvent(new Event('visibilitychange'))")
    words = window.wait("return document.querySelector('.failure-box')?.textContent")
    assert "no longer has this picture" in words
    window.click(".failure-box .primary")
    _enlarge(window)
    listed = window.run("return fetch('v1/jobs').then((answer) => answer.json())")
    assert len(listed["jobs"]) == 1
    window.log("browser")


def _enlarge(window, path=None):
    if path:
        window.choose_files("#choose", path)
    window.wait(STAGED)
    window.click("#start")
    window.wait("return document.querySelectorAll('.row[data-phase=succeeded]').length === 1", 60)


@contextlib.contextmanager
def _proxy(address, path):
    """A proxy that serves ``address`` below ``path`` of its own address, and nothing elsewhere."""
    handler = type("Handler", (_PassOn,), {"target": urlsplit(address), "path_before": path})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    # Closing waits for every connection.
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{path}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _PassOn(BaseHTTPRequestHandler):
    def _pass_on(self):
        self.close_connection = True
        if not self.path.startswith(self.path_before):
            self.send_error(404)
            return
        upstream = http.client.HTTPConnection(self.target.hostname, self.target.port, timeout=60)
        with contextlib.closing(upstream):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {**self.headers, "Host": self.target.netloc, "Origin": self.target.geturl().rstrip("/")}
            upstream.request(self.command, self.path.removeprefix(self.path_before), body, headers)
            with upstream.getresponse() as answer, contextlib.suppress(OSError):
                self._answer(answer)

    def _answer(self, answer):
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        while piece := answer.read1(65536):
            self.wfile.write(piece)
            self.wfile.flush()

    do_GET = do_POST = do_PUT = do_DELETE = _pass_on  # noqa: N815  as http.server names them

    def log_message(self, *_words):
        pass
