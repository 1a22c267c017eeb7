"""Pictures of stores over a pretended cluster: workers fetch and deliver them, or the planner does."""

from __future__ import annotations

import io
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from srcli.core.errors import MachineError, MissingExtra
from srcli.pipeline.cluster import reach
from srcli.pipeline.cluster.commission import Commission, planning_pool
from srcli.pipeline.cluster.reach import Reach
from srcli.pipeline.cluster.store_pictures import ClusterEnlarger
from srcli.pipeline.stores import store as store_module
from srcli.upscaling.report import Status
from tests.pipeline.cluster.pretended import PretendedCluster, name_of
from tests.pipeline.cluster.test_cluster_run import Heard

fsspec = pytest.importorskip("fsspec")
from srcli.pipeline.stores.run import StoreRun  # noqa: E402
from srcli.pipeline.stores.store import Store  # noqa: E402

COUNT = 5


@pytest.fixture
def memory():
    files = fsspec.filesystem("memory")
    files.store.clear()
    files.pseudo_dirs[:] = [""]
    for number in range(COUNT):
        levels = np.random.default_rng(number).integers(0, 256, (9 + number, 14, 3), dtype=np.uint8)
        picture = io.BytesIO()
        Image.fromarray(levels).save(picture, "PNG")
        files.pipe_file(f"/in/{number}.png", picture.getvalue())
    yield files
    files.store.clear()


@pytest.fixture
def open_to_all(monkeypatch):
    """As if the memory of this process were a store that all machines can open."""
    monkeypatch.setattr(store_module, "OF_ONE_MACHINE", {"file"})


def over_cluster(settings, *inputs, output="memory://out/", **pretended):
    """The reports of a run, the clusters that were asked for, and what was told aside."""
    made, told, heard = [], [], Heard()
    run = StoreRun(inputs or ["memory://in/"], output, settings, recursive=True, pool=planning_pool(settings))

    def connect():
        made.append(PretendedCluster(Commission(settings, run.pool, stores=run.places), **pretended))
        return made[0]

    run.start(heard, enlarger=ClusterEnlarger(run.store, connect, told.append))
    return heard.reports, made, told


def results(memory, folder="/out"):
    return {name: memory.cat_file(name) for name in memory.find(folder) if "manifest" not in name}


@pytest.fixture
def local(memory, settings):
    """What one machine makes of the same."""
    StoreRun(["memory://in/"], "memory://out/", settings, recursive=True).start(Heard())
    made = results(memory)
    memory.rm("/out", recursive=True)
    return made


def test_workers_fetch_and_deliver_by_themselves(memory, open_to_all, settings, local):
    reports, made, told = over_cluster(settings)
    assert results(memory) == local
    assert [report.input for report in reports] == [f"memory://in/{number}.png" for number in range(COUNT)]
    assert {report.status for report in reports} == {Status.DONE}
    assert [report.output_bytes for report in reports] == [len(data) for data in local.values()]
    orders = [order for _, sent in made[0].sent for order in sent]
    assert {(order.data, order.returns) for order in orders} == {(None, False)}
    assert {name for name, _ in made[0].sent} == {"anna", "bert"}
    assert (made[0].closed, told) == (True, [])


def test_what_only_the_planner_can_open_it_sends_and_writes(memory, settings, local):
    reports, made, _ = over_cluster(settings)
    assert results(memory) == local
    assert {report.status for report in reports} == {Status.DONE}
    assert all(order.data and order.returns for _, sent in made[0].sent for order in sent)


def test_what_was_finished_is_skipped_and_no_cluster_is_asked(memory, open_to_all, settings, local):
    settings = replace(settings, resume=True)
    over_cluster(settings)
    reports, made, _ = over_cluster(settings)
    assert ([report.status for report in reports], made) == ([Status.SKIPPED] * COUNT, [])


