"""What a worker gets of a machine."""

from __future__ import annotations

import pytest

from srcli.core.errors import UsageError
from srcli.pipeline.cluster.shares import Share, Shares, check_device, needs_gpu


@pytest.mark.parametrize(
    ("shares", "resources", "share"),
    [
        (Shares(), {"CPU": 4.0}, Share(1, 4)),
        (Shares(), {"CPU": 64.0, "GPU": 1.0}, Share(8, 8)),
        (Shares(), {"CPU": 20.0}, Share(2, 8)),
        (Shares(threads=2), {"CPU": 20.0}, Share(10, 2)),
        (Shares(threads=16), {"CPU": 4.0}, Share(1, 4)),
        (Shares(), {"memory": 1e9}, Share(0, 0)),
        (Shares(on_gpu=True), {"CPU": 32.0, "GPU": 4.0}, Share(4, 8, 1.0)),
        (Shares(on_gpu=True, per_gpu=2), {"CPU": 4.0, "GPU": 1.0}, Share(2, 2, 0.5)),
        (Shares(on_gpu=True), {"CPU": 2.0, "GPU": 4.0}, Share(2, 1, 1.0)),
        (Shares(on_gpu=True), {"CPU": 32.0}, Share(0, 8, 1.0)),
    ],
)
def test_machines_are_shared_out(shares, resources, share):
    found = shares.of(resources)
    assert found.workers == share.workers
    if share.workers:
        assert found == share


def test_gpus_are_taken_where_there_are_any_or_where_they_are_asked_for():
    without, with_gpu = {"CPU": 8.0}, {"CPU": 8.0, "GPU": 2.0}
    assert [needs_gpu("auto", machines) for machines in ([without], [without, with_gpu])] == [False, True]
    assert needs_gpu("cuda", [without])
    assert not needs_gpu("cpu", [with_gpu])
    assert Shares(on_gpu=True).device("auto") == "cuda"
    assert Shares().device("auto") == "cpu"
    assert Shares().device("openvino") == "openvino"


def test_devices_that_a_cluster_does_not_hand_out_are_refused():
    for device in ("auto", "cpu", "cuda", "openvino:cpu"):
        check_device(device)
    for device in ("cuda:1", "webgpu", "openvino:gpu"):
        with pytest.raises(UsageError, match=device):
            check_device(device)


def test_no_workers_on_a_gpu_make_no_sense():
    with pytest.raises(UsageError):
        Shares(per_gpu=0)
