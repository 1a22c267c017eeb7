"""What is too large, too slow, too much or hostile is refused, and others notice nothing."""

from __future__ import annotations

import base64
import io
import json
import socket
import struct
import threading
import zlib
from contextlib import ExitStack

import psutil
import pytest
from PIL import Image

from tests.server.conftest import picture
from tests.server.running import read, until

MIB = 2**20


@pytest.fixture(scope="module")
def narrow(start):
    """A server with low limits."""
    return start(
        *("--max-upload", "2", "--max-json", "1", "--max-megapixels", "1", "--max-input-megapixels", "0.2"),
        *("--max-frames", "3", "--max-queue", "4", "--max-per-client", "3"),
    )


def huge_png(width, height):
    """A PNG file of some bytes that declares many pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(30_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def many_frames(count):
    frames = [Image.open(io.BytesIO(picture(5, 7, number))) for number in range(count)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def send_slowly(server, path, size, kind=b"image/png"):
    """A connection whose body has begun and does not go on."""
    connection = socket.create_connection(("127.0.0.1", server.port))
    head = b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
    connection.sendall(head % (path, kind, size) + b"\x89PNG")
    return connection


def test_an_upload_that_says_it_is_too_large_is_refused_before_it_is_sent(narrow):
    connection = narrow.connect()
    connection.putrequest("POST", "/v1/jobs")
    connection.putheader("Content-Length", str(300 * MIB))
    connection.endheaders()
    answer = read(connection)
    assert (answer.status, answer.json["code"]) == (413, "too-large")
    assert answer.json["limit"] == 2 * MIB
    assert answer.json["seen"] == 300 * MIB
    assert answer.json["option"] == "--max-upload"
    assert "--max-upload" in answer.json["hint"]


def test_an_upload_that_never_says_how_large_it_is_ends_at_the_limit(narrow):
    memory = psutil.Process(narrow.process.pid)
    before_files, before = narrow.settled_files(), memory.memory_info().rss
    sent = 0

    def parts():
        nonlocal sent
        for _ in range(300):
            sent += MIB
            yield bytes(MIB)

    try:
        answer = narrow.request("POST", "/v1/jobs", parts())
        assert (answer.status, answer.json["code"]) == (413, "too-large")
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert sent < 100 * MIB
    assert memory.memory_info().rss < before + 30 * MIB
    assert until(lambda: set(narrow.files()) <= before_files)


def test_json_has_a_limit_of_its_own(narrow):
    body = json.dumps({"DATA": base64.b64encode(bytes(MIB)).decode()})
    answer = narrow.post("/picture", body, Content_Type="application/json")
    assert (answer.status, answer.json["option"]) == (413, "--max-json")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (huge_png(50_000, 50_000), "too-many-pixels"),
        (picture(600, 500), "too-many-pixels"),
        (many_frames(5), "too-many-frames"),
    ],
)
def test_what_declares_too_much_is_refused_by_its_header(data, code, narrow):
    answer = narrow.post("/v1/jobs?scale=2", data)
    assert (answer.status, answer.json["code"]) == (422, code)
    assert answer.json["limit"] < answer.json["seen"]
    assert answer.json["option"].startswith("--max-")


def test_a_result_that_would_be_too_large(narrow):
    answer = narrow.post("/v1/jobs?scale=4&name=a.png", picture(300, 301))
    assert (answer.status, answer.json["code"]) == (422, "too-many-pixels")
    assert answer.json["detail"].startswith("the result of a.png is 1200x1204")
    assert (answer.json["limit"], answer.json["seen"]) == (10**6, 1200 * 1204)


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "not-a-picture"),
        (b"%PDF-1.7 and so on", 415, "unsupported-format"),
        (b"<html><script>alert(1)</script></html>", 415, "unsupported-format"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', 415, "unsupported-format"),
        (picture()[:300], 422, "not-a-picture"),
        (b"\xff\xd8\xff\xe0 no picture", 422, "not-a-picture"),
    ],
)
def test_what_is_no_picture_is_told_so(data, status, code, server):
    answer = server.post("/v1/jobs?name=holiday.png", data)
    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "/" not in answer.json["detail"].removeprefix("cannot read holiday.png")
    assert str(server.folder) not in answer.body.decode()


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("scale=40", 422, "bad-setting"),
        ("scale=two", 422, "bad-setting"),
        ("scale=2&width=100", 422, "bad-setting"),
        ("quality=0", 422, "bad-setting"),
        ("strength=7", 422, "bad-setting"),
        ("format=doc", 422, "bad-setting"),
        ("colour=red", 422, "bad-setting"),
        ("seamless=maybe", 422, "bad-setting"),
        ("model=none-such", 404, "unknown-model"),
        ("model=../../secret.onnx", 404, "unknown-model"),
    ],
)
def test_settings_that_make_no_sense(query, status, code, server):
    answer = server.post(f"/v1/jobs?{query}", picture())
    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.json["detail"]


def test_a_sender_that_stops_is_told_and_leaves_nothing(start):
    server = start("--body-timeout", "1")
    with send_slowly(server, b"/v1/jobs", 10_000) as connection, connection.makefile("rb") as stream:
        text = stream.read()
    assert b"408 Request Timeout" in text
    assert b"too-slow" in text
    assert until(lambda: not server.files())


def test_a_sender_that_goes_away_leaves_nothing(server):
    before = server.settled_files()
    connection = send_slowly(server, b"/v1/jobs", 10_000)
    assert until(lambda: set(server.files()) > before)
    connection.close()
    assert until(lambda: set(server.files()) <= before)


def test_others_are_served_while_many_connections_hang(server):
    halves = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
    for half in halves:
        half.sendall(b"GET /v1/models HTT")
    slow = [send_slowly(server, b"/v1/upscale", 10_000) for _ in range(5)]
    try:
        assert (
            server.request("POST", "/v1/upscale?scale=2", picture(), {"Cookie": session(server)}).status
            == 200
        )
    finally:
        for connection in (*halves, *slow):
            connection.close()


def session(server):
    return server.post("/v1/session").headers["set-cookie"].split(";")[0]


def test_one_client_has_a_share_and_others_theirs(narrow):
    first, second = session(narrow), session(narrow)
    query = "/v1/jobs?model=stuck&scale=2"

    def send(cookie):
        return narrow.request("POST", query, picture(), {"Cookie": cookie})

    answers = [send(first) for _ in range(4)]
    assert [answer.status for answer in answers] == [202, 202, 202, 429]
    refused = answers[-1]
    assert refused.json["code"] == "busy"
    assert int(refused.headers["retry-after"]) >= 1
    assert (refused.json["limit"], refused.json["option"]) == (3, "--max-per-client")
    jobs = [answer.json["id"] for answer in answers[:3]]
    headers = {"Cookie": first}
    until(lambda: narrow.request("GET", f"/v1/jobs/{jobs[0]}", headers=headers).json["status"] == "running")
    # Two of the first wait; one of the second goes before the last of them.
    other = send(second).json
    assert other["position"] == 2
    third = session(narrow)
    assert [send(third).status for _ in range(2)] == [202, 429]
    listed = narrow.request("GET", "/v1/jobs", headers=headers).json["jobs"]
    assert [job["id"] for job in listed] == jobs
    for cookie in (first, second, third):
        for job in narrow.request("GET", "/v1/jobs", headers={"Cookie": cookie}).json["jobs"]:
            narrow.request("DELETE", f"/{job['href']}", headers={"Cookie": cookie})
    assert until(lambda: narrow.get("/metrics").body.count(b"srcli_running 0.0"))


def test_a_picture_that_is_no_longer_wanted_is_let_go(server):
    job = server.post("/v1/jobs?model=stuck&scale=2", picture()).json
    server.wait_for(job["id"], "running")
    assert server.request("DELETE", f"/{job['href']}").status == 202
    server.wait_for(job["id"], "canceled")
    assert server.post("/v1/upscale?scale=2", picture()).status == 200


def test_a_picture_that_waits_is_let_go_at_once(server):
    running = server.post("/v1/jobs?model=stuck&scale=2", picture()).json
    server.wait_for(running["id"], "running")
    waiting = server.post("/v1/jobs?scale=2", picture()).json
    assert server.request("DELETE", f"/{waiting['href']}").json["status"] == "canceled"
    server.request("DELETE", f"/{running['href']}")
    server.wait_for(running["id"], "canceled")


def test_the_short_form_stops_where_its_client_goes_away(server):
    before = server.settled_files()
    connection = server.connect()
    connection.request("POST", "/v1/upscale?model=stuck&scale=2", picture())
    assert until(lambda: b"srcli_running 1.0" in server.get("/metrics").body)
    connection.close()
    assert until(lambda: b"srcli_running 0.0" in server.get("/metrics").body)
    assert until(lambda: set(server.files()) <= before)


def test_a_process_that_dies_costs_its_picture_alone(start):
    server = start()
    job = server.post("/v1/jobs?model=stuck&scale=2&name=bad.png", picture(seed=9)).json
    server.wait_for(job["id"], "running")
    others = server.post("/v1/jobs?scale=2", picture()).json
    server.workers()[0].kill()
    failed = server.wait_for(job["id"], "failed")
    assert failed["error"]["code"] == "worker-died"
    assert "bad.png was killed by SIGKILL" in failed["error"]["detail"]
    assert server.wait_for(others["id"], "succeeded")
    again = server.post("/v1/jobs?model=stuck&scale=2&name=bad.png", picture(seed=9)).json
    server.wait_for(again["id"], "running")
    server.workers()[0].kill()
    server.wait_for(again["id"], "failed")
    third = server.post("/v1/jobs?model=stuck&scale=2&name=bad.png", picture(seed=9))
    assert (third.status, third.json["code"]) == (422, "worker-died")


def test_of_two_pictures_side_by_side_the_innocent_one_is_made_again(start):
    server = start()
    stuck = server.post("/v1/jobs?model=stuck&scale=2", picture()).json
    server.wait_for(stuck["id"], "running")
    pair = [
        server.post("/v1/jobs?model=stuck&scale=2&name=b.png", picture(seed=seed)).json for seed in (1, 2)
    ]
    server.workers()[0].kill()
    server.wait_for(stuck["id"], "failed")
    server.wait_for(pair[0]["id"], "running")
    beside = server.job(pair[1]["id"])["status"] == "running"
    server.workers()[0].kill()
    # Nobody is blamed for what another may have done: both are tried again, one by one.
    expected = ["running", "queued"] if beside else ["failed", "running"]
    until(lambda: [server.job(job["id"])["status"] for job in pair] == expected)
    for job in pair:
        server.request("DELETE", f"/{job['href']}")


def test_a_process_that_reads_headers_may_die_as_well(server):
    server.post("/v1/upscale?scale=2", picture())
    for reader in server.workers("readers"):
        reader.kill()
    statuses = [server.post("/v1/upscale?scale=2", picture()).status for _ in range(2)]
    assert statuses[-1] == 200


def test_what_takes_too_long_is_ended(start):
    server = start("--max-seconds", "1")
    job = server.post("/v1/jobs?model=stuck&scale=2", picture()).json
    failed = server.wait_for(job["id"], "failed")
    assert failed["error"]["code"] in ("deadline", "worker-died")
    assert server.post("/v1/upscale?scale=2", picture()).status == 200


def test_results_expire_with_their_files(start):
    server = start("--keep", "0.02")
    job = server.post("/v1/jobs?scale=2", picture(), Prefer="wait=60").json
    assert job["status"] == "succeeded"
    assert until(lambda: server.get(f"/{job['href']}").status == 404)
    assert server.get(f"/{job['output']['href']}").json["code"] == "expired"
    assert not server.files()


def test_a_full_share_of_the_disk(start):
    server = start("--max-disk", "0.01", "--max-upload", "1")
    refused = server.post("/v1/jobs?scale=4", picture(500, 490))
    assert (refused.status, refused.json["code"]) == (507, "disk-full")
    assert refused.json["option"] == "--max-disk"
    assert server.post("/v1/upscale?scale=2", picture()).status == 200


def test_more_connections_than_allowed(start):
    server = start("--max-connections", "10")
    with ExitStack() as open_ones:
        for _ in range(12):
            connection = open_ones.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            connection.sendall(b"GET /v1/mod")
        refused = until(lambda: (answer := server.get("/v1/models")).status == 503 and answer)
        assert refused.json["code"] == "crowded"
        assert (refused.json["limit"], refused.json["option"]) == (10, "--max-connections")
        assert "retry-after" in refused.headers
        assert server.get("/health").status == 200
    assert until(lambda: server.get("/v1/models").status == 200)


def test_many_small_requests_at_a_time(server):
    statuses = []

    def ask():
        connection = server.connect()
        for _ in range(50):
            connection.request("GET", "/health")
            statuses.append(read(connection).status)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 400
