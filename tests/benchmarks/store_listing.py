"""How long ``srcli upscale --resume`` takes to skip a bucket of finished pictures, and in what memory.

    python tests/benchmarks/store_listing.py [COUNT]

A server on loopback speaks as much of S3 as listing takes; simulated servers that keep objects are far slower
than a real one.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from srcli.upscaling.settings import UpscaleSettings
from srcli.upscaling.target import Target

PAGE, BYTES = 1000, 123_456


def main(count: int) -> None:
    manifest = "".join(f"{json.dumps(record(number))}\n" for number in range(count)).encode()
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), type("Bucket", (Bucket,), {"count": count, "manifest": manifest})
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    words = [
        "upscale",
        "s3://many/in/",
        "-o",
        "s3://many/out/",
        "-s",
        "2",
        "-m",
        "bicubic",
        "--resume",
        "--json",
    ]
    started_s = time.monotonic()
    with tempfile.TemporaryFile() as reports:
        subprocess.run([sys.executable, "-m", "srcli", *words], env=environment, stdout=reports, check=True)
        seconds = time.monotonic() - started_s
        reports.seek(0)
        skipped = sum(json.loads(line)["status"] == "skipped" for line in reports)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{skipped} of {count} skipped in {seconds:.1f} s, of which {used.ru_utime + used.ru_stime:.1f} s of "
        f"processor time, peak memory {used.ru_maxrss / 1024:.0f} MiB"
    )


def record(number: int) -> dict[str, object]:
    return {
        "output": f"{number:07}_x2.png",
        "output_bytes": BYTES,
        "source": f"s3://many/in/{number:07}.png",
        "source_bytes": BYTES,
        "source_version": f"{number:032x}",
        "settings": UpscaleSettings(Target(2.0), model="bicubic").fingerprint(()),
    }


class Bucket(BaseHTTPRequestHandler):
    """Answers listings of ``in/``, ``out/`` and the manifest's folder, and reads of the manifest."""

    protocol_version = "HTTP/1.1"
    count: int
    manifest: bytes

    def do_HEAD(self) -> None:
        self.answer(404, b"")

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = parse_qs(address.query)
        if "list-type" in asked:
            prefix = asked.get("prefix", [""])[0]
            self.answer(200, self.listing(prefix, int(asked.get("continuation-token", ["0"])[0])))
        elif address.path.endswith(".jsonl"):
            self.answer(200, self.manifest)
        else:
            self.answer(404, b"")

    def listing(self, prefix: str, start: int) -> bytes:
        if prefix.startswith("out/.srcli-manifest/"):
            names = ["out/.srcli-manifest/1.jsonl"]
        else:
            end = min(start + PAGE, self.count)
            names = [
                f"{prefix}{number:07}{'_x2' if prefix == 'out/' else ''}.png" for number in range(start, end)
            ]
        objects = "".join(
            f"<Contents><Key>{name}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
            f"<ETag>&quot;{start + index:032x}&quot;</ETag><Size>{BYTES}</Size>"
            "<StorageClass>STANDARD</StorageClass></Contents>"
            for index, name in enumerate(names)
        )
        more = len(names) == PAGE and start + PAGE < self.count
        token = f"<NextContinuationToken>{start + PAGE}</NextContinuationToken>" if more else ""
        return (
            '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>many</Name><Prefix>{prefix}</Prefix><MaxKeys>{PAGE}</MaxKeys><KeyCount>{len(names)}</KeyCount>"
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}{objects}</ListBucketResult>"
        ).encode()

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"0"')
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
