"""``srcli train``: photographs in, a generator's weights out."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from srcli.cli.options import DebugOption, JsonOption
from srcli.core.errors import MissingExtra, UsageError
from srcli.core.names import printable

if TYPE_CHECKING:
    from typing import Self

    from srcli.core.cancel import CancelToken
    from srcli.training.evaluation import Figures
    from srcli.training.log import Entry
    from srcli.training.run import Run
    from srcli.training.trainer import Trainer

_DATA = "Data"
_BUDGET = "Budget"
_RECIPE = "Recipe"
_MACHINE = "Machine"

DEFAULT_MINUTES = 30.0


def train(
    photographs: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="Photographs to train on, with the folders below."),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="RUN",
            help="Folder of the run: checkpoints, log, samples. One that exists is resumed.",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("-c", "--config", metavar="FILE.toml", help="Settings; options override them."),
    ] = None,
    architecture: Annotated[
        str | None,
        typer.Option(
            "-a",
            "--architecture",
            metavar="NAME",
            help="fast (default), plain, balanced, best, unshuffled, refined, refined-wide, edsr, "
            "edsr-large, srgan, srgan-nearest, rir, swish.",
            rich_help_panel=_RECIPE,
        ),
    ] = None,
    scale: Annotated[
        int | None,
        typer.Option("-s", "--scale", help="2, 3, 4 (default), or 1 to repair.", rich_help_panel=_RECIPE),
    ] = None,
    start_from: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="RUN|FILE.onnx|NAME",
            help="Start from the weights of a run, a checkpoint, an exported generator or an installed one.",
            rich_help_panel=_RECIPE,
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option("--minutes", help="Training time; 30 by default.", rich_help_panel=_BUDGET),
    ] = None,
    steps: Annotated[
        int | None, typer.Option("--steps", help="Steps instead of minutes.", rich_help_panel=_BUDGET)
    ] = None,
    degradation: Annotated[
        str | None,
        typer.Option(
            "--degradation",
            metavar="bicubic|compressed|everyday|gaussian|real",
            help="How low-resolution pictures are made; bicubic by default.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    low_resolution: Annotated[
        Path | None,
        typer.Option(
            "--low",
            metavar="FOLDER",
            help="Low-resolution pictures under the names of the photographs, instead of a degradation.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    crop: Annotated[
        int | None,
        typer.Option("--crop", help="Side of the crops in high-resolution pixels.", rich_help_panel=_DATA),
    ] = None,
    batch: Annotated[
        int | None, typer.Option("--batch", help="Crops in a step.", rich_help_panel=_DATA)
    ] = None,
    loss: Annotated[
        list[str] | None,
        typer.Option(
            "--loss",
            metavar="NAME=WEIGHT",
            help="l1, mse, fft, vgg, artefacts, consistency; may be repeated. l1=1 by default.",
            rich_help_panel=_RECIPE,
        ),
    ] = None,
    perception: Annotated[
        Path | None,
        typer.Option(
            "--perception",
            metavar="FILE.npz",
            help="Weights of VGG-16 for the loss vgg.",
            rich_help_panel=_RECIPE,
        ),
    ] = None,
    adversary: Annotated[
        str | None,
        typer.Option(
            "--adversary",
            metavar="bce|least-squares|relativistic",
            help="Train against a discriminator as well.",
            rich_help_panel=_RECIPE,
        ),
    ] = None,
    device: Annotated[
        str | None, typer.Option("--device", metavar="cpu|cuda", rich_help_panel=_MACHINE)
    ] = None,
    threads: Annotated[
        int | None, typer.Option("--threads", help="CPU threads.", rich_help_panel=_MACHINE)
    ] = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Train a generator on photographs; stop it at any time, and the same command goes on.

    Examples:

        srcli train photos/ -o runs/mine -s 4 --minutes 60

        srcli train scans/ -o runs/scans -s 4 --from fast --minutes 20

        srcli export runs/mine -o mine-x4.onnx
    """
    _require_libraries()
    # Threads that wait by spinning waste a machine that they share: 7.2 CPU seconds for steps that take 3.3
    # this way. PyTorch reads it when it is imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from srcli.training.run import train as train_run
    from srcli.training.toml_config import build_config

    options = {
        "photographs": photographs and str(photographs),
        "run": run and str(run),
        "architecture": architecture,
        "scale": scale,
        "start_from": start_from and str(start_from),
        "minutes": minutes,
        "steps": steps,
        "degradation": degradation,
        "low_resolution": low_resolution and str(low_resolution),
        "crop": crop,
        "batch": batch,
        "losses": _weights(loss),
        "perception": perception and str(perception),
        "adversary": {"loss": adversary} if adversary else None,
        "device": device,
        "threads": threads,
    }
    merged = _merge(config, options)
    try:
        settings = build_config(merged)
    except UsageError as error:
        if config is None:
            raise
        where = f"in {printable(config)}, or in an option beside it"
        raise UsageError(f"{error.message} ({where})", error.hint) from error
    with _Watch(json=json) as watch:
        trainer = train_run(settings, watch.measured, _cancel_by_signal(), watch)
    return _finish(trainer.consumed() >= 1, trainer.steps, settings.run)


