"""A server as a person starts it, for tests of its page."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

START_TIMEOUT_S = 60.0


@contextlib.contextmanager
def page_server(folder, *options, environment=None):
    """Run ``srcli serve`` at a free port; gives its address, which ends in a slash.

    Args:
        folder: empty, for its files.
        options: further ones of the command.
        environment: variables beside those of this process.
    """
    command = [sys.executable, "-m", "srcli", "serve", "--port", "0", "--folder", str(folder), *options]
    with (folder.parent / f"{folder.name}.log").open("w+") as log:
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, **(environment or {})}
        )
        try:
            address = server.stdout.readline().strip()
            assert address, (folder.parent / f"{folder.name}.log").read_text()
            _await_ready(address.partition("#")[0])
            yield address
        finally:
            server.terminate()
            server.wait(timeout=START_TIMEOUT_S)
            server.stdout.close()


def _await_ready(address):
    deadline = time.monotonic() + START_TIMEOUT_S
    while not _is_ready(address):
        assert time.monotonic() < deadline, f"{address} is not ready"
        time.sleep(0.05)


def _is_ready(address):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(f"{address}ready", timeout=START_TIMEOUT_S).close()
    except urllib.error.HTTPError as error:
        error.close()
        return False
    return True
