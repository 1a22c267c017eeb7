"""``srcli upscale --cluster`` as it is typed, with a cluster that is pretended."""

from __future__ import annotations

import builtins
import json

import pytest

from srcli.cli.app import run
from srcli.pipeline.cluster import ray_cluster
from tests.cli.conftest import save_picture
from tests.pipeline.cluster.pretended import PretendedCluster


@pytest.fixture
def cluster(monkeypatch):
    """Stands for Ray; gives the addresses that were asked for."""
    asked = []

    class Pretended(PretendedCluster):
        words = "cluster: 2 workers on the processors of 2 machines"

        def __init__(self, address, commission, shares):
            asked.append((address, shares))
            super().__init__(commission, killer=lambda name: name == "killer.png")

    monkeypatch.setattr(ray_cluster, "RayCluster", Pretended)
    return asked


@pytest.fixture
def photos(tmp_path):
    for name in "abc":
        save_picture(tmp_path / "in" / f"{name}.png", seed=ord(name))
    return tmp_path / "in"


def upscale(*words):
    return run(["upscale", *map(str, words), "-s", "2"])


def test_the_same_lines_and_codes_as_on_one_machine(cluster, tiny, photos, tmp_path, capsys):
    lines = {}
    for where, words in (("one", ()), ("many", ("--cluster", "auto"))):
        assert upscale(photos, "-o", f"{tmp_path}/{where}/", "-m", tiny, "--json", *words) == 0
        lines[where] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for local, remote in zip(lines["one"], lines["many"], strict=True):
        differ = {key for key in local if local[key] != remote[key]}
        assert differ <= {"seconds", "waiting_seconds", "output"}
    assert cluster[0][0] == "auto"


def test_a_person_is_told_what_was_found(cluster, tiny, photos, tmp_path, capsys):
    assert upscale(photos, "-o", f"{tmp_path}/out/", "-m", tiny, "--cluster", "head:6379") == 0
    said = capsys.readouterr().err
    assert "cluster: 2 workers on the processors of 2 machines" in said
    assert "3 done, 0 skipped, 0 failed" in said


def test_a_killer_is_named_and_the_code_is_one(cluster, tiny, photos, tmp_path, capsys):
    save_picture(photos / "killer.png")
    assert upscale(photos, "-o", f"{tmp_path}/out/", "-m", tiny, "--cluster", "auto") == 1
    said = capsys.readouterr().err
    assert "killer.png ended 2 workers and is left alone" in said
    assert said.count("is lost: it ended unexpectedly") == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--dry-run"], "--dry-run does not go with --cluster"),
        (["--budget", "2s"], "--budget does not go with --cluster"),
        (["--device", "cuda:1"], "nothing that a cluster hands out"),
        (["-o", "-"], "for files, not for streams"),
        (["--workers-per-gpu", "0"], "make no sense"),
    ],
)
def test_what_does_not_go_together(cluster, tiny, photos, words, message, capsys):
    assert upscale(photos / "a.png", "-m", tiny, "--cluster", "auto", *words) == 2
    assert message in capsys.readouterr().err
    assert cluster == []


def test_clients_from_outside_are_told_where_to_run(tiny, photos, capsys):
    assert upscale(photos, "-m", tiny, "--cluster", "ray://head:10001") == 2
    assert "on a machine of the cluster" in capsys.readouterr().err


def test_shares_of_a_gpu_need_a_cluster(tiny, photos, capsys):
    assert upscale(photos, "-m", tiny, "--workers-per-gpu", "2") == 2
    assert "--workers-per-gpu is for a cluster" in capsys.readouterr().err


def test_devices_need_not_be_on_the_machine_that_plans(cluster, photos, tmp_path):
    words = ("--cluster", "auto", "--device", "cuda", "--precision", "fp16", "--workers-per-gpu", "2")
    assert upscale(photos, "-o", f"{tmp_path}/out/", "-m", "bicubic", "-q", *words) == 0
    assert cluster[0][1].per_gpu == 2


def test_the_extra_is_named_where_ray_is_missing(tiny, photos, monkeypatch, capsys):
    found = builtins.__import__

    def without_ray(name, *words, **named):
        if name.partition(".")[0] == "ray":
            raise ModuleNotFoundError(name)
        return found(name, *words, **named)

    monkeypatch.setattr(builtins, "__import__", without_ray)
    assert upscale(photos, "-m", tiny, "--cluster", "auto") == 3
    assert "needs the extra 'cluster'" in capsys.readouterr().err
