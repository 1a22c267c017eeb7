"""``srcli upscale`` from and to stores: a real S3 server on loopback, a web server, an archive and memory."""

from __future__ import annotations

import contextlib
import http.server
import io
import json
import os
import shutil
import ssl
import subprocess
import sys
import threading
import zipfile
from functools import partial

import pytest
from PIL import Image

from srcli.cli.app import run
from tests import store_servers
from tests.cli.conftest import save_picture

fsspec = pytest.importorskip("fsspec")


@pytest.fixture
def s3(s3_port, monkeypatch, tmp_path):
    """A file system of an empty bucket ``pictures``."""
    files = store_servers.s3_files(s3_port, monkeypatch, tmp_path)
    if files.exists("pictures"):
        files.rm("pictures", recursive=True)
    files.mkdir("pictures")
    return files


@pytest.fixture
def memory():
    files = fsspec.filesystem("memory")
    files.store.clear()
    files.pseudo_dirs[:] = [""]
    return files


def picture(tmp_path, seed=0, size=(24, 33)):
    save_picture(tmp_path / "made.png", size, seed)
    return (tmp_path / "made.png").read_bytes()


def upscale(capsys, *words):
    """The exit code, the reports, and what was said."""
    code = run(["upscale", *map(str, words), "-s", "2", "-m", "bicubic", "--json"])
    captured = capsys.readouterr()
    return code, [json.loads(line) for line in captured.out.splitlines()], captured.err


def names(files, root):
    return sorted(name.rpartition(f"{root}/")[2] for name in files.find(root) if "manifest" not in name)


def test_a_bucket_into_a_bucket(s3, tmp_path, capsys):
    for name in ("a.png", "below/b.png", ".hidden/c.png", "notes.txt"):
        s3.pipe_file(f"pictures/in/{name}", picture(tmp_path))
    code, reports, _ = upscale(capsys, "-r", "s3://pictures/in/", "-o", "s3://pictures/out/")
    assert (code, [report["status"] for report in reports]) == (0, ["done", "done"])
    assert names(s3, "pictures/out") == ["a_x2.png", "below/b_x2.png"]
    with Image.open(io.BytesIO(s3.cat_file("pictures/out/a_x2.png"))) as larger:
        assert larger.size == (66, 48)


def test_results_are_those_of_local_files(s3, tmp_path, capsys):
    s3.pipe_file("pictures/a.png", picture(tmp_path))
    assert upscale(capsys, "s3://pictures/a.png", "-o", tmp_path / "remote.png")[0] == 0
    assert upscale(capsys, tmp_path / "made.png", "-o", tmp_path / "local.png")[0] == 0
    assert (tmp_path / "remote.png").read_bytes() == (tmp_path / "local.png").read_bytes()


def test_resume_skips_what_is_finished_and_makes_what_changed(s3, tmp_path, capsys):
    for name in "ab":
        s3.pipe_file(f"pictures/in/{name}.png", picture(tmp_path))
    words = ("s3://pictures/in/", "-o", "s3://pictures/out/", "--resume")
    upscale(capsys, *words)
    s3.pipe_file("pictures/in/b.png", picture(tmp_path, seed=1))
    s3.pipe_file("pictures/in/c.png", picture(tmp_path))
    code, reports, said = upscale(capsys, *words)
    found = {report["input"][-5:]: report["status"] for report in reports}
    assert found == {"a.png": "skipped", "b.png": "failed", "c.png": "done"}
    assert (code, "was not finished with these settings" in said) == (1, True)
    code, reports, _ = upscale(capsys, *words, "--overwrite")
    assert [report["status"] for report in reports] == ["skipped", "skipped", "done"]


def test_with_other_settings_nothing_counts_as_finished(memory, tmp_path, capsys):
    memory.pipe_file("/in/a.png", picture(tmp_path))
    words = ("memory://in/", "-o", "memory://out/", "--resume")
    assert upscale(capsys, *words)[0] == 0
    code, (report,), _ = upscale(capsys, *words, "--strength", "0.5")
    assert (code, report["status"]) == (1, "failed")


