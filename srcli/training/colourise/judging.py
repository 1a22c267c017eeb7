"""The best weights of a run on photographs that they didn't learn from, at several temperatures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from srcli.training.colourise.chroma import decode
from srcli.training.colourise.training import load_colours
from srcli.training.colourise.verdict import Verdict, judge, summed_up
from srcli.training.colourise.views import read_small, split_view, whole_view

if TYPE_CHECKING:
    from pathlib import Path

TEMPERATURES = (0.25, 0.3, 0.38, 0.5, 0.6, 0.7, 0.8, 1.0)


@torch.no_grad()
def judge_run(run: Path, folder: Path, every: int = 1) -> dict[float, Verdict]:
    """Verdicts by temperature on every n-th coloured photograph of a folder, in the order of their names.

    Raises:
        TrainingError: there is no checkpoint, or no photograph.
        InputError: a file can't be read.
    """
    colours, _ = load_colours(run)
    verdicts: dict[float, list[Verdict]] = {temperature: [] for temperature in TEMPERATURES}
    for photograph in read_small(folder, ())[::every]:
        luma, chroma = (part[None] for part in split_view(whole_view(photograph.levels)))
        logits = colours(luma)
        for temperature, found in verdicts.items():
            found.append(judge(decode(logits, temperature), chroma))
    return {temperature: summed_up(found) for temperature, found in verdicts.items()}
