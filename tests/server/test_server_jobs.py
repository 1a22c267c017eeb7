"""Jobs from the post to the result, as programs and the page use them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest
from PIL import Image

from srcli.cli.app import run
from tests.server.conftest import picture
from tests.server.running import until


def settled(server, **options):
    """A job that has succeeded."""
    job = server.post("/v1/jobs?scale=2&name=a%20b.png", picture(**options), Prefer="wait=60").json
    assert job["status"] == "succeeded", job
    return job


@pytest.mark.parametrize("options", [("-s", "2"), ("--longest", "100", "--format", "webp"), ("--strip",)])
def test_a_result_has_the_bytes_of_the_command_line(options, server, models, tmp_path, monkeypatch):
    monkeypatch.setenv("SRCLI_MODELS", str(models))
    given, made = tmp_path / "given.png", tmp_path / "made"
    given.write_bytes(picture(seed=3))
    assert run(["upscale", str(given), "-o", str(made), "-m", "tiny", "--quiet", *options]) == 0
    words = [word.lstrip("-") for word in options]
    query = {"s": "scale"}
    pairs = "&".join(
        f"{query.get(name, name)}={value}"
        for name, value in zip(words[::2], [*words[1::2], "true"], strict=False)
    )
    answer = server.post(f"/v1/upscale?{pairs}", given.read_bytes())
    assert answer.status == 200
    assert answer.body == made.read_bytes()


def test_a_post_tells_at_once_what_will_become_of_the_picture(server):
    answer = server.post("/v1/jobs?scale=2&name=photo.png", picture())
    assert answer.status == 202
    job = answer.json
    assert answer.headers["location"] == f"jobs/{job['id']}"
    assert job["input"] == {
        "name": "photo.png",
        "width": 23,
        "height": 31,
        "format": "png",
        "bytes": len(picture()),
        "frames": 1,
    }
    assert job["result"] == {"width": 46, "height": 62}
    assert job["settings"]["model"] == "tiny"


def test_a_result_is_fetched_under_a_good_name_and_its_hash(server):
    job = settled(server)
    answer = server.get(f"/{job['output']['href']}")
    assert answer.status == 200
    assert answer.headers["content-type"] == "image/png"
    assert "a%20b_x2.png" in answer.headers["content-disposition"]
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.body).hexdigest()}"'
    assert Image.open(io.BytesIO(answer.body)).size == (46, 62)


def test_a_part_of_a_result(server):
    job = settled(server)
    whole = server.get(f"/{job['output']['href']}").body
    answer = server.get(f"/{job['output']['href']}", Range="bytes=10-19")
    assert (answer.status, answer.body) == (206, whole[10:20])


def test_a_form_as_curl_sends_it(server):
    boundary = "x" * 20
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="scale"\r\n\r\n2\r\n'.encode(),
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="deux é.png"\r\n'.encode(),
        b"Content-Type: image/png\r\n\r\n" + picture() + b"\r\n",
        f"--{boundary}--\r\n".encode(),
    ]
    answer = server.post(
        "/v1/jobs",
        b"".join(parts),
        Content_Type=f"multipart/form-data; boundary={boundary}",
        Prefer="wait=60",
    )
    assert answer.status == 200
    assert answer.json["input"]["name"] == "deux é.png"
    assert answer.json["output"]["name"] == "deux é_x2.png"


def test_events_end_with_the_result(server):
    job = server.post("/v1/jobs?scale=2", picture()).json
    text = server.get(f"/{job['events']}").body.decode()
    told = [
        json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")
    ]
    assert told[-1]["status"] == "succeeded"
    assert all(event["id"] == job["id"] for event in told)


def test_the_state_comes_at_once_on_a_later_connection(server):
    job = settled(server)
    text = server.get(f"/{job['events']}").body.decode()
    assert text.count("event: job") == 1
    assert '"status": "succeeded"' in text


def test_the_same_id_twice_is_one_job(server):
    name = "an-id-of-our-own-0123456789"
    first = server.request("PUT", f"/v1/jobs/{name}?scale=2", picture())
    again = server.request("PUT", f"/v1/jobs/{name}?scale=2", picture(seed=1))
    assert (first.status, again.status) == (202, 200)
    assert first.json["id"] == again.json["id"] == name
    assert again.json["input"]["bytes"] == len(picture())


def test_an_id_that_could_be_guessed_is_refused(server):
    answer = server.request("PUT", "/v1/jobs/1", picture())
    assert (answer.status, answer.json["code"]) == (400, "bad-request")


def test_a_job_that_has_ended_is_forgotten_with_its_files(server):
    before = server.settled_files()
    job = settled(server)
    assert server.request("DELETE", f"/{job['href']}").status == 204
    assert server.request("DELETE", f"/{job['href']}").status == 404
    assert until(lambda: set(server.files()) <= before)


def test_no_file_stays_of_the_short_form(server):
    before = server.settled_files()
    assert server.post("/v1/upscale?scale=2", picture()).status == 200
    assert until(lambda: set(server.files()) <= before)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("image/webp", "image/webp"),
        ("*/*", "image/png"),
        ("image/avif;q=0.2, image/jpeg;q=0.9, */*;q=0.1", "image/jpeg"),
    ],
)
def test_the_format_by_accept(accept, kind, server):
    answer = server.post("/v1/upscale?scale=2", picture(), Accept=accept)
    assert (answer.status, answer.headers["content-type"]) == (200, kind)


def test_a_format_that_is_not_written(server):
    answer = server.post("/v1/upscale?scale=2", picture(), Accept="application/pdf")
    assert (answer.status, answer.json["code"]) == (406, "not-acceptable")


def test_all_results_of_a_session_in_one_file(server):
    cookie = {"Cookie": server.post("/v1/session").headers["set-cookie"].split(";")[0], "Prefer": "wait=60"}
    for seed in (1, 2):
        server.request("POST", "/v1/jobs?scale=2&name=same.png", picture(seed=seed), cookie)
    answer = server.request("GET", "/v1/results.zip", headers=cookie)
    with zipfile.ZipFile(io.BytesIO(answer.body)) as file:
        assert file.testzip() is None
        assert file.namelist() == ["same_x2.png", "same_x2-2.png"]
        assert all(entry.compress_type == zipfile.ZIP_STORED for entry in file.infolist())


def test_versions_to_look_at(server):
    job = server.post("/v1/jobs?scale=2&format=tiff", picture(file_format="TIFF"), Prefer="wait=60").json
    sizes = {"original": (23, 31), "bicubic": (46, 62), "generator": (46, 62)}
    assert {pane["kind"]: (pane["width"], pane["height"]) for pane in job["panes"]} == sizes
    for pane in job["panes"]:
        answer = server.get(f"/{pane['href']}")
        assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
        assert Image.open(io.BytesIO(answer.body)).size == sizes[pane["kind"]]


def test_a_reference_gives_figures(server):
    job = settled(server)
    truth = server.get(f"/{job['output']['href']}").body
    answer = server.request("PUT", f"/{job['href']}/reference", truth)
    panes = {pane["kind"]: pane for pane in answer.json["panes"]}
    assert panes["generator"]["identical"] is True
    assert panes["bicubic"]["identical"] is False
    assert 0 < panes["bicubic"]["ssim"] < 1
    assert server.get(f"/{panes['reference']['href']}").body == truth


def test_a_reference_of_another_size(server):
    job = settled(server)
    answer = server.request("PUT", f"/{job['href']}/reference", picture())
    assert (answer.status, answer.json["code"]) == (422, "reference-size")
    assert len(server.job(job["id"])["panes"]) == 3


def test_a_tile_is_a_crop_of_the_result(server):
    job = settled(server, width=300, height=280)
    whole = Image.open(io.BytesIO(server.get(f"/{job['output']['href']}").body))
    answer = server.get(f"/{job['href']}/tiles/generator/1/1_0")
    tile = Image.open(io.BytesIO(answer.body))
    assert tile.size == (88, 512)
    assert tile.tobytes() == whole.crop((512, 0, 600, 512)).tobytes()


@pytest.mark.parametrize("place", ["generator/1/2_0", "generator/7/0_0", "reference/0/0_0", "nothing/0/0_0"])
def test_a_tile_that_is_not_there(place, server):
    job = settled(server, width=300, height=280)
    answer = server.get(f"/{job['href']}/tiles/{place}")
    assert (answer.status, answer.json["code"]) == (404, "not-found")


def test_an_animation_keeps_its_frames(server):
    frames = [Image.open(io.BytesIO(picture(seed=seed))) for seed in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    answer = server.post("/v1/upscale?scale=2", buffer.getvalue())
    assert Image.open(io.BytesIO(answer.body)).n_frames == 3


def test_models_and_limits_are_told(server):
    models, limits = server.get("/v1/models").json, server.get("/v1/limits").json
    assert models["default"] == "tiny"
    assert [model["name"] for model in models["models"] if model["default"]] == ["tiny"]
    assert limits["upload_bytes"] == 64 * 2**20
    assert "png" in [entry["name"] for entry in limits["writes"]]


def test_figures_for_prometheus(server):
    settled(server)
    answer = server.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert b'srcli_jobs_total{outcome="succeeded"}' in answer.body
    assert b"srcli_workers_ready 1.0" in answer.body


def test_generators_run_one_after_the_other(server, models, tmp_path, monkeypatch):
    monkeypatch.setenv("SRCLI_MODELS", str(models))
    given, made = tmp_path / "given.png", tmp_path / "made.png"
    given.write_bytes(picture(seed=3))
    assert run(["upscale", str(given), "-o", str(made), "-m", "clean,tiny", "-s", "2", "--quiet"]) == 0
    answer = server.post("/v1/upscale?scale=2&model=clean,tiny", given.read_bytes())
    assert (answer.status, answer.body) == (200, made.read_bytes())


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("model=clean", "clean keeps the size of pictures"),
        ("model=clean&scale=1", "scale 1 keeps the size of a picture"),
        ("model=clean,nothere", "there is no generator named 'clean,nothere'"),
        ("model=tiny,tiny,tiny,tiny,tiny", "there is no generator named"),
    ],
)
def test_what_keeps_the_size_is_refused_in_a_line(server, query, words):
    answer = server.post(f"/v1/upscale?{query}", picture())
    assert 400 <= answer.status < 500
    assert words in answer.json["detail"]
