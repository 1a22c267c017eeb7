"""Safe by default: hosts, origins, tokens, sessions, names, headers."""

from __future__ import annotations

import json
import socket

import pytest

from tests.server.conftest import picture
from tests.server.running import until
from tests.server.test_bounds import session

TOKEN = "0123456789abcdef0123"


@pytest.fixture(scope="module")
def guarded(start):
    """A server that demands a token."""
    return start("--token", SRCLI_TOKEN=TOKEN)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "localhost/", "", "[::1", "a b"],
)
def test_a_host_that_is_not_ours(host, server):
    answer = server.request("GET", "/v1/models", headers={"Host": host})
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:99", "127.0.0.1:8765", "[::1]:1"])
def test_names_of_this_machine(host, server):
    assert server.request("GET", "/health", headers={"Host": host}).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_pages_of_other_sites_may_send_nothing(headers, server):
    before = server.get("/metrics").body.count(b"succeeded")
    answer = server.request("POST", "/v1/jobs?scale=2", picture(), headers)
    assert (answer.status, answer.json["code"]) == (403, "forbidden")
    assert server.get("/metrics").body.count(b"succeeded") == before


def test_pages_of_other_sites_may_link_here(server):
    headers = {"Sec-Fetch-Site": "cross-site", "Referer": "https://example.org/"}
    assert server.request("GET", "/", headers=headers).status == 200


def test_our_own_page_may_send(server):
    ours = {"Host": f"localhost:{server.port}", "Origin": f"http://localhost:{server.port}"}
    headers = {**ours, "Sec-Fetch-Site": "same-origin"}
    assert server.request("POST", "/v1/upscale?scale=2", picture(), headers).status == 200


def test_no_other_origin_is_let_in_unless_it_is_named(server, start):
    preflight = {"Origin": "https://friend.example", "Access-Control-Request-Method": "POST"}
    assert (
        "access-control-allow-origin" not in server.request("OPTIONS", "/v1/jobs", headers=preflight).headers
    )
    friendly = start("--cors-origin", "https://friend.example")
    answer = friendly.request("OPTIONS", "/v1/jobs", headers=preflight)
    assert answer.headers["access-control-allow-origin"] == "https://friend.example"
    sent = friendly.post("/v1/upscale?scale=2", picture(), Origin="https://friend.example")
    assert sent.status == 200
    assert friendly.post("/v1/jobs", picture(), Origin="https://evil.example").status == 403


def test_json_that_a_form_of_another_site_could_send_is_refused(server):
    answer = server.post("/picture", json.dumps({"DATA": ""}), Content_Type="text/plain")
    assert answer.status == 415


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/models", "/v1/limits", "/metrics"])
def test_nothing_without_the_token(path, guarded):
    answer = guarded.get(path)
    assert (answer.status, answer.json["code"]) == (401, "unauthorized")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert guarded.get(path, Authorization="Bearer wrong-wrong-wrong-wrong").status == 401
    assert guarded.get(path, Authorization=f"Bearer {TOKEN}").status == 200


def test_the_page_gives_no_session_without_the_token(guarded):
    answer = guarded.get("/")
    assert answer.status == 200
    assert "set-cookie" not in answer.headers
    assert guarded.post("/v1/session").status == 401
    given = guarded.post("/v1/session", Authorization=f"Bearer {TOKEN}")
    cookie = given.headers["set-cookie"]
    assert given.status == 204
    assert guarded.get("/v1/jobs", Cookie=cookie.split(";")[0]).status == 200
    assert guarded.get("/v1/jobs", Cookie="srcli_session=made-up").status == 401


def test_the_token_stands_in_the_part_of_the_address_that_is_not_sent(guarded):
    assert guarded.address.endswith(f"/#token={TOKEN}")


def test_cookies_are_for_this_server_alone(server):
    cookie = server.get("/").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie


def test_sessions_see_nothing_of_one_another(server):
    ours, theirs = session(server), session(server)
    answer = server.request("POST", "/v1/jobs?scale=2", picture(), {"Cookie": ours, "Prefer": "wait=60"})
    job = answer.json
    addresses = [job["href"], job["events"], job["output"]["href"], *(pane["href"] for pane in job["panes"])]
    addresses.append(f"v1/results.zip?id={job['id']}")
    for address in addresses:
        assert server.request("GET", f"/{address}", headers={"Cookie": theirs}).status == 404
        assert server.request("GET", f"/{address}").status == 404
    assert server.request("DELETE", f"/{job['href']}", headers={"Cookie": theirs}).status == 404
    assert server.request("GET", "/v1/jobs", headers={"Cookie": theirs}).json == {"jobs": []}
    assert server.get("/v1/jobs").json == {"jobs": []}
    assert server.request("GET", f"/{job['href']}", headers={"Cookie": ours}).status == 200


