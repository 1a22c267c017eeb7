"""How a server ends, and what the next one finds."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import closing

import pytest

from tests.server.conftest import picture
from tests.server.running import Server, until

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs the signals of Unix")


def test_a_request_to_end_lets_work_finish(start):
    server = start("-m", "fast")
    answers = []
    data = picture(160, 120)
    sender = threading.Thread(target=lambda: answers.append(server.post("/v1/upscale?scale=4", data)))
    sender.start()
    until(lambda: b"srcli_running 1.0" in server.get("/metrics").body)
    server.process.send_signal(signal.SIGTERM)
    sender.join()
    assert answers[0].status == 200
    assert server.process.wait(60) == 0
    assert not list(server.folder.iterdir())


def test_a_server_that_is_about_to_end_says_so(start):
    server = start()
    job = server.post("/v1/jobs?model=stuck&scale=2", picture()).json
    server.wait_for(job["id"], "running")
    stream = closing(server.connect())
    stream.thing.request("GET", f"/{job['events']}")
    response = stream.thing.getresponse()
    assert response.readline() == b"event: job\n"
    server.process.send_signal(signal.SIGTERM)
    assert until(lambda: server.get("/ready").json == {"status": "draining"})
    refused = server.post("/v1/jobs?scale=2", picture())
    assert (refused.status, refused.json["code"]) == (503, "draining")
    assert "retry-after" in refused.headers
    server.request("DELETE", f"/{job['href']}")
    with stream, response:
        assert b'"status": "canceled"' in response.read()
    assert server.process.wait(60) == 0


def test_a_second_request_ends_at_once_and_leaves_nothing(start):
    server = start()
    job = server.post("/v1/jobs?model=stuck&scale=2", picture()).json
    server.wait_for(job["id"], "running")
    workers = server.workers()
    server.process.send_signal(signal.SIGINT)
    until(lambda: server.get("/ready").status == 503)
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(60) == 0
    assert not list(server.folder.iterdir())
    assert until(lambda: not any(worker.is_running() for worker in workers))


def test_the_next_server_sweeps_what_a_killed_one_left(start, models, tmp_path):
    server = start()
    assert server.post("/v1/jobs?scale=2", picture(), Prefer="wait=60").status == 200
    workers = server.workers()
    server.process.kill()
    server.process.wait()
    assert server.files()
    assert until(lambda: not any(worker.is_running() for worker in workers))
    living = Server(server.folder, models, ("-m", "tiny")).start()
    try:
        left = list(server.folder.iterdir())
        assert len(left) == 1
        # One that lives is left alone.
        third = Server(server.folder, models, ("-m", "tiny")).start()
        third.stop()
        assert list(server.folder.iterdir()) == left
    finally:
        living.stop()


def test_a_port_that_is_taken(start, capsys):
    from srcli.cli.app import run

    server = start()
    assert run(["serve", "--port", str(server.port)]) == 2
    assert "--port 0 takes any" in capsys.readouterr().err


def test_the_page_is_there_before_the_generators(start):
    server = start("-m", "stuck", wait=False)
    assert server.get("/").status == 200
    assert server.get("/health").status == 200
    answer = server.get("/ready")
    assert (answer.status, answer.json["status"]) == (503, "starting")


def test_a_generator_that_is_not_there_is_told_to_who_runs_the_server(start):
    server = start("-m", "none-such", wait=False)
    until(lambda: "there is no generator named 'none-such'" in server.messages.read_text())
    assert until(lambda: server.get("/ready").json == {"status": "no-worker"})
    refused = server.post("/v1/jobs?model=tiny", picture())
    assert (refused.status, refused.json["code"]) == (503, "no-worker")