def test_an_output_that_no_manifest_knows_is_made_again_and_compared(memory, tmp_path, capsys):
    memory.pipe_file("/in/a.png", picture(tmp_path))
    words = ("memory://in/", "-o", "memory://out/", "--resume")
    upscale(capsys, *words)
    memory.rm("/out/.srcli-manifest", recursive=True)
    assert upscale(capsys, *words)[1][0]["status"] == "done"
    memory.rm("/out/.srcli-manifest", recursive=True)
    memory.pipe_file("/out/a_x2.png", b"another")
    code, (report,), _ = upscale(capsys, *words)
    assert (code, report["error"].rpartition(", ")[2]) == (
        1,
        "and is another picture than these settings make",
    )
    assert memory.cat_file("/out/a_x2.png") == b"another"


def test_an_output_is_not_replaced_unasked(memory, tmp_path, capsys):
    memory.pipe_file("/in/a.png", picture(tmp_path))
    memory.pipe_file("/out/a_x2.png", b"there")
    code, _, said = upscale(capsys, "memory://in/", "-o", "memory://out/")
    assert (code, "exists already" in said, memory.cat_file("/out/a_x2.png")) == (1, True, b"there")


def test_another_machine_that_was_first_is_not_overwritten(s3, tmp_path):
    from srcli.core.errors import OutputError
    from srcli.pipeline.stores.store import Store

    store = Store("s3://pictures/out/")
    store.write("pictures/out/a.png", b"first", overwrite=False)
    with pytest.raises(OutputError, match="exists already"):
        store.write("pictures/out/a.png", b"second", overwrite=False)
    assert s3.cat_file("pictures/out/a.png") == b"first"


def test_a_bad_picture_ends_nothing(memory, tmp_path, capsys):
    memory.pipe_file("/in/a.png", b"no picture")
    memory.pipe_file("/in/b.png", picture(tmp_path))
    code, reports, said = upscale(capsys, "memory://in/", "-o", "memory://out/")
    assert (code, [report["status"] for report in reports]) == (1, ["failed", "done"])
    assert "memory://in/a.png" in said
    assert names(memory, "/out") == ["b_x2.png"]


def test_an_address_that_is_refused_ends_no_others(memory, tmp_path, capsys, monkeypatch):
    for name in "ab":
        memory.pipe_file(f"/in/{name}.png", picture(tmp_path))
    found = type(memory).info

    def info(self, path, **named):
        if path.endswith("a.png"):
            raise PermissionError("not yours")
        return found(self, path, **named)

    monkeypatch.setattr(type(memory), "info", info)
    code, reports, said = upscale(capsys, "memory://in/a.png", "memory://in/b.png", "-o", "memory://out/")
    assert (code, [report["status"] for report in reports]) == (1, ["failed", "done"])
    assert "cannot read memory://in/a.png: not allowed (not yours)" in said
    assert upscale(capsys, "memory://in/a.png", "-o", "memory://out/")[0] == 1


def test_the_name_of_a_result_decides_its_format(memory, tmp_path, capsys):
    memory.pipe_file("/in/a.png", picture(tmp_path))
    code, (report,), said = upscale(capsys, "memory://in/a.png", "-o", "memory://out/larger.tif")
    assert (code, report["warnings"], "warning" in said) == (0, [], False)
    data = memory.cat_file("/out/larger.tif")
    assert report["output_bytes"] == len(data)
    with Image.open(io.BytesIO(data)) as larger:
        assert larger.format == "TIFF"


def test_local_pictures_into_a_bucket(s3, photo, capsys):
    assert upscale(capsys, photo.parent, "-o", "s3://pictures/out/")[0] == 0
    assert names(s3, "pictures/out") == ["photo_x2.png"]


def test_shards_of_a_store(memory, tmp_path, capsys):
    for number in range(6):
        memory.pipe_file(f"/in/{number}.png", picture(tmp_path))
    done = [
        upscale(capsys, "memory://in/", "-o", "memory://out/", "--shard", f"{index}/2")[1]
        for index in range(2)
    ]
    assert len(done[0]) + len(done[1]) == 6 == len(names(memory, "/out"))


def test_pages_of_a_listing_lose_nothing(s3, monkeypatch):
    from srcli.pipeline.stores import listing
    from srcli.pipeline.stores.store import Store

    monkeypatch.setattr(listing, "PAGE", 7)
    for number in range(23):
        s3.pipe_file(f"pictures/in/{number:02}.png", b"x")
    pages = list(listing.pages(Store("s3://pictures/in/"), recursive=True))
    assert [len(page) for page in pages] == [7, 7, 7, 2]
    assert len({entry.key for page in pages for entry in page}) == 23