def _cancel_by_signal() -> CancelToken:
    """A token that the first interrupt or termination cancels, so that a last checkpoint is written."""
    from srcli.core.cancel import CancelToken

    token = CancelToken()

    def cancel(number: int, _frame: object) -> None:
        token.cancel()
        # A second one ends the process as usual.
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, cancel)
    return token


def _require_libraries() -> None:
    from importlib.util import find_spec

    # Both at once: whoever has PyTorch for importing would train for a while before the plot fails.
    if not all(find_spec(library) for library in ("torch", "matplotlib")):
        raise MissingExtra("srcli train", extra="train")


def _merge(config: Path | None, options: dict[str, Any]) -> dict[str, Any]:
    """The file's settings under the options', and defaults for what a quick start leaves out."""
    from srcli.training.toml_config import read_settings

    given = {name: value for name, value in options.items() if value is not None}
    settings = {**(read_settings(config) if config else {}), **given}
    # A budget on the command line replaces the file's, whichever of the two that is.
    for budget, other in (("minutes", "steps"), ("steps", "minutes")):
        if budget in given and other not in given:
            settings.pop(other, None)
    if "minutes" not in settings and "steps" not in settings:
        settings["minutes"] = DEFAULT_MINUTES
    for name, what in (("photographs", "a folder of photographs"), ("run", "a folder for the run (-o)")):
        if name not in settings:
            raise UsageError(f"srcli train needs {what}", hint="srcli train photos/ -o runs/mine")
    return {"architecture": "fast", "scale": 4, **settings}


def _weights(losses: list[str] | None) -> dict[str, float] | None:
    if not losses:
        return None
    return dict(_weight(loss) for loss in losses)


def _weight(loss: str) -> tuple[str, float]:
    name, _, number = loss.partition("=")
    try:
        return name, float(number or 1)
    except ValueError:
        raise UsageError(f"the weight of '{loss}' is no number", hint="for example --loss l1=1") from None


class _Watch:
    """Tells what will be done and how good the generator is, and shows a bar from the first step on."""

    def __init__(self, *, json: bool) -> None:
        from srcli.cli.progress import Bars

        self._json = json
        self._bars = Bars(0, shown=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: Any) -> None:  # noqa: ANN401
        self._bars.__exit__(*failure)

    def prepared(self, run: Run, before: Figures) -> None:
        """Tell what will be done."""
        from srcli.cli.output import say

        trainer, config = run.trainer, run.trainer.config
        weights = sum(weight.numel() for weight in trainer.generator.parameters())
        budget = f"{config.steps} steps" if config.steps is not None else f"{config.minutes:g} minutes"
        done = f", {trainer.consumed():.0%} of which are done" if trainer.steps else ""
        say(
            f"{config.architecture} x{config.scale} ({weights:,} weights) on {run.photographs} photographs, "
            f"measured on {run.held_out} {'other' if run.held_out == 1 else 'others'}, for {budget}{done}; "
            f"a figure every {config.epoch_steps} steps"
        )
        if trainer.started_from:
            say(f"starts from {trainer.started_from}")
        say(f"step {trainer.steps}, before: {_figures(before)}")

    def stepped(self, trainer: Trainer) -> None:
        """Move the bar."""
        from srcli.core.events import STEP

        config = trainer.config
        if config.steps is not None:
            self._bars.progress("", STEP, trainer.steps, config.steps)
        else:
            # As many steps as fit into the minutes, at the pace so far.
            steps = max(trainer.steps, round(trainer.steps / max(1e-9, trainer.consumed())))
            self._bars.progress("", STEP, trainer.steps, steps)

    def measured(self, entry: Entry) -> None:
        """Print an entry of the log."""
        import dataclasses

        from srcli.cli.output import emit_json, say

        with self._bars.paused():
            if self._json:
                emit_json(dataclasses.asdict(entry))
            else:
                moment = f"step {entry.step}, {entry.seconds / 60:.1f} min"
                say(f"{moment}: loss {entry.loss:.5f}, {_figures(entry)}")


def _figures(found: Entry | Figures) -> str:
    return f"PSNR {found.psnr_db:.2f} dB, SSIM {found.ssim:.4f}, MSE {found.mse:.2f}"


def _finish(complete: bool, steps: int, run: Path) -> int:
    from srcli.cli.output import say

    if complete:
        say(f"done after {steps} steps; next: srcli export {run} -o NAME.onnx")
        return 0
    say(f"stopped after {steps} steps; the same command goes on from there")
    return 130
