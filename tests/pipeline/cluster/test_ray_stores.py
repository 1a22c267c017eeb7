"""Stores over a cluster with Ray itself and a server that speaks S3; one machine has no rights there."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests import store_servers
from tests.cli.conftest import save_picture
from tests.pipeline.cluster.simulated import machines

pytest.importorskip("ray", reason="Ray is not installed: pip install '.[cluster]'")
pytest.importorskip("fsspec")
PATIENCE_S = 120.0
COUNT = 6
RIGHTS = ["AWS_ACCESS_KEY_ID"]


@pytest.fixture(scope="module")
def bucket(s3_port, tmp_path_factory):
    """A file system of a bucket ``cluster``, and the variables that open it."""
    folder = tmp_path_factory.mktemp("bucket")
    with pytest.MonkeyPatch.context() as environment:
        files = store_servers.s3_files(s3_port, environment, folder)
        files.mkdir("cluster")
        for number in range(COUNT):
            save_picture(folder / "made.png", (60 + number, 80), seed=number)
            files.pipe_file(f"cluster/in/{number}.png", (folder / "made.png").read_bytes())
        files.pipe_file("cluster/in/bad.png", b"no picture")
        yield files


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


def test_a_bucket_into_a_bucket(bucket):
    assert upscale("s3://cluster/in/", "-o", "s3://cluster/local/")[0] == 1
    with machines((), RIGHTS) as cluster:
        words = ("s3://cluster/in/", "-o", "s3://cluster/out/", "--resume", "--cluster", cluster.address)
        code, reports, said = upscale(*words)
        assert code == 1, said
        assert [report["status"] for report in reports] == ["done"] * COUNT + ["failed"]
        assert results(bucket, "cluster/out") == results(bucket, "cluster/local")
        assert "cannot read s3://cluster/in/bad.png: not a picture" in said

        code, reports, said = upscale(*words)
        assert (code, [report["status"] for report in reports]) == (1, ["skipped"] * COUNT + ["failed"]), said


def test_machines_that_may_not_are_named_with_the_reason(bucket):
    with machines(RIGHTS) as cluster:
        words = ("-o", "s3://cluster/others/", "--cluster", cluster.address)
        code, reports, said = upscale("s3://cluster/in/", *words)
    assert (code, reports) == (3, []), said
    assert "takes no part: cannot read s3://cluster/" in said
    assert "not allowed (Unable to locate credentials)" in said
    assert "the environment that ray start had" in said