def test_a_pattern_takes_what_matches(s3, tmp_path, capsys):
    for name in ("a1.png", "a2.png", "b.png", "odd[1].png"):
        s3.pipe_file(f"pictures/in/{name}", picture(tmp_path))
    assert upscale(capsys, "s3://pictures/in/a*.png", "-o", "s3://pictures/out/")[0] == 0
    assert upscale(capsys, "s3://pictures/in/odd[1].png", "-o", "s3://pictures/out/")[0] == 0
    assert names(s3, "pictures/out") == ["a1_x2.png", "a2_x2.png", "odd[1]_x2.png"]


def test_a_bucket_that_is_not_there(s3, capsys):
    code, _, said = upscale(capsys, "s3://none/", "-o", "s3://pictures/out/")
    assert (code, "there is no such object or bucket" in said) == (1, True)


def test_missing_rights_are_told(s3, monkeypatch, tmp_path, capsys):
    from srcli.pipeline.stores import store

    s3.pipe_file("pictures/in/a.png", picture(tmp_path))
    opened = store.Store.__init__

    def refusing(self, address):
        opened(self, address)

        def refuse(*_, **__):
            raise PermissionError("Access Denied")

        if "out" in address:
            self.files.pipe_file = refuse

    monkeypatch.setattr(store.Store, "__init__", refusing)
    code, _, said = upscale(capsys, "s3://pictures/in/", "-o", "s3://pictures/out/")
    assert code == 1
    assert "cannot write s3://pictures/out/a_x2.png: not allowed (Access Denied)" in said


def test_what_may_pass_is_tried_again(memory, monkeypatch):
    from srcli.pipeline.stores import store

    monkeypatch.setattr(store, "FIRST_PAUSE_S", 0.0)
    place, answers = (
        store.Store("memory://in/"),
        [ConnectionResetError("reset"), TimeoutError("late"), b"data"],
    )

    def cat_file(key, end=None):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(place.files, "cat_file", cat_file, raising=False)
    assert place.read("/in/a.png") == b"data"


@pytest.fixture
def web(tmp_path):
    save_picture(tmp_path / "web" / "a.png")
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path / "web")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        handler.func.log_message = lambda *_: None
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_from_the_web(web, tmp_path, capsys):
    pytest.importorskip("aiohttp")
    code, (report,), _ = upscale(capsys, f"{web}/a.png?token=1", "-o", f"{tmp_path}/out/")
    assert (code, report["output_size"]) == (0, [66, 48])
    assert (tmp_path / "out" / "a_x2.png").exists()
    code, _, said = upscale(capsys, f"{web}/none.png", "-o", f"{tmp_path}/out/")
    assert (code, "none.png" in said) == (1, True)


