"""Videos as jobs, by the path of ``srcli video``."""

from __future__ import annotations

import base64
import json

import pytest

pytest.importorskip("av", reason="needs the extra video")

from srcli.cli.app import run
from tests import clips


@pytest.fixture
def clip(tmp_path):
    return clips.make(tmp_path / "clip.mp4", pts=6)


@pytest.fixture
def expected(clip, tmp_path, models, monkeypatch):
    """What the command line makes of the clip."""
    monkeypatch.setenv("SRCLI_MODELS", str(models))
    made = tmp_path / "made.mp4"
    assert run(["video", str(clip), "-o", str(made), "-s", "2", "-m", "tiny", "--quiet"]) == 0
    return made.read_bytes()


def test_a_job_gives_the_bytes_of_the_command_line(clip, expected, server):
    job = server.post("/v1/jobs?scale=2&name=clip.mp4", clip.read_bytes(), Prefer="wait=60").json
    assert job["status"] == "succeeded", job
    assert (job["input"]["format"], job["input"]["frames"]) == ("mp4", 6)
    assert (job["done"], job["total"], job["panes"]) == (6, 6, [])
    answer = server.get(f"/{job['output']['href']}")
    assert answer.headers["content-type"] == "video/mp4"
    assert "clip_x2.mp4" in answer.headers["content-disposition"]
    assert answer.body == expected


def test_the_post_of_a_student_project(clip, expected, server):
    letter = {"DATA": base64.b64encode(clip.read_bytes()).decode(), "FILENAME": "clip.mp4"}
    answer = server.post("/video", json.dumps(letter), Content_Type="application/json")
    assert answer.status == 200
    assert base64.b64decode(answer.json["DATA"]) == expected
    assert (answer.json["WIDTH"], answer.json["HEIGHT"]) == (2 * clips.SIZE.width, 2 * clips.SIZE.height)


def test_a_video_of_too_many_frames(start, clip):
    server = start("--max-video-frames", "5")
    answer = server.post("/v1/jobs?scale=2", clip.read_bytes())
    assert (answer.status, answer.json["code"]) == (422, "too-many-frames")
    assert answer.json["option"] == "--max-video-frames"


def test_settings_for_pictures_are_refused(clip, server):
    answer = server.post("/v1/jobs?scale=2&format=png", clip.read_bytes())
    assert (answer.status, answer.json["code"]) == (422, "bad-setting")


def test_a_video_that_is_cut_short(clip, server):
    answer = server.post("/v1/jobs?scale=2&name=clip.mp4", clip.read_bytes()[:200])
    assert (answer.status, answer.json["code"]) == (422, "not-a-picture")
    assert str(server.folder) not in answer.body.decode()


def test_a_video_that_is_no_longer_wanted_ends(clip, server):
    job = server.post("/v1/jobs?scale=2&model=stuck", clip.read_bytes()).json
    server.wait_for(job["id"], "running")
    server.request("DELETE", f"/{job['href']}")
    server.wait_for(job["id"], "canceled")
