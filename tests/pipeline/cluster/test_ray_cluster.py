"""The same with Ray itself: machines that are processes of this one, real deaths, nothing in pretence."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

from srcli.cli.app import run
from srcli.pipeline.cluster import spread
from srcli.upscaling.manifest import MANIFEST_NAME
from tests import tiny_models
from tests.cli.conftest import save_picture
from tests.pipeline.cluster.simulated import machines
from tests.processes import HEEDING

pytest.importorskip("ray", reason="Ray is not installed: pip install '.[cluster]'")

COUNT = 8
PATIENCE_S = 120.0


@pytest.fixture(scope="module")
def ray_cluster():
    with machines((), ()) as cluster:
        yield cluster


@pytest.fixture
def photos(tmp_path):
    for number in range(COUNT):
        save_picture(tmp_path / "in" / f"{number:02}.png", (240, 320), seed=number)
    return tmp_path / "in"


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A generator that the machines of the cluster lack, since they were started before."""
    (tmp_path / "models").mkdir()
    tiny_models.install(tmp_path / "models", name="tiny", scale=2)
    monkeypatch.setenv("SRCLI_MODELS", str(tmp_path / "models"))
    return "tiny"


def start(*words):
    return subprocess.Popen(
        [sys.executable, "-m", "srcli", "upscale", *map(str, words), "-s", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **HEEDING,
    )


def outputs(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.png")}


def noted(folder):
    lines = filter(None, (folder / MANIFEST_NAME).read_text().splitlines())
    return Counter(json.loads(line)["output"] for line in lines)


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def test_one_large_picture_is_computed_by_both_machines(ray_cluster, tiny, tmp_path, monkeypatch, capsys):
    """Also where rows come back as floats, through memory that can't be written to."""
    monkeypatch.setattr(spread, "SPREAD_FROM_PIXELS", 1)
    save_picture(tmp_path / "scan.png", (300, 200))
    words = (
        "upscale",
        str(tmp_path / "scan.png"),
        "-m",
        tiny,
        "-s",
        "2",
        "--strength",
        "0.5",
        "--tile",
        "64",
    )
    assert run([*words, "-o", str(tmp_path / "local.png")]) == 0
    assert run([*words, "-o", str(tmp_path / "over.png"), "--cluster", ray_cluster.address, "--json"]) == 0
    assert (tmp_path / "over.png").read_bytes() == (tmp_path / "local.png").read_bytes()
    report = json.loads(capsys.readouterr().out)
    assert (report["status"], report["device"]) == ("done", "cpu")


def test_pictures_come_out_the_same_although_a_machine_and_the_driver_die(
    ray_cluster, photos, tiny, tmp_path
):
    words = (photos, "-m", tiny, "--json")
    local = start(*words, "-o", f"{tmp_path}/local/")
    local.communicate(timeout=PATIENCE_S)
    assert local.returncode == 0
    words = (*words, "-o", f"{tmp_path}/out/", "--resume", "--cluster", ray_cluster.address)
    out = tmp_path / "out"

    driver = start(*words)
    wait_for(lambda: len(outputs(out)) >= 2)
    ray_cluster.remove_node(ray_cluster.other, allow_graceful=False)
    count = len(outputs(out))
    wait_for(lambda: len(outputs(out)) > count or driver.poll() is not None)
    driver.kill()
    driver.communicate()
    assert set(noted(out).values()) <= {1}

    driver = start(*words)
    lines, said = driver.communicate(timeout=PATIENCE_S)
    assert driver.returncode == 0, said
    reports = [json.loads(line) for line in lines.splitlines()]
    assert [Path(report["input"]).name for report in reports] == sorted(
        path.name for path in photos.iterdir()
    )
    assert {report["status"] for report in reports} <= {"done", "skipped"}
    assert outputs(out) == outputs(tmp_path / "local")
    assert [path.name for path in out.glob(".srcli*")] == [MANIFEST_NAME]


def test_a_picture_that_kills_its_workers_is_named_and_others_are_done(ray_cluster, photos, tiny, tmp_path):
    killer = photos / "03.png"
    save_picture(killer, (2200, 2000))
    ended = threading.Event()
    watcher = threading.Thread(target=kill_who_reads, args=(killer, ended))
    watcher.start()
    try:
        driver = start(
            photos, "-o", f"{tmp_path}/out/", "-m", tiny, "--json", "--cluster", ray_cluster.address
        )
        lines, said = driver.communicate(timeout=PATIENCE_S)
    finally:
        ended.set()
        watcher.join()
    assert driver.returncode == 1, said
    reports = [json.loads(line) for line in lines.splitlines()]
    assert [Path(each["input"]).name for each in reports if each["status"] == "failed"] == [killer.name]
    assert "ended 2 workers" in said
    assert len(outputs(tmp_path / "out")) == COUNT - 1
    assert [path.name for path in (tmp_path / "out").glob(".srcli*")] == [MANIFEST_NAME]


def kill_who_reads(path, ended):
    """Play a picture that crashes whoever decodes it."""
    while not ended.wait(0.02):
        for process in psutil.process_iter(["cmdline"]):
            if (process.info["cmdline"] or [""])[0].startswith("ray::StationActor") and has_open(
                process, path
            ):
                os.kill(process.pid, signal.SIGKILL)


def has_open(process, path):
    try:
        return any(file.path == str(path) for file in process.open_files())
    except psutil.Error:
        return False


def test_ctrl_c_ends_the_workers_and_leaves_nothing_half_made(ray_cluster, photos, tiny, tmp_path):
    save_picture(photos / "07.png", (2200, 2000))
    out = tmp_path / "out"
    driver = start(photos, "-o", f"{out}/", "-m", tiny, "--cluster", ray_cluster.address)
    wait_for(lambda: any(out.glob("*.png")))
    driver.send_signal(signal.SIGINT)
    _, said = driver.communicate(timeout=PATIENCE_S)
    assert driver.returncode == 130, said
    assert [path.name for path in out.glob(".srcli*")] == [MANIFEST_NAME]


@pytest.mark.parametrize("address", ["127.0.0.1:1", "auto"])
def test_there_is_no_cluster(address, photos, tiny, monkeypatch, capsys):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    assert run(["upscale", str(photos), "-m", tiny, "--cluster", address]) == 3
    assert "cannot join a Ray cluster" in capsys.readouterr().err