@pytest.mark.parametrize("who", ["workers", "planner"])
def test_bad_keys_fail_alone(memory, settings, local, who, request):
    if who == "workers":
        request.getfixturevalue("open_to_all")
    memory.pipe_file("/in/1.png", b"no picture")
    gone = memory.cat_file

    def cat_file(name, *words, **named):
        if name.endswith("in/3.png"):
            raise FileNotFoundError(name)
        return gone(name, *words, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(memory), "cat_file", lambda _, *words, **named: cat_file(*words, **named))
        reports, _, _ = over_cluster(settings)
    found = {report.input: report.status for report in reports}
    assert Counter(found.values()) == {Status.DONE: COUNT - 2, Status.FAILED: 2}
    assert found["memory://in/1.png"] is found["memory://in/3.png"] is Status.FAILED
    assert all(report.input in report.error for report in reports if report.error)
    assert len(results(memory)) == COUNT - 2


def test_a_result_is_refused_where_another_is_there(memory, open_to_all, settings, local):
    memory.pipe_file("/out/2_x2.png", b"mine")
    reports, _, _ = over_cluster(settings)
    assert [report.input for report in reports if report.error] == ["memory://in/2.png"]
    assert memory.cat_file("/out/2_x2.png") == b"mine"


def test_what_a_lost_worker_delivered_counts_as_done(memory, open_to_all, settings, local):
    reports, _, told = over_cluster(settings, loses_after=["3.png"])
    assert {report.status for report in reports} == {Status.DONE}
    assert results(memory) == local
    assert len(told) == 1


def test_a_picture_that_kills_its_workers_is_named(memory, open_to_all, settings, local):
    reports, made, _ = over_cluster(settings, killer=lambda name: name == "4.png")
    (bad,) = (report for report in reports if report.status is Status.FAILED)
    assert "memory://in/4.png ended 2 workers and is left alone" in bad.error
    assert len(results(memory)) == COUNT - 1
    assert ["4.png"] in [[name_of(order) for order in sent] for _, sent in made[0].sent]


@pytest.mark.parametrize("who", ["workers", "planner"])
def test_the_name_of_a_result_decides_its_format(memory, settings, who, request):
    if who == "workers":
        request.getfixturevalue("open_to_all")
    over_cluster(settings, "memory://in/0.png", output="memory://one/larger.tif")
    with Image.open(io.BytesIO(memory.cat_file("/one/larger.tif"))) as picture:
        assert (picture.format, picture.size) == ("TIFF", (28, 18))


def test_local_folders_go_through_the_planner(memory, open_to_all, settings, local, tmp_path):
    reports, made, _ = over_cluster(settings, output=f"{tmp_path}/out/")
    assert [path.read_bytes() for path in sorted((tmp_path / "out").glob("*.png"))] == list(local.values())
    orders = [order for _, sent in made[0].sent for order in sent]
    assert {(order.data, order.returns) for order in orders} == {(None, True)}
    assert {report.status for report in reports} == {Status.DONE}


@pytest.mark.parametrize(
    ("address", "is_local", "place"),
    [
        ("s3://bucket/in/", False, "s3://bucket"),
        ("zip://in::s3://bucket/a.zip", False, "s3://bucket"),
        ("zip://in::/tmp/a.zip", True, "/tmp/a.zip"),
        ("memory://in/", True, "memory://in"),
        ("/tmp/in", True, "/tmp/in"),
        ("file:///tmp/in", True, "file://"),
        ("https://example.org/a.png", False, "https://example.org"),
    ],
)
def test_what_other_machines_can_open(address, is_local, place):
    store = object.__new__(Store)
    store.address = address
    assert (store.is_local, store.place) == (is_local, place)


def test_a_worker_without_rights_is_found_before_the_work(memory, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError("no token")

    monkeypatch.setattr(type(memory), "info", refuse)
    with pytest.raises(
        MachineError, match=r"cannot read memory://in.* from .*not allowed \(no token\)"
    ) as found:
        Reach(["memory://in/"])
    assert found.value.hint == reach.HINT


def test_a_worker_without_the_extra_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(MissingExtra, match="s3://bucket/in/ needs the extra 's3'"):
        Reach(["s3://bucket/in/"])


def test_stores_that_were_used_long_ago_are_let_go(memory, monkeypatch):
    monkeypatch.setattr(reach, "MOST_OPEN", 2)
    stores = Reach([])
    first = stores("memory://a/")
    stores("memory://b/")
    assert stores("memory://a/") is first
    stores("memory://c/")
    assert stores("memory://a/") is first
    second = stores("memory://b/")
    assert stores("memory://b/") is second
