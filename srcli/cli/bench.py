"""``srcli bench``: how fast pictures go through srcli on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from srcli.cli.completion import complete_devices, complete_models, complete_precisions
from srcli.cli.options import DebugOption, JsonOption
from srcli.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.core.geometry import Size
    from srcli.pipeline.bench.measurement import Case, Effort, Measurement

_CASES = "What to run; every combination of what is repeated"
_PICTURES = "Pictures"
_EFFORT = "Effort"


def bench(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="INPUT", help="Files, folders or globs; by default a synthetic picture."),
    ] = None,
    size: Annotated[
        str,
        typer.Option(metavar="WxH", help="Size of the synthetic pictures.", rich_help_panel=_PICTURES),
    ] = "512x512",
    pictures: Annotated[
        int, typer.Option(min=1, help="How many synthetic pictures a run takes.", rich_help_panel=_PICTURES)
    ] = 1,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "-m",
            "--model",
            metavar="NAME|FILE.onnx",
            autocompletion=complete_models,
            help="By default fast.",
            rich_help_panel=_CASES,
        ),
    ] = None,
    scale: Annotated[
        list[int] | None,
        typer.Option("-s", "--scale", help="By default 4, or what the file has.", rich_help_panel=_CASES),
    ] = None,
    device: Annotated[
        list[str] | None,
        typer.Option(
            metavar="auto|cpu|cuda[:N]|openvino|...",
            autocompletion=complete_devices,
            help="By default auto.",
            rich_help_panel=_CASES,
        ),
    ] = None,
    precision: Annotated[
        list[str] | None,
        typer.Option(
            metavar="auto|fp32|fp16|bf16|int8",
            autocompletion=complete_precisions,
            help="By default auto.",
            rich_help_panel=_CASES,
        ),
    ] = None,
    threads: Annotated[
        list[int] | None, typer.Option(help="CPU threads; by default one per core.", rich_help_panel=_CASES)
    ] = None,
    tile: Annotated[
        list[int] | None,
        typer.Option(help="Side of the windows; by default the planner's.", rich_help_panel=_CASES),
    ] = None,
    warm_up: Annotated[
        int, typer.Option("--warm-up", help="Runs that are not counted.", rich_help_panel=_EFFORT)
    ] = 1,
    repeats: Annotated[int, typer.Option(help="Runs that are counted.", rich_help_panel=_EFFORT)] = 5,
    seconds: Annotated[
        float,
        typer.Option(
            help="A case ends after so many; one run and one round of each kind are always made.",
            rich_help_panel=_EFFORT,
        ),
    ] = 60.0,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Measure speed: megapixels a second, time of each stage, memory, and shares of what is possible.

    Examples:

        srcli bench

        srcli bench -m fast -m plain -s 2 -s 4 --precision fp32 --precision int8

        srcli bench holiday/ -m fast --threads 1 --threads 2 --json
    """
    from itertools import product

    from srcli.pipeline.bench.measurement import Case, Effort

    effort = Effort(warm_up, repeats, seconds)
    combinations = product(
        model or ["fast"],
        _each(scale),
        device or ["auto"],
        precision or ["auto"],
        _each(threads),
        _each(tile),
    )
    cases = [Case(*combination) for combination in combinations]
    wanted = _size(size)
    if inputs:
        return _run(cases, inputs, effort, json=json)
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from srcli.pipeline.bench.bench import write_pictures

    with TemporaryDirectory(prefix="srcli-bench-") as folder:
        return _run(cases, write_pictures(Path(folder), pictures, wanted), effort, json=json)


def _each(values: list[int] | None) -> Sequence[int | None]:
    """What was repeated, or the default once."""
    return values or (None,)


def _size(text: str) -> Size:
    """A size from words such as ``640x480``."""
    import re

    from srcli.core.geometry import Size

    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text, re.ASCII)
    if match is None or not int(match[1]) or not int(match[2]):
        raise UsageError(f"{text!r} is no size", hint="width and height in pixels, such as --size 640x480")
    return Size(height=int(match[2]), width=int(match[1]))


def _run(cases: Sequence[Case], pictures: Sequence[str], effort: Effort, *, json: bool) -> int:
    """Measure case by case; one that fails is told and does not end the others."""
    from srcli.cli.output import emit_json, report_error
    from srcli.core.errors import SrcliError
    from srcli.core.outcome import exit_code_of
    from srcli.pipeline.bench.bench import measure

    found: list[Measurement] = []
    codes = []
    for case in cases:
        try:
            found.append(measure(case, pictures, effort))
        except SrcliError as error:
            codes.append(error.exit_code)
            report_error(type(error)(f"{case}: {error.message}", error.hint))
        else:
            codes.append(0)
            if json:
                emit_json(found[-1].to_json())
    if not json and found:
        _print(found)
    return exit_code_of(codes)


def _print(found: Sequence[Measurement]) -> None:
    """Two tables: how fast, and where the time went."""
    from srcli.cli.output import stdout

    first = found[0]
    width, height = first.input_size
    what = "a picture" if first.pictures == 1 else f"{first.pictures} pictures, the first"
    stdout().print(f"{first.processor}; {what} of {width}x{height}", markup=False)
    _print_table(
        ["generator", "where", "MP/s in", "MP/s out", "runs", "spread", "of raw", "of peak", "memory"],
        [_speed_cells(one) for one in found],
    )
    stages = list(first.stages_s)
    _print_table(
        ["ms", "tile", *stages, "sum", "in a run"],
        [_stage_cells(one) for one in found],
    )


def _print_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from srcli.cli.output import stdout

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for index, title in enumerate(titles):
        table.add_column(title, justify="left" if index < 2 else "right", no_wrap=True)
    for row in rows:
        table.add_row(*map(escape, row))
    console = stdout()
    console.print()
    console.print(table)


def _speed_cells(one: Measurement) -> list[str]:
    threads = "thread" if one.threads == 1 else "threads"
    where = one.device if one.threads is None else f"{one.device}, {one.threads} {threads}"
    if one.side_by_side not in (None, 1):
        where += f", {one.side_by_side} at a time"
    spread = (one.slowest_s - one.fastest_s) / one.seconds
    memory = "?" if one.peak_memory_bytes is None else f"{one.peak_memory_bytes / 2**20:.0f} MiB"
    return [
        _name(one),
        where,
        f"{one.input_megapixels_per_s:.3g}",
        f"{one.output_megapixels_per_s:.3g}",
        str(one.repeats),
        f"{spread:.0%}",
        f"{one.raw_share:.0%}",
        "?" if one.peak_share is None else f"{one.peak_share:.0%}",
        memory,
    ]


def _stage_cells(one: Measurement) -> list[str]:
    stages = [f"{1000 * seconds:.0f}" for seconds in one.stages_s.values()]
    in_all = sum(one.stages_s.values())
    tile = "x".join(map(str, one.tile))
    return [_name(one), tile, *stages, f"{1000 * in_all:.0f}", f"{1000 * one.seconds:.0f}"]


def _name(one: Measurement) -> str:
    return f"{one.model} x{one.scale} {one.precision}"