class Torn(http.server.BaseHTTPRequestHandler):
    """Says what it has, and breaks off in the middle of it."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.data)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(self.data[: len(self.data) // 2])

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_):
        pass


def test_what_the_web_sends_in_part_is_no_picture(tmp_path, capsys, monkeypatch):
    pytest.importorskip("aiohttp")
    monkeypatch.setattr("srcli.pipeline.stores.store.FIRST_PAUSE_S", 0.0)
    Torn.data = picture(tmp_path)
    with served(Torn) as port:
        code, _, said = upscale(capsys, f"http://127.0.0.1:{port}/a.png", "-o", f"{tmp_path}/out/")
    assert (code, "cannot read http://127.0.0.1" in said, (tmp_path / "out").exists()) == (1, True, False), (
        said
    )


@contextlib.contextmanager
def served(handler, certificate=None):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize("status", [401, 403])
def test_the_web_refuses_at_once(tmp_path, capsys, monkeypatch, status):
    pytest.importorskip("aiohttp")
    monkeypatch.setattr("srcli.pipeline.stores.store.time.sleep", lambda _: pytest.fail("asked again"))
    with store_servers.refusing(status) as port:
        code, _, said = upscale(capsys, f"http://127.0.0.1:{port}/a.png", "-o", f"{tmp_path}/out/")
    assert (code, "not allowed (" in said) == (1, True), said


def test_a_server_of_the_web_must_prove_who_it_is(tmp_path, capsys, monkeypatch):
    pytest.importorskip("aiohttp")
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    made = (
        "openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=test -days 2 "
        "-addext subjectAltName=IP:127.0.0.1 -keyout key -out certificate && cat key certificate > server"
    )
    subprocess.run(made, shell=True, cwd=tmp_path, capture_output=True, check=True)
    save_picture(tmp_path / "web" / "a.png")
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path / "web")
    monkeypatch.setattr(http.server.SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    monkeypatch.setattr("srcli.pipeline.stores.store.FIRST_PAUSE_S", 0.0)
    with served(handler, tmp_path / "server") as port:
        words = [
            "upscale",
            f"https://127.0.0.1:{port}/a.png",
            "-o",
            f"{tmp_path}/out/",
            "-s",
            "2",
            "-m",
            "bicubic",
        ]
        code = run(words)
        said = capsys.readouterr().err
        assert (code, "certificate verify failed" in said) == (1, True), said
        environment = {**os.environ, "SSL_CERT_FILE": str(tmp_path / "certificate")}
        done = subprocess.run([sys.executable, "-m", "srcli", *words], env=environment, check=False)
    assert (done.returncode, os.listdir(tmp_path / "out")) == (0, ["a_x2.png"])


def test_a_picture_named_by_itself_looks_at_nothing_else_in_the_folder(memory, tmp_path, capsys, monkeypatch):
    from srcli.pipeline.stores import listing
    from srcli.pipeline.stores import memory as memory_module

    def refuse(*_, **__):
        raise AssertionError("a folder may hold a million files")

    monkeypatch.setattr(memory_module, "pages", refuse)
    monkeypatch.setattr(listing, "pages", refuse)
    memory.pipe_file("/in/a.png", picture(tmp_path))
    assert upscale(capsys, "memory://in/a.png", "-o", f"{tmp_path}/")[0] == 0
    assert sorted(os.listdir(tmp_path)) == ["a_x2.png", "made.png"]
    assert upscale(capsys, "memory://in/a.png", "-o", f"{tmp_path}/")[0] == 1


def test_a_picture_without_an_extension_gets_that_of_its_content(web, tmp_path, capsys, monkeypatch):
    pytest.importorskip("aiohttp")
    (tmp_path / "web" / "photo").write_bytes((tmp_path / "web" / "a.png").read_bytes())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photo").write_bytes(b"another file of that name, here")
    assert upscale(capsys, f"{web}/photo", "-o", "out/")[0] == 0
    assert (tmp_path / "out" / "photo_x2.png").exists()


@pytest.mark.parametrize(
    ("status", "words", "tries"),
    [
        (404, "there is no such object", 1),
        (403, "not allowed (403 Forbidden)", 1),
        (302, "the server refers to other addresses without end", 1),
        (500, "/a.png: 500 Internal Server Error", 5),
    ],
)
def test_what_a_web_server_answers_is_told_in_a_line(tmp_path, capsys, monkeypatch, status, words, tries):
    pytest.importorskip("aiohttp")
    pauses = []
    monkeypatch.setattr("srcli.pipeline.stores.store.time.sleep", pauses.append)
    with store_servers.refusing(status) as port:
        code, _, said = upscale(capsys, f"http://127.0.0.1:{port}/a.png", "-o", f"{tmp_path}/out/")
    assert (code, words in said) == (1, True), said
    assert said.count("error:") == 1
    assert len([pause for pause in pauses if pause]) == tries - 1


def test_nothing_is_written_to_the_web(photo, web, capsys):
    pytest.importorskip("aiohttp")
    assert upscale(capsys, photo, "-o", f"{web}/out/")[0] == 2


def test_from_an_archive(tmp_path, capsys):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("in/a.png", picture(tmp_path))
        archive.writestr("in/below/b.png", picture(tmp_path))
    code, _, _ = upscale(capsys, "-r", f"zip://in::{tmp_path}/a.zip", "-o", f"{tmp_path}/out/")
    assert code == 0
    assert (tmp_path / "out" / "a_x2.png").exists()
    assert (tmp_path / "out" / "below" / "b_x2.png").exists()


def test_an_archive_is_gone_on_with(tmp_path, capsys):
    save_picture(tmp_path / "more.png", (25, 33))
    archive = tmp_path / "a.zip"
    words = (f"zip://in::{archive}", "-o", f"{tmp_path}/out/", "--resume")
    for name in ("a.png", "b.png"):
        with zipfile.ZipFile(archive, "a") as opened:
            opened.write(tmp_path / "more.png", f"in/{name}")
        code, reports, _ = upscale(capsys, *words)
        assert code == 0
    assert [report["status"] for report in reports] == ["skipped", "done"]
    assert reports[0]["input"] == f"zip://in/a.png::{archive}"


@pytest.mark.parametrize("damage", ["torn", "overwritten"])
def test_a_damaged_archive_is_told(tmp_path, capsys, damage):
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("in/a.png", picture(tmp_path))
    data = bytearray(archive.read_bytes())
    data[200:220] = bytes(20)
    archive.write_bytes(data if damage == "overwritten" else data[:-30])
    code, _, said = upscale(capsys, f"zip://in::{archive}", "-o", f"{tmp_path}/out/")
    assert (code, "a.zip" in said, (tmp_path / "out").exists()) == (1, True, False), said


def test_nothing_is_written_to_an_archive(photo, tmp_path, capsys):
    code, _, said = upscale(capsys, photo, "-o", f"zip://out::{tmp_path}/a.zip")
    assert (code, "nothing can be written to zip://" in said) == (2, True)


@pytest.mark.parametrize(
    "words",
    [
        ("memory://in/",),
        ("memory://in/", "-o", "memory://in/"),
        ("memory://in/", "-o", "memory://out/", "--dry-run"),
    ],
)
def test_what_does_not_go_together_is_refused(memory, tmp_path, words, capsys):
    memory.pipe_file("/in/a.png", picture(tmp_path))
    assert upscale(capsys, *words)[0] == 2


def test_the_extra_is_named(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    code, _, said = upscale(capsys, "s3://pictures/in/", "-o", f"{tmp_path}/out/")
    assert (code, "'.[s3]'" in said) == (3, True)


@pytest.mark.parametrize(
    ("word", "message", "hint"),
    [
        ("nowhere://a/", "Protocol not known: nowhere", "docs/stores.md lists those that are known"),
        ("htps://example.org/a.png", "Protocol not known: htps", "was https:// meant?"),
        ("s3:/bucket/in/", "s3:/bucket/in/ is no address", "was s3://bucket/in/ meant?"),
        ("s3:bucket/in/", "s3:bucket/in/ is no address", "was s3://bucket/in/ meant?"),
        ("s3//bucket/a.png", "s3//bucket/a.png is no address", "was s3://bucket/a.png meant?"),
        ("HTTPS://a.org/a.png", "HTTPS://a.org/a.png is no address", "was https://a.org/a.png meant?"),
    ],
)
def test_addresses_that_are_nearly_right(capsys, tmp_path, photo, word, message, hint):
    for words in ((word, "-o", f"{tmp_path}/out/"), (photo, "-o", word)):
        code, _, said = upscale(capsys, *words)
        assert (code, message in said, hint in said) == (2, True, True), said
    assert sorted(os.listdir(tmp_path)) == ["in"]


def test_an_archive_stands_behind_two_colons(capsys, tmp_path):
    code, _, said = upscale(capsys, "zip://a.zip", "-o", f"{tmp_path}/out/")
    assert (code, "zip://a.zip names no archive" in said, "zip://::a.zip" in said) == (2, True, True)


def test_files_that_look_like_addresses_are_files(capsys, tmp_path, photo, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s3:").mkdir()
    shutil.copy(photo, tmp_path / "s3:" / "a.png")
    assert upscale(capsys, "s3:/a.png", "-o", "az/")[0] == 0
    assert os.listdir(tmp_path / "az") == ["a_x2.png"]


def test_an_address_without_a_bucket(capsys, tmp_path):
    pytest.importorskip("s3fs")
    code, _, said = upscale(capsys, "s3://", "-o", f"{tmp_path}/out/")
    assert (code, "s3:// names no bucket" in said) == (2, True)


def test_local_files_load_none_of_it(photo, tmp_path):
    program = (
        "import sys; from srcli.cli.app import run; "
        f"code = run(['upscale', {str(photo)!r}, '-o', {str(tmp_path / 'x.png')!r}, '-m', 'bicubic', '-q']); "
        "print(code, 'fsspec' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["0", "False"], done.stderr
