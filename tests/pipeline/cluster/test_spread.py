"""One large picture over several workers: the same bytes as on one machine, whatever happens to them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from srcli.core.events import Events
from srcli.engine.tiling.ensemble import Ensemble
from srcli.pipeline.cluster import spread
from srcli.pipeline.cluster.orders import RowOrder
from srcli.upscaling.generator import RunOptions
from srcli.upscaling.report import Status
from srcli.upscaling.run import prepare_run
from srcli.upscaling.target import Target
from tests.pipeline.cluster.pretended import Machine, cluster_run

THREE = tuple(Machine(name) for name in ("anna", "bert", "carl"))
SIZE = (150, 70)
OPTIONS = RunOptions(tile=40, threads=1)


class Heard(Events):
    """Remembers what it was told."""

    def __init__(self):
        self.reports = []
        self.tiles = []

    def progress(self, item, unit, done, total):
        self.tiles.append((done, total))

    def finished(self, outcome):
        self.reports.append(outcome)


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch):
    monkeypatch.setattr(spread, "SPREAD_FROM_PIXELS", 4 * 150 * 70 - 1)


@pytest.fixture
def settings(settings):
    return replace(settings, options=OPTIONS)


@pytest.fixture
def scan(tmp_path):
    return save(tmp_path / "scan.png", (*SIZE, 3))


def save(path, shape, dtype=np.uint8):
    levels = np.random.default_rng(1).integers(0, np.iinfo(dtype).max, shape).astype(dtype)
    Image.fromarray(levels).save(path)
    return path


def locally(path, settings, target):
    heard = Heard()
    prepare_run([str(path)], str(target), settings).start(heard)
    return target.read_bytes(), heard.reports[0]


def together(path, settings, target, machines=THREE, **pretended):
    heard = Heard()
    run, made, told = cluster_run([path], str(target), settings, machines=machines, **pretended)
    run.start(heard)
    return heard, made[0], told


def rows_sent(cluster):
    """Which rows of windows went to which machine."""
    return [
        (machine, order.part.index)
        for machine, orders in cluster.sent
        for order in orders
        if isinstance(order, RowOrder)
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"options": replace(OPTIONS, overlap=2)},
        {"options": replace(OPTIONS, ensemble=Ensemble(4))},
        {"target": Target(factor=4.0)},
        {"target": Target(factor=3.3)},
        {"strength": 0.5},
        {"seamless": True},
    ],
    ids=lambda changed: "-".join(changed) or "plain",
)
def test_rows_over_workers_give_the_bytes_of_one_machine(changed, settings, scan, tmp_path):
    wanted = replace(settings, **changed)
    expected, alike = locally(scan, wanted, tmp_path / "local.out.png")
    heard, cluster, told = together(scan, wanted, tmp_path / "over.out.png")
    assert (tmp_path / "over.out.png").read_bytes() == expected
    (report,) = heard.reports
    assert report.status is Status.DONE
    for field in ("tiles", "tile", "model", "device", "provider", "runtime", "precision", "warnings"):
        assert getattr(report, field) == getattr(alike, field), field
    assert {machine for machine, _ in rows_sent(cluster)} == {machine.name for machine in THREE}
    assert heard.tiles[-1][0] == heard.tiles[-1][1]
    assert told == []


@pytest.mark.parametrize(
    ("shape", "dtype"), [((*SIZE, 4), np.uint8), (SIZE, np.uint8), (SIZE, np.uint16)], ids=str
)
def test_pictures_of_every_kind_are_joined_alike(shape, dtype, settings, tmp_path):
    path = save(tmp_path / "scan.png", shape, dtype)
    expected, _ = locally(path, settings, tmp_path / "local.png")
    _, cluster, _ = together(path, settings, tmp_path / "over.png")
    assert (tmp_path / "over.png").read_bytes() == expected
    assert rows_sent(cluster)


def test_a_row_of_a_lost_machine_is_computed_by_another(settings, scan, tmp_path):
    expected, _ = locally(scan, settings, tmp_path / "local.png")
    heard, cluster, told = together(
        scan, settings, tmp_path / "over.png", loses=["row 1"], loses_after=["row 3"]
    )
    assert (tmp_path / "over.png").read_bytes() == expected
    assert heard.reports[0].status is Status.DONE
    times = Counter(index for _, index in rows_sent(cluster))
    assert {index for index, count in times.items() if count > 1} == {1, 3}
    assert len(told) == 2


def test_a_row_that_kills_its_workers_fails_its_picture(settings, scan, tmp_path):
    heard, cluster, _ = together(scan, settings, tmp_path / "over.png", killer=lambda name: name == "row 2")
    (report,) = heard.reports
    assert report.status is Status.FAILED
    assert f"{scan} ended 2 workers and is left alone" in report.error
    assert not (tmp_path / "over.png").exists()
    assert not list(tmp_path.glob(".srcli*"))
    assert cluster.closed


def test_the_whole_pictures_go_beside(settings, scan, tmp_path):
    for name in ("a.png", "b.png"):
        save(tmp_path / name, (20, 24, 3))
    inputs = [tmp_path / "a.png", scan, tmp_path / "b.png"]
    four = (*THREE, Machine("dora"))
    heard = Heard()
    run, made, _ = cluster_run(inputs, f"{tmp_path}/out/", settings, machines=four)
    assert run.start(heard).exit_code == 0
    assert [report.input for report in heard.reports] == [str(path) for path in inputs]
    assert len(rows_sent(made[0])) == 5
    whole = [order for _, orders in made[0].sent for order in orders if not isinstance(order, RowOrder)]
    assert [order.name for order in whole] == [str(inputs[0]), str(inputs[2])]


def test_as_many_pictures_as_workers_go_whole(settings, scan, tmp_path):
    heard = Heard()
    run, made, _ = cluster_run([scan], f"{tmp_path}/out/", settings, machines=THREE[:1])
    assert run.start(heard).exit_code == 0
    assert rows_sent(made[0]) == []


def test_a_picture_that_an_interpolation_enlarges_goes_whole(settings, scan, tmp_path):
    _, cluster, _ = together(scan, replace(settings, model="bicubic"), tmp_path / "over.png")
    assert rows_sent(cluster) == []
