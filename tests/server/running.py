"""A server of its own process, as a person starts it, and a client that shows every byte of its answers."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import psutil

from tests.processes import HEEDING

PATIENCE_S = 60.0
"""For what has to happen in the end, on a machine that does much else."""


@dataclass
class Answer:
    """One answer; ``headers`` have lower-case names."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


@dataclass
class Server:
    """``srcli serve`` at a free port."""

    folder: object
    models: object = None
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, wait=True):
        environment = {**os.environ, **self.environment}
        if self.models is not None:
            environment["SRCLI_MODELS"] = str(self.models)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.messages = self.folder.parent / f"{self.folder.name}.stderr"
        words = ["serve", "--port", "0", "--folder", str(self.folder), *self.options]
        with self.messages.open("w") as messages:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "srcli", *words],
                stdout=subprocess.PIPE,
                stderr=messages,
                text=True,
                env=environment,
                **HEEDING,
            )
        self.address = self.process.stdout.readline().strip()
        assert self.address, self.messages.read_text()
        self.host, self.port = urlsplit(self.address).hostname, urlsplit(self.address).port
        if wait:
            until(lambda: self.get("/ready").status == 200)
        return self

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)

    def request(self, method, path, body=None, headers=None):
        connection = self.connect()
        try:
            connection.request(method, path, body, headers or {})
            return read(connection)
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.request(
            "GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )

    def post(self, path, body=b"", **headers):
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.request("POST", path, body, named)

    def job(self, name):
        return self.get(f"/v1/jobs/{name}").json

    def wait_for(self, name, *states):
        return until(lambda: (job := self.job(name))["status"] in states and job)

    def workers(self, role="generators"):
        """Processes that enlarge pictures (``generators``), or the others."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            words = child.cmdline()
            if words and ('"generators"' in words[-1]) == (role == "generators"):
                found.append(child)
        return found

    def files(self):
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def settled_files(self):
        """The files, once nothing is worked on any more."""
        idle = (b"srcli_running 0.0", b"srcli_queue_length 0.0")
        until(lambda: all(line in self.get("/metrics").body for line in idle))
        return set(self.files())

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE_S)
        finally:
            self.process.kill()
            self.process.stdout.close()


def read(connection):
    """The answer on a connection."""
    response = connection.getresponse()
    headers = {name.lower(): text for name, text in response.getheaders()}
    return Answer(response.status, headers, response.read())


def until(condition, patience_s=PATIENCE_S):
    """Wait for a condition, and give what it gives."""
    end = time.monotonic() + patience_s
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return found
