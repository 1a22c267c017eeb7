"""Many clients of one server at a time, and what others do to it meanwhile.

    python tests/benchmarks/serve.py --clients 50 --seconds 120
    python tests/benchmarks/serve.py --clients 50 --seconds 60 --mischief

Each client sends pictures one after the other by ``POST /v1/upscale`` and compares each result with the bytes
that the command line makes. With ``--mischief``, others send slowly, half, too much, bombs, and thousands of
small requests, go away, and worker processes are killed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

sys.path[:0] = [str(Path(__file__).resolve().parents[2])]
from tests.server.running import Server, read, until  # noqa: E402

SIZES = ((64, 48), (97, 61), (128, 96), (33, 140))
MOST_RETRY_S = 2.0
PAUSE_S = 0.05
"""Between two acts of one kind: enough that most of the machine is left to others."""


@dataclass
class Figures:
    """What was seen."""

    seconds: list[float] = field(default_factory=list)
    health_s: list[float] = field(default_factory=list)
    web_mib: list[float] = field(default_factory=list)
    all_mib: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    mischief: Counter[str] = field(default_factory=Counter)

    def to_json(self):
        fifth = max(1, len(self.web_mib) // 5)
        return {
            "results": len(self.seconds),
            "outcomes": dict(self.outcomes),
            "latency_s": quantiles(self.seconds),
            "health_s": quantiles(self.health_s),
            "web_mib": {
                "first fifth": mean(self.web_mib[:fifth]),
                "last fifth": mean(self.web_mib[-fifth:]),
                "most": round(max(self.web_mib, default=0)),
            },
            "all_processes_mib": {
                "first fifth": mean(self.all_mib[:fifth]),
                "last fifth": mean(self.all_mib[-fifth:]),
                "most": round(max(self.all_mib, default=0)),
            },
            "mischief": dict(self.mischief),
        }


def quantiles(values):
    if len(values) < 2:
        return values
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {
        "median": round(cuts[49], 3),
        "p95": round(cuts[94], 3),
        "p99": round(cuts[98], 3),
        "most": round(max(values), 3),
    }


def mean(values):
    return round(statistics.fmean(values), 1) if values else None


def make_pictures(folder, model):
    """Pictures as bytes, and the hash of what the command line makes of each."""
    (folder / "in").mkdir(parents=True)
    for number, (width, height) in enumerate(SIZES):
        rows, columns = np.mgrid[:height, :width]
        waves = np.stack(
            [128 + 90 * np.sin(rows / (3 + c) + columns / (5 + number)) for c in range(3)], axis=-1
        )
        Image.fromarray(waves.astype(np.uint8)).save(folder / "in" / f"{number}.png")
    command = [
        sys.executable,
        "-m",
        "srcli",
        "upscale",
        str(folder / "in"),
        "-o",
        f"{folder / 'out'}/",
        "-s",
        "2",
    ]
    subprocess.run([*command, "-m", model, "--quiet"], check=True)
    return [
        (path.read_bytes(), hashlib.sha256((folder / "out" / f"{path.stem}_x2.png").read_bytes()).hexdigest())
        for path in sorted((folder / "in").iterdir())
    ]


def work(server, pictures, figures, end, number):
    """One client: sends pictures until the end, and tries again where it is told to."""
    choose = random.Random(number)
    cookie = server.post("/v1/session").headers["set-cookie"].split(";")[0]
    while time.monotonic() < end:
        data, digest = choose.choice(pictures)
        started = time.monotonic()
        try:
            answer = server.request("POST", "/v1/upscale?scale=2", data, {"Cookie": cookie})
        except (OSError, HTTPException) as error:
            figures.outcomes[type(error).__name__] += 1
            continue
        if answer.status == 200:
            right = hashlib.sha256(answer.body).hexdigest() == digest
            figures.outcomes["right" if right else "WRONG"] += 1
            figures.seconds.append(time.monotonic() - started)
            continue
        figures.outcomes[f"{answer.status} {answer.json['code']}"] += 1
        time.sleep(min(MOST_RETRY_S, float(answer.headers.get("retry-after", 0.1))))


def watch(server, figures, end):
    """Memory, and how long the server takes to say that it lives."""
    web = psutil.Process(server.process.pid)
    while time.monotonic() < end:
        started = time.monotonic()
        if server.get("/health").status == 200:
            figures.health_s.append(time.monotonic() - started)
        figures.web_mib.append(web.memory_info().rss / 2**20)
        with suppress(psutil.Error):
            others = sum(child.memory_info().rss for child in web.children())
            figures.all_mib.append(figures.web_mib[-1] + others / 2**20)
        time.sleep(0.25)


def bomb():
    """A PNG file of 30 kB that declares 2.5 gigapixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    pixels = zlib.compress(random.Random(0).randbytes(30_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def begin(server, size):
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    connection.sendall(b"POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % size)
    return connection


def send_slowly(server, _pictures):
    with begin(server, 10_000) as connection:
        connection.settimeout(0.2)
        while True:
            connection.sendall(b"\x89")
            with suppress(TimeoutError):
                return connection.recv(20).decode().split("\r")[0] or "closed"


def send_half(server, pictures):
    data = pictures[0][0]
    with begin(server, len(data)) as connection:
        connection.sendall(data[: len(data) // 2])
    return "went away"


def go_away(server, pictures):
    connection = server.connect()
    connection.request("POST", "/v1/upscale?scale=4", pictures[2][0])
    time.sleep(random.random() / 2)
    connection.close()
    return "went away"


def send_too_much(server, _pictures):
    try:
        return str(server.request("POST", "/v1/jobs", (bytes(2**20) for _ in range(300))).status)
    except OSError:
        return "cut off"


def send_bomb(server, _pictures):
    return f"{(answer := server.post('/v1/jobs', bomb())).status} {answer.json['code']}"


def ask_often(server, _pictures):
    connection = server.connect()
    for _ in range(1000):
        connection.request("GET", "/v1/limits")
        assert read(connection).status == 200
    connection.close()
    return "1000 answered"


def kill(server, _pictures):
    time.sleep(4)
    for worker in server.workers():
        worker.kill()
    return "killed"


MISCHIEF = (send_slowly, send_half, go_away, send_too_much, send_bomb, ask_often, kill)


def misbehave(act, server, pictures, figures, end):
    while time.monotonic() < end:
        try:
            outcome = act(server, pictures)
        except (OSError, HTTPException, psutil.Error) as error:
            outcome = type(error).__name__
        figures.mischief[f"{act.__name__}: {outcome}"] += 1
        time.sleep(PAUSE_S)


def run_load(server, pictures, clients, seconds, mischief=()):
    """All of it at a time; gives what was seen."""
    figures = Figures()
    end = time.monotonic() + seconds
    threads = [
        threading.Thread(target=work, args=(server, pictures, figures, end, number))
        for number in range(clients)
    ]
    threads += [
        threading.Thread(target=misbehave, args=(act, server, pictures, figures, end)) for act in mischief
    ]
    threads.append(threading.Thread(target=watch, args=(server, figures, end)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return figures


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--model", default="plain")
    parser.add_argument("--mischief", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        pictures = make_pictures(folder, options.model)
        server = Server(folder / "files", options=("-m", options.model)).start()
        try:
            mischief = MISCHIEF if options.mischief else ()
            figures = run_load(server, pictures, options.clients, options.seconds, mischief).to_json()
            until(lambda: b"srcli_running 0.0" in server.get("/metrics").body)
            figures["files_left"] = len(server.files())
            figures["exit_code"] = server.stop()
            figures["folders_left"] = len(list(server.folder.iterdir()))
        finally:
            server.stop()
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
