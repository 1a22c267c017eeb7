"""The picture of a log: loss, PSNR and SSIM over training time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.core.errors import MissingExtra
from srcli.core.files import atomic_path
from srcli.core.silent_imports import import_matplotlib

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from srcli.training.log import Entry


def plot_log(entries: Sequence[Entry], path: Path) -> None:
    """Draw a log as a PNG file.

    Raises:
        MissingExtra: matplotlib is not installed.
        OutputError: the file can't be written.
    """
    try:
        figures = import_matplotlib("matplotlib.figure")
    except ImportError as error:
        raise MissingExtra("the plot of a training log", extra="train") from error
    # A Figure without pyplot needs no display and leaves no global state.
    figure = figures.Figure(figsize=(9, 3), layout="constrained")
    minutes = [entry.seconds / 60 for entry in entries]
    panels = {
        "loss": [entry.loss for entry in entries],
        "PSNR in dB": [entry.psnr_db for entry in entries],
        "SSIM": [entry.ssim for entry in entries],
    }
    for axes, (title, values) in zip(figure.subplots(1, len(panels)), panels.items(), strict=True):
        axes.plot(minutes, values, marker=".")
        axes.set_title(title)
        axes.set_xlabel("training minutes")
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png")
