"""Stores over a cluster with Ray itself and a server that speaks S3; one machine has no rights there."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.cli.conftest import save_picture
from tests.pipeline.cluster.simulated import two_machines

pytest.importorskip("ray", reason="Ray is not installed: pip install '.[cluster]'")
fsspec = pytest.importorskip("fsspec")
PATIENCE_S = 120.0
COUNT = 6


@pytest.fixture(scope="module")
def bucket(s3_port, tmp_path_factory):
    """A file system of a bucket ``cluster``, and the variables that open it."""
    folder = tmp_path_factory.mktemp("bucket")
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            environment.delenv(name)
        environment.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{s3_port}")
        environment.setenv("AWS_ACCESS_KEY_ID", "key")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        environment.setenv("AWS_CONFIG_FILE", str(folder / "none"))
        files = fsspec.filesystem("s3", use_listings_cache=False, skip_instance_cache=True)
        files.mkdir("cluster")
        for number in range(COUNT):
            save_picture(folder / "made.png", (60 + number, 80), seed=number)
            files.pipe_file(f"cluster/in/{number}.png", (folder / "made.png").read_bytes())
        files.pipe_file("cluster/in/bad.png", b"no picture")
        yield files


@pytest.fixture(scope="module")
def ray_cluster(bucket):
    with two_machines(second_lacks=["AWS_ACCESS_KEY_ID"]) as cluster:
        yield cluster


def upscale(*words):
    """The exit code, the reports, and what was said."""
    done = subprocess.run(
        [sys.executable, "-m", "srcli", "upscale", *words, "-s", "2", "-m", "plain", "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def results(files, folder):
    return [files.cat_file(name) for name in sorted(files.find(folder)) if name.endswith(".png")]


def test_a_bucket_into_a_bucket_by_the_machine_that_may(bucket, ray_cluster):
    assert upscale("s3://cluster/in/", "-o", "s3://cluster/local/")[0] == 1
    words = ("s3://cluster/in/", "-o", "s3://cluster/out/", "--resume", "--cluster", ray_cluster.address)
    code, reports, said = upscale(*words)
    assert code == 1, said
    assert [report["status"] for report in reports] == ["done"] * COUNT + ["failed"]
    assert results(bucket, "cluster/out") == results(bucket, "cluster/local")
    assert "cannot read s3://cluster/in/bad.png: not a picture" in said
    assert "not allowed (Unable to locate credentials)" in said
    assert "the environment that ray start had" in said

    code, reports, said = upscale(*words)
    assert (code, [report["status"] for report in reports]) == (1, ["skipped"] * COUNT + ["failed"]), said
