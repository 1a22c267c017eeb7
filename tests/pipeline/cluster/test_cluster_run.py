"""Runs over a cluster, with one that is pretended: deaths, and folders that are not seen."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srcli.core.cancel import CancelToken
from srcli.core.errors import Cancelled, UsageError
from srcli.core.events import Events
from srcli.pipeline.cluster.pictures import LOST_REPORT
from srcli.upscaling.manifest import MANIFEST_NAME
from srcli.upscaling.report import Status
from srcli.upscaling.run import prepare_run
from srcli.upscaling.settings import Existing
from srcli.upscaling.streams import StandardStreams
from tests.pipeline.cluster.pretended import Machine, cluster_run

COUNT = 7
BLIND = Machine("blind", blind=True)


class Heard(Events):
    """Remembers what it was told; may cancel after so many reports."""

    def __init__(self, cancel=None, after=0):
        self.reports = []
        self._cancel = cancel
        self._after = after

    def finished(self, outcome):
        self.reports.append(outcome)
        if self._cancel and len(self.reports) == self._after:
            self._cancel.cancel()

    @property
    def statuses(self):
        return [report.status for report in self.reports]


@pytest.fixture
def photos(tmp_path):
    for number in range(COUNT):
        folder = tmp_path / "in" / ("below" if number % 2 else "")
        folder.mkdir(parents=True, exist_ok=True)
        levels = np.random.default_rng(number).integers(0, 256, (9 + number, 14, 3), dtype=np.uint8)
        Image.fromarray(levels).save(folder / f"{number}.png")
    return tmp_path / "in"


def folder(path):
    """As ``-o`` takes it."""
    return f"{path}/"


def contents(path):
    return {str(each.relative_to(path)): each.read_bytes() for each in sorted(path.rglob("*.png"))}


def noted(path):
    """How often each output is noted as finished."""
    lines = [line for each in path.rglob(MANIFEST_NAME) for line in each.read_text().splitlines() if line]
    return Counter(json.loads(line)["output"] for line in lines)


@pytest.fixture
def local(photos, settings, tmp_path):
    """What a run on this machine makes, and what it tells."""
    heard = Heard()
    prepare_run([str(photos)], folder(tmp_path / "local"), settings, recursive=True).start(heard)
    return contents(tmp_path / "local"), heard.reports


def over_cluster(photos, settings, tmp_path, **pretended):
    return cluster_run([photos], folder(tmp_path / "out"), settings, recursive=True, **pretended)


@pytest.mark.parametrize(
    "machines",
    [
        (Machine("anna"), Machine("bert")),
        (BLIND,),
        (Machine("anna"), BLIND),
        (Machine("carl", writes_elsewhere=True),),
        (Machine("anna"), Machine("late", joins_after=2)),
    ],
    ids=["seeing", "blind", "mixed", "writing elsewhere", "late"],
)
def test_a_cluster_makes_what_one_machine_makes(machines, photos, settings, local, tmp_path):
    heard = Heard()
    run, made, told = over_cluster(photos, settings, tmp_path, machines=machines)
    summary = run.start(heard)
    assert contents(tmp_path / "out") == local[0]
    assert (summary.done, summary.exit_code) == (COUNT, 0)
    for report, alike in zip(heard.reports, local[1], strict=True):
        assert report.input == alike.input
        assert Path(report.output).name == Path(alike.output).name
        for field in ("status", "input_size", "output_size", "output_bytes", "model_sha256", "tiles"):
            assert getattr(report, field) == getattr(alike, field), field
    assert {name for name, _ in made[0].sent} == {machine.name for machine in machines}
    assert set(noted(tmp_path / "out").values()) == {1}
    assert made[0].most_chunks <= 2
    assert made[0].closed
    assert told == []


def test_what_was_finished_is_skipped_and_no_cluster_is_asked(photos, settings, local, tmp_path):
    over_cluster(photos, settings, tmp_path)[0].start(Events())
    heard = Heard()
    run, made, _ = over_cluster(photos, replace(settings, resume=True), tmp_path)
    assert run.start(heard).exit_code == 0
    assert heard.statuses == [Status.SKIPPED] * COUNT
    assert made == []


def test_what_one_machine_finished_a_cluster_skips(photos, settings, local, tmp_path):
    heard = Heard()
    resumed = replace(settings, resume=True)
    run, made, _ = cluster_run([photos], folder(tmp_path / "local"), resumed, recursive=True)
    run.start(heard)
    assert heard.statuses == [Status.SKIPPED] * COUNT
    assert made == []


@pytest.mark.parametrize("blind", [False, True])
def test_outputs_that_exist_are_refused_before_the_work(blind, photos, settings, local, tmp_path):
    wanted = tmp_path / "out" / "2_x2.png"
    wanted.parent.mkdir()
    wanted.write_bytes(b"mine")
    heard = Heard()
    run, _, _ = over_cluster(photos, settings, tmp_path, machines=(Machine("anna", blind=blind),))
    assert run.start(heard).exit_code == 1
    assert wanted.read_bytes() == b"mine"
    assert Counter(heard.statuses) == {Status.DONE: COUNT - 1, Status.FAILED: 1}
    again = replace(settings, existing=Existing.OVERWRITE)
    run, _, _ = over_cluster(photos, again, tmp_path, machines=(Machine("anna", blind=blind),))
    assert run.start(Heard()).exit_code == 0
    assert contents(tmp_path / "out") == local[0]


@pytest.mark.parametrize("blind", [False, True])
def test_a_bad_picture_fails_alone_with_the_name_that_was_given(blind, photos, settings, tmp_path):
    (photos / "2.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    heard = Heard()
    run, _, _ = over_cluster(photos, settings, tmp_path, machines=(Machine("anna", blind=blind),))
    assert run.start(heard).exit_code == 1
    (bad,) = (report for report in heard.reports if report.status is Status.FAILED)
    assert bad.input == str(photos / "2.png")
    assert bad.input in bad.error
    assert len(contents(tmp_path / "out")) == COUNT - 1


def test_the_name_of_an_output_decides_its_format_on_any_machine(photos, settings, tmp_path):
    for machine in (Machine("anna"), BLIND):
        target = tmp_path / machine.name / "larger.tif"
        run, _, _ = cluster_run([photos / "0.png"], str(target), settings, machines=(machine,))
        assert run.start(Heard()).exit_code == 0
        with Image.open(target) as picture:
            assert (picture.format, picture.size) == ("TIFF", (28, 18))


def test_what_a_lost_machine_had_is_done_by_others_once(photos, settings, local, tmp_path):
    heard = Heard()
    run, _, told = over_cluster(photos, settings, tmp_path, loses=["3.png"])
    assert run.start(heard).exit_code == 0
    assert contents(tmp_path / "out") == local[0]
    assert [report.input for report in heard.reports] == [report.input for report in local[1]]
    assert set(noted(tmp_path / "out").values()) == {1}
    assert len(told) == 1
    assert "can't be reached any more" in told[0]


@pytest.mark.parametrize("blind", [False, True])
def test_what_was_written_before_the_loss_is_not_made_again(blind, photos, settings, local, tmp_path):
    machines = tuple(Machine(name, blind=blind) for name in ("anna", "bert"))
    heard = Heard()
    run, _, _ = over_cluster(photos, settings, tmp_path, machines=machines, loses_after=["3.png"])
    assert run.start(heard).exit_code == 0
    assert heard.statuses == [Status.DONE] * COUNT
    assert contents(tmp_path / "out") == local[0]
    assert set(noted(tmp_path / "out").values()) == {1}
    (told,) = (report for report in heard.reports if report.input.endswith("3.png"))
    assert (LOST_REPORT in told.warnings) is not blind


def test_a_picture_that_kills_its_workers_is_left_alone_and_named(photos, settings, local, tmp_path):
    heard = Heard()
    run, made, _ = over_cluster(photos, settings, tmp_path, killer=lambda name: name == "4.png")
    assert run.start(heard).exit_code == 1
    (bad,) = (report for report in heard.reports if report.status is Status.FAILED)
    assert bad.input.endswith("4.png")
    assert "ended 2 workers and is left alone" in bad.error
    assert contents(tmp_path / "out") == {name: data for name, data in local[0].items() if name != "4_x2.png"}
    sent = [[Path(order.name).name for order in orders] for _, orders in made[0].sent]
    assert sum("4.png" in names for names in sent) == 2
    # The second time it went alone, so that no other is blamed.
    assert ["4.png"] in sent


def test_machines_that_die_blame_no_picture(photos, settings, tmp_path):
    machines = tuple(Machine(f"m{number}") for number in range(4))
    run, _, _ = over_cluster(photos, settings, tmp_path, machines=machines, loses=["1.png", "2.png", "5.png"])
    summary = run.start(Heard())
    assert (summary.done, summary.exit_code) == (COUNT, 0)


def test_a_cancelled_run_ends_its_workers_and_goes_on_with_resume(photos, settings, local, tmp_path):
    cancel = CancelToken()
    heard = Heard(cancel, after=2)
    run, made, _ = over_cluster(photos, settings, tmp_path)
    with pytest.raises(Cancelled):
        run.start(heard, cancel)
    assert made[0].closed
    assert not list(tmp_path.glob("out/**/.srcli-????????"))
    resumed = Heard()
    over_cluster(photos, replace(settings, resume=True), tmp_path)[0].start(resumed)
    assert contents(tmp_path / "out") == local[0]
    assert set(noted(tmp_path / "out").values()) == {1}
    assert resumed.statuses.count(Status.SKIPPED) >= 2


def test_streams_are_refused(photos, settings):
    with pytest.raises(UsageError, match="for files, not for streams"):
        cluster_run([photos / "0.png"], "-", settings, streams=StandardStreams(None, BytesIO))
