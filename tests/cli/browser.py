"""A headless Chromium for tests, driven over the W3C WebDriver protocol by the standard library."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
)
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
START_TIMEOUT_S = 60.0


def why_absent() -> str | None:
    """What keeps a browser from being used here; ``None`` where nothing does."""
    missing = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    return f"no {' and no '.join(missing)}: apt-get install chromium chromium-driver" if missing else None


class Browser:
    """One browser window with a profile of its own."""

    def __init__(self, address: str, session: str) -> None:
        self._address = address
        self._session = session

    def open(self, place: Path | str) -> None:
        """Open a file or an address."""
        self._post("url", {"url": place if isinstance(place, str) else place.as_uri()})

    def address(self) -> str:
        """The address of the page, as the address bar shows it."""
        return self._get("url")

    def forget(self) -> None:
        """Drop all cookies of the page's host: the next page is another user's."""
        _request(f"{self._address}/session/{self._session}/cookie", None, "DELETE")

    def choose_files(self, selector: str, *paths: Path) -> None:
        """Choose files in an ``<input type=file>``."""
        found = self._post("element", {"using": "css selector", "value": selector})
        self._post(f"element/{found[ELEMENT]}/value", {"text": "\n".join(map(str, paths))})

    def role_and_name(self, selector: str) -> tuple[str, str]:
        """What an element is, and what it is called, to a screen reader."""
        found = self._post("element", {"using": "css selector", "value": selector})[ELEMENT]
        return self._get(f"element/{found}/computedrole"), self._get(f"element/{found}/computedlabel")

    def command(self, name: str, **parameters: object) -> object:
        """A command of Chromium's own protocol, such as ``Emulation.setEmulatedMedia``."""
        return self._post("goog/cdp/execute", {"cmd": name, "params": parameters})

    def run(self, script: str, *arguments: object) -> object:
        """Run JavaScript in the page; a promise is waited for."""
        return self._post("execute/sync", {"script": script, "args": arguments})

    def wait(self, script: str, timeout_s: float = 20.0) -> object:
        """Wait until JavaScript gives something true, and return it."""
        deadline = time.monotonic() + timeout_s
        while not (value := self.run(script)):
            assert time.monotonic() < deadline, f"still not true: {script}"
            time.sleep(0.05)
        return value

    def click(self, selector: str) -> None:
        found = self._post("element", {"using": "css selector", "value": selector})
        self._post(f"element/{found[ELEMENT]}/click", {})

    def press(self, *keys: str) -> None:
        """Press and let go of keys one after the other."""
        steps = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keyboard", "actions": steps})

    def drag(self, start: tuple[float, float], stop: tuple[float, float]) -> None:
        """Drag the mouse between two points of the window."""
        steps = [
            {"type": "pointerMove", "duration": 0, "x": round(start[0]), "y": round(start[1])},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerMove", "duration": 60, "x": round(stop[0]), "y": round(stop[1])},
            {"type": "pointerUp", "button": 0},
        ]
        self._act(
            {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": steps}
        )

    def pinch(self, place: tuple[float, float], before: float, after: float) -> None:
        """Put two fingers on the screen left and right of a place, and change their distance."""
        fingers = [_finger(side, place, before, after) for side in (-1, 1)]
        self._post("actions", {"actions": fingers})

    def turn_wheel(self, place: tuple[float, float], amount: int) -> None:
        x, y = map(round, place)
        step = {"type": "scroll", "duration": 0, "x": x, "y": y, "deltaX": 0, "deltaY": amount}
        self._act({"type": "wheel", "id": "wheel", "actions": [step]})

    def screenshot(self) -> np.ndarray:
        """The window as (height, width, 3) uint8."""
        shot = base64.b64decode(self._get("screenshot"))
        return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))

    def log(self, kind: str) -> list[str]:
        """Messages since the last call: of ``browser`` (the console) or ``performance`` (the network)."""
        return [entry["message"] for entry in self._post("se/log", {"type": kind})]

    def _act(self, source: dict[str, object]) -> None:
        self._post("actions", {"actions": [source]})

    def _get(self, command: str) -> object:
        return _request(f"{self._address}/session/{self._session}/{command}", None, "GET")

    def _post(self, command: str, body: dict[str, object]) -> object:
        return _request(f"{self._address}/session/{self._session}/{command}", body)


def _finger(side: int, place: tuple[float, float], before: float, after: float) -> dict[str, object]:
    start, stop = (round(place[0] + side * distance / 2) for distance in (before, after))
    steps = [
        {"type": "pointerMove", "duration": 0, "x": start, "y": round(place[1])},
        {"type": "pointerDown", "button": 0},
        {"type": "pointerMove", "duration": 100, "x": stop, "y": round(place[1])},
        {"type": "pointerUp", "button": 0},
    ]
    return {
        "type": "pointer",
        "id": f"finger{side}",
        "parameters": {"pointerType": "touch"},
        "actions": steps,
    }


def schemes_asked(window):
    """The schemes, such as ``file``, of all that a page has asked for since the log was last read."""
    events = [json.loads(message)["message"] for message in window.log("performance")]
    return {
        event["params"]["request"]["url"].partition(":")[0]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    }


def downloaded(find, timeout_s=20.0):
    """A file that is being saved, once it is whole.

    Args:
        find: gives its path as soon as it is there, until then None.
        timeout_s: the longest wait.
    """
    deadline, path, size = time.monotonic() + timeout_s, None, -1
    while path is None or not size or path.stat().st_size != size:
        assert time.monotonic() < deadline, "nothing was saved"
        size = path.stat().st_size if path else -1
        time.sleep(0.1)
        path = path or find()
    return path


@contextlib.contextmanager
def open_browser(folder: Path, *, phone: tuple[int, int] | None = None):
    """Start a browser whose profile and downloads lie in a folder.

    Args:
        folder: empty.
        phone: width and height of a touch screen to pretend; by default a desktop window.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    driver = subprocess.Popen(
        ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _await(address)
        session = _request(f"{address}/session", {"capabilities": {"alwaysMatch": _wishes(folder, phone)}})
        yield Browser(address, session["sessionId"])
        _request(f"{address}/session/{session['sessionId']}", None, "DELETE")
    finally:
        driver.terminate()
        driver.wait(timeout=20)


def _wishes(folder: Path, phone: tuple[int, int] | None) -> dict[str, object]:
    options = {
        "binary": shutil.which("chromium"),
        "args": [*SWITCHES, f"--user-data-dir={folder / 'profile'}", "--window-size=1280,800"],
        "prefs": {"download.default_directory": str(folder), "download.prompt_for_download": False},
    }
    if phone:
        metrics = {"width": phone[0], "height": phone[1], "pixelRatio": 2.0, "touch": True}
        options["mobileEmulation"] = {"deviceMetrics": metrics}
    return {"goog:chromeOptions": options, "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"}}


def _await(address: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if _request(f"{address}/status", None, "GET")["ready"]:
                return
        time.sleep(0.05)
    raise AssertionError("chromedriver did not start")


def _request(address: str, body: dict[str, object] | None, method: str = "POST") -> object:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"}, method=method)
    # A proxy that the environment names is not for this machine itself.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=START_TIMEOUT_S) as answer:
            return json.load(answer)["value"]
    except urllib.error.HTTPError as error:
        with error:
            raise AssertionError(error.read().decode()) from None
