"""``srcli upscale`` with addresses of stores among its words."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from srcli.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    json: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Do the work, and tell of it; gives the exit code."""
    from srcli.cli.line_report import LineReporter
    from srcli.cli.upscale_report import say_summary
    from srcli.pipeline.stores.run import StoreRun

    started_s = time.monotonic()
    run = StoreRun(inputs, output, settings, recursive=recursive, shard=shard)
    reporter = LineReporter(json=json, quiet=quiet, verbose=verbose, tells_skipped=True)
    summary = run.start(reporter)
    if not quiet:
        say_summary(summary, started_s)
    return summary.exit_code
