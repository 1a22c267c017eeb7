"""``srcli upscale --cluster``: the same run, by the machines of a Ray cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from srcli.pipeline.cluster.commission import Commission
    from srcli.pipeline.cluster.machines import Cluster
    from srcli.pipeline.cluster.shares import Shares
    from srcli.upscaling.run import Run
    from srcli.upscaling.settings import UpscaleSettings


def check_cluster(
    address: str | None, settings: UpscaleSettings, per_gpu: int, others: Mapping[str, object]
) -> Shares | None:
    """What a worker is to get of a machine; None without a cluster.

    Args:
        address: of the cluster.
        settings: what to do.
        per_gpu: workers that share a GPU.
        others: options that don't go with a cluster, by name.

    Raises:
        UsageError: options don't go together.
    """
    from srcli.pipeline.cluster.shares import Shares, check_device

    if address is None:
        if per_gpu != 1:
            raise UsageError("--workers-per-gpu is for a cluster", hint="add --cluster auto")
        return None
    for option, value in others.items():
        if value:
            raise UsageError(f"{option} does not go with --cluster", hint=f"leave {option} out")
    if "://" in address:
        raise UsageError(
            f"--cluster {address} is no address of a cluster that this machine belongs to",
            hint="run srcli on a machine of the cluster, with --cluster auto",
        )
    check_device(settings.device)
    return Shares(settings.options.threads, per_gpu)


def run_on_cluster(run: Run, address: str, shares: Shares, *, json: bool, quiet: bool, verbose: bool) -> int:
    """Do the work, and tell of it; gives the exit code."""
    from srcli.cli.upscale_report import Reporter
    from srcli.pipeline.cluster.commission import commission_of
    from srcli.pipeline.cluster.run import ClusterRun

    connect = connector(address, shares, lambda: commission_of(run), quiet=quiet)
    with Reporter(run, json=json, quiet=quiet, verbose=verbose, on_cluster=True) as reporter:
        work = ClusterRun(run, connect, reporter.aside, side_by_side=shares.threads_at_most)
        return work.start(reporter).exit_code


def connector(
    address: str, shares: Shares, commission: Callable[[], Commission], *, quiet: bool
) -> Callable[[], Cluster]:
    """What joins a cluster once there is work for it, and says what was found."""
    from srcli.cli.output import say
    from srcli.pipeline.cluster.ray_cluster import RayCluster

    def connect() -> Cluster:
        cluster = RayCluster(address, commission(), shares)
        if not quiet:
            say(cluster.words)
        return cluster

    return connect
