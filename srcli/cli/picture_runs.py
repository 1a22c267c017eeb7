"""Pictures from words on the command line to files, or to a plan: what ``upscale`` and ``restore`` share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.pipeline.budget import Budget
    from srcli.upscaling.run import Run
    from srcli.upscaling.settings import UpscaleSettings
    from srcli.upscaling.shards import Shard


def run_pictures(
    inputs: Sequence[str],
    output: str | None,
    settings: UpscaleSettings,
    *,
    files_from: str | None,
    recursive: bool,
    shard: str | None,
    budget: str | None,
    cluster: str | None,
    workers_per_gpu: int,
    dry_run: bool,
    json: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Do what options of these names ask for, and tell of it; gives the exit code.

    Raises:
        SrcliError: nothing can begin.
    """
    from srcli.cli.cluster import check_cluster, run_on_cluster
    from srcli.cli.stores import refuse_with_stores, run_on_stores
    from srcli.pipeline.budget import parse_budget
    from srcli.pipeline.stores.address import check_spelling, is_address
    from srcli.upscaling.shards import parse_shard

    for word in (*inputs, output):
        check_spelling(word)
    part = parse_shard(shard) if shard else None
    in_stores = any(map(is_address, [*inputs, output]))
    shares = check_cluster(cluster, settings, workers_per_gpu, {"--dry-run": dry_run, "--budget": budget})
    if in_stores:
        refuse_with_stores({"--dry-run": dry_run, "--budget": budget, "--files-from": files_from})
        return run_on_stores(
            inputs,
            output,
            settings,
            recursive=recursive,
            shard=part,
            workers=(cluster, shares) if cluster is not None and shares is not None else None,
            json=json,
            quiet=quiet,
            verbose=verbose,
        )
    allowed = None if budget is None else parse_budget(budget)
    run = _prepare(
        inputs,
        files_from,
        output,
        settings,
        recursive=recursive,
        shard=part,
        budget=allowed,
        on_cluster=shares is not None,
        quiet=quiet,
    )
    if len(inputs) == len(run.jobs) == 2 and not (output or json or quiet):
        _hint_at_output(run)
    if dry_run:
        return _plan(run, json=json)
    if cluster is not None and shares is not None:
        return run_on_cluster(run, cluster, shares, json=json, quiet=quiet, verbose=verbose)
    return _start(run, json=json, quiet=quiet, verbose=verbose, budget=allowed)


def _hint_at_output(run: Run) -> None:
    """Two names may be meant as input and output, as other programs take them."""
    from srcli.cli.output import say

    first, second = run.jobs
    verb = "restored" if run.settings.target.keep else "enlarged"
    say(f"both are {verb}; to write {first.source.name} to {second.source.name}: -o {second.source.name}")


def _prepare(
    inputs: Sequence[str],
    files_from: str | None,
    output: str | None,
    settings: UpscaleSettings,
    *,
    recursive: bool,
    shard: Shard | None,
    budget: Budget | None,
    on_cluster: bool,
    quiet: bool,
) -> Run:
    from dataclasses import replace

    from srcli.cli.output import say
    from srcli.cli.streams import standard_streams
    from srcli.pipeline.budget import choose_run
    from srcli.pipeline.cluster.commission import planning_pool
    from srcli.upscaling.inputs import read_list
    from srcli.upscaling.run import prepare_run
    from srcli.upscaling.sources import STREAM

    if not inputs and files_from is None:
        raise UsageError("missing argument INPUT", hint="name a picture or a folder: srcli upscale photo.jpg")
    if files_from == STREAM and STREAM in inputs:
        raise UsageError("standard input (-) can't be both a picture and a list of names")
    streams = standard_streams()
    listed = [] if files_from is None else read_list(files_from, streams)

    def prepare(model: str) -> Run:
        wanted = replace(settings, model=model)
        return prepare_run(
            inputs,
            output,
            wanted,
            recursive=recursive,
            listed=listed,
            streams=streams,
            shard=shard,
            pool=planning_pool(wanted) if on_cluster else None,
        )

    if budget is None:
        return prepare(settings.model)
    choice = choose_run(settings.model, budget, prepare, settings.target.factor)
    if not quiet:
        say(f"{budget.words}: {choice}")
    return choice.run


def _start(run: Run, *, json: bool, quiet: bool, verbose: bool, budget: Budget | None) -> int:
    import time

    from srcli.cli.output import warn
    from srcli.cli.streams import check_output_free
    from srcli.cli.upscale_report import Reporter

    if any(job.target.path is None for job in run.jobs):
        check_output_free("picture", "srcli upscale - > larger.png", json=json)
    started_s = time.monotonic()
    with Reporter(run, json=json, quiet=quiet, verbose=verbose, budget=budget) as reporter:
        summary = run.start(reporter)
    missed = budget.missed(time.monotonic() - started_s) if budget and not budget.per_picture else None
    if missed:
        warn(f"the run {missed}")
    return summary.exit_code


def _plan(run: Run, *, json: bool) -> int:
    from srcli.cli.output import emit_json
    from srcli.cli.upscale_report import print_plan
    from srcli.core.outcome import exit_code_of
    from srcli.upscaling.run import plan_run

    if json:
        codes = []
        for planned in plan_run(run):
            emit_json(planned.to_json())
            codes.append(planned.exit_code)
    else:
        codes = print_plan(run)
    return exit_code_of(codes)
