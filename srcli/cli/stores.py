"""``srcli upscale`` with addresses of stores among its words."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from srcli.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from srcli.pipeline.cluster.shares import Shares
    from srcli.pipeline.stores.run import Enlarger, StoreRun
    from srcli.upscaling.settings import UpscaleSettings
    from srcli.upscaling.shards import Shard


def refuse_with_stores(options: Mapping[str, object]) -> None:
    """See that no option was given that is for local files alone.

    Raises:
        UsageError: one was.
    """
    for option, value in options.items():
        if value:
            raise UsageError(
                f"{option} is for local files", hint=f"leave {option} out, or copy pictures first"
            )


def run_on_stores(
    inputs: Sequence[str],
    output: str | None,
    settings: UpscaleSettings,
    *,
    recursive: bool,
    shard: Shard | None,
    workers: tuple[str, Shares] | None,
    json: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Do the work, and tell of it; gives the exit code.

    Args:
        inputs: addresses, or local files and folders.
        output: an address, or a local file or folder.
        settings: what to do.
        recursive: whether to look into folders below.
        shard: which of the pictures are this run's.
        workers: the address of a cluster that does the work, and what each worker gets of a machine.
        json: whether reports are JSON.
        quiet: whether errors alone are told.
        verbose: whether details are told.
    """
    from srcli.cli.line_report import LineReporter
    from srcli.cli.upscale_report import say_summary
    from srcli.pipeline.cluster.commission import planning_pool
    from srcli.pipeline.stores.run import StoreRun

    started_s = time.monotonic()
    pool = planning_pool(settings) if workers else None
    run = StoreRun(inputs, output, settings, recursive=recursive, shard=shard, pool=pool)
    reporter = LineReporter(json=json, quiet=quiet, verbose=verbose, tells_skipped=True)
    enlarger = _by_workers(run, settings, *workers, quiet=quiet) if workers else None
    summary = run.start(reporter, enlarger=enlarger)
    if not quiet:
        say_summary(summary, started_s)
    return summary.exit_code


def _by_workers(
    run: StoreRun, settings: UpscaleSettings, address: str, shares: Shares, *, quiet: bool
) -> Enlarger:
    """What has a cluster do the work."""
    from srcli.cli.cluster import connector
    from srcli.cli.output import warn
    from srcli.pipeline.cluster.commission import Commission
    from srcli.pipeline.cluster.store_pictures import ClusterEnlarger

    def commission() -> Commission:
        return Commission(settings, run.pool, stores=run.places)

    def aside(text: str) -> None:
        if not quiet:
            warn(text)

    connect = connector(address, shares, commission, quiet=quiet)
    return ClusterEnlarger(run.store, connect, aside, side_by_side=shares.threads_at_most)