def test_an_id_of_another_session_is_not_taken_over(server):
    ours, theirs = session(server), session(server)
    address = "/v1/jobs/an-id-that-both-would-like-to-have"
    assert server.request("PUT", f"{address}?scale=2", picture(), {"Cookie": ours}).status == 202
    assert server.request("PUT", f"{address}?scale=2", picture(), {"Cookie": theirs}).status == 404


@pytest.mark.parametrize(
    "name",
    ["../../x.png", "..%5C..%5Cx.png", "%2e%2e%2fx.png", "a%00b.png", "a%0d%0aSet-Cookie:x.png", "%22;x.png"],
)
def test_names_are_shown_and_never_opened(name, server):
    job = server.post(f"/v1/jobs?scale=2&name={name}", picture(), Prefer="wait=60").json
    assert job["status"] == "succeeded"
    assert not set(job["input"]["name"]) & set("/\\\0\r\n")
    answer = server.get(f"/{job['output']['href']}")
    assert answer.status == 200
    assert "set-cookie" not in answer.headers
    assert {path.name for path in server.files()} <= {"original", "result"}


def test_a_long_name_keeps_its_extension(server):
    job = server.post(f"/v1/jobs?scale=2&name={'a' * 300}.png", picture()).json
    assert len(job["input"]["name"]) <= 120
    assert job["input"]["name"].endswith(".png")


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/v1/jobs/..%2f..%2fetc%2fpasswd",
        "/v1/jobs/x/panes/..%2foriginal",
        "/%00",
        "//evil.example/",
    ],
)
def test_no_path_leads_out(path, server):
    answer = server.get(path)
    assert answer.status == 404
    assert b"root:" not in answer.body


@pytest.mark.parametrize("path", ["/", "/v1/limits", "/nothing", "/health"])
def test_every_answer_carries_what_keeps_browsers_from_mischief(path, server):
    headers = server.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in headers


def test_results_are_not_kept_by_caches(server):
    job = server.post("/v1/jobs?scale=2", picture(), Prefer="wait=60").json
    assert server.get(f"/{job['output']['href']}").headers["cache-control"] == "no-store"


def test_html_never_comes_back_as_html(server):
    page = b"<!doctype html><script>alert(1)</script>"
    disguised = picture()[:-12] + page
    for data in (page, disguised):
        answer = server.post("/v1/upscale?scale=2&name=x.html", data)
        assert not answer.headers["content-type"].startswith("text/html")


def test_a_made_up_token_is_printed_with_the_address(start):
    server = start("--token", wait=False)
    token = server.address.partition("#token=")[2]
    assert len(token) >= 32
    assert until(lambda: server.get("/v1/models", Authorization=f"Bearer {token}").status == 200)


def test_the_log_tells_neither_names_nor_ids(start):
    server = start("--verbose")
    job = server.post("/v1/jobs?scale=2&name=secret.png", picture(), Prefer="wait=60").json
    server.get(f"/{job['output']['href']}")
    text = until(lambda: (lines := server.messages.read_text()).count("/v1/jobs") >= 2 and lines)
    assert "secret" not in text
    assert job["id"] not in text


def test_a_request_that_is_no_http_is_refused(server):
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00")
        assert connection.makefile("rb").readline().startswith(b"HTTP/1.1 400")


def test_behind_a_proxy_all_addresses_are_relative(start):
    server = start("--root-path", "/sr", wait=False)
    assert server.address.endswith("/sr/")
    until(lambda: server.get("/sr/ready").status == 200)
    cookie = server.get("/sr/").headers["set-cookie"]
    assert "Path=/sr" in cookie
    for prefix in ("/sr", ""):
        job = server.post(f"{prefix}/v1/jobs?scale=2", picture(), Prefer="wait=60")
        assert job.headers["location"].startswith("jobs/")
        assert server.get(f"{prefix}/{job.json['output']['href']}").status == 200
    assert b'"/' not in job.body


def test_a_server_for_all_is_called_by_its_addresses_and_its_names_alone(start):
    server = start("--host", "0.0.0.0", "--no-token", "--allowed-host", "pictures.example.org")
    for host in ("192.0.2.7:80", "pictures.example.org", "localhost"):
        assert server.request("GET", "/health", headers={"Host": host}).status == 200
    assert server.request("GET", "/health", headers={"Host": "evil.example"}).status == 400
