"""Trains the network of `colourise`, which gives grey photographs colour, and writes the generator.

python recipes/colourise.py train photos/ -o runs/colourise --features vgg16.npz --held-out clic --minutes 30
python recipes/colourise.py judge runs/colourise others/
python recipes/colourise.py export runs/colourise -o colourise-x1.onnx --licence "CC BY-SA 4.0"

The encoder first looks at three views of each photograph, a third of a second of a core each, and keeps
what it sees in the folder of the run, 1.3 MB each; the head learns from that. A run goes on where it ended
when it is started again. Needs the extra `train` (PyTorch).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from outcome import exit_code_of

if TYPE_CHECKING:
    from srcli.training.colourise.training import Report


def main() -> int:
    """Read the command line, train or export, and give the exit code."""
    words = _parser().parse_args()
    work = {"train": _train, "judge": _judge, "export": _export}[words.command]
    return exit_code_of(lambda: work(words))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="learn from photographs")
    train.add_argument("folder", type=Path, help="with photographs, searched with its subfolders")
    train.add_argument("-o", "--output", type=Path, required=True, help="folder of the run")
    train.add_argument("--features", type=Path, required=True, help="weights of VGG-16, an npz file")
    train.add_argument("--without", action="append", default=[], help="a subfolder to leave out; repeat")
    train.add_argument("--held-out", action="append", default=[], help="a subfolder to measure on; repeat")
    train.add_argument("--views", type=int, default=3, help="of each photograph")
    train.add_argument(
        "--minutes", type=float, default=60, help="of learning, after all views were looked at"
    )
    train.add_argument("--batch", type=int, default=16, help="views in a step")
    train.add_argument("--threads", type=int, default=0, help="CPU threads; PyTorch's choice by default")
    judge = commands.add_parser("judge", help="measure the best weights at several temperatures")
    judge.add_argument("run", type=Path, help="folder of the run")
    judge.add_argument("folder", type=Path, help="with photographs that were not learnt from")
    judge.add_argument("--every", type=int, default=1, help="take every n-th photograph only")
    export = commands.add_parser("export", help="write the generator and its card")
    export.add_argument("run", type=Path, help="folder of the run")
    export.add_argument("-o", "--output", type=Path, required=True, help="the ONNX file")
    export.add_argument(
        "--temperature", type=float, default=1.0, help="of the mean of classes; lower is patchier"
    )
    export.add_argument("--licence", default="", help="of the weights")
    export.add_argument("--data", default="", help="what it was trained on")
    export.add_argument("--data-licence", default="", help="of that")
    export.add_argument("--overwrite", action="store_true")
    return parser


def _train(words: argparse.Namespace) -> None:
    import torch

    from srcli.training.colourise.training import ColouriseSettings, train_colours

    if words.threads:
        torch.set_num_threads(words.threads)
    settings = ColouriseSettings(
        words.folder,
        words.output,
        words.features,
        tuple(words.without),
        tuple(words.held_out),
        minutes=words.minutes,
        batch=words.batch,
        views=words.views,
    )
    train_colours(settings, _tell, Event())


def _judge(words: argparse.Namespace) -> None:
    from srcli.training.colourise.judging import judge_run

    for temperature, verdict in judge_run(words.run, words.folder, words.every).items():
        print(f"temperature {temperature}: {verdict}")


def _export(words: argparse.Namespace) -> None:
    from srcli.training.colourise.export import Request, export_colours

    card = export_colours(
        Request(
            words.run,
            words.output,
            temperature=words.temperature,
            licence=words.licence,
            data=words.data,
            data_licence=words.data_licence,
            overwrite=words.overwrite,
        )
    )
    print(f"{words.output}: {card.parameters:,} weights", file=sys.stderr)


def _tell(report: Report) -> None:
    print(
        f"step {report.step} ({report.minutes:.1f} min): loss {report.loss:.3f}, held out "
        f"{report.held_out_loss:.3f}, {report.verdict}",
        file=sys.stderr,
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
