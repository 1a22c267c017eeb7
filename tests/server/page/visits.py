"""What tests of the page do again and again."""

from __future__ import annotations

import json

import numpy as np
from PIL import Image


def open_page(browser, address):
    """Open the page as somebody who was never there before."""
    browser.open(f"{address}health")
    browser.forget()
    browser.run("localStorage.clear()")
    browser.open(address)
    browser.wait("return document.body.dataset.ready")


def save_waves(path, size):
    """Save waves of (height, width) in three colours, and return the path."""
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]]
    waves = np.sin(rows / 3)[:, :, None] * np.cos(columns[:, :, None] / np.array([4, 5, 6]))
    Image.fromarray(np.rint(127 + 110 * waves).astype(np.uint8)).save(path)
    return path


def requests_of(browser):
    """Addresses that were asked for since the log was last read."""
    events = [json.loads(message)["message"] for message in browser.log("performance")]
    sent = [event for event in events if event["method"] == "Network.requestWillBeSent"]
    return [event["params"]["request"]["url"] for event in sent]
