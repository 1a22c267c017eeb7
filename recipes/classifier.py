"""Trains a small classifier on a folder of classes, for `srcli evaluate --classifier`.

python recipes/classifier.py photos-by-class/ -o classifier.onnx --side 32 --epochs 20

Needs the extra `train` (PyTorch). See docs/judging.md.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from outcome import exit_code_of


def main() -> int:
    """Read the command line, train, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, help="with a folder of pictures for each class")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the ONNX file to write")
    parser.add_argument("--side", type=int, default=32, help="of its input, in pixels")
    parser.add_argument("--epochs", type=int, default=20, help="passes over the pictures")
    parser.add_argument("--seed", type=int, default=0)
    words = parser.parse_args()
    return exit_code_of(lambda: _train(words))


def _train(words: argparse.Namespace) -> None:
    from srcli.training.classifier import ClassifierSettings, train_classifier

    train_classifier(
        words.folder, words.output, ClassifierSettings(words.side, words.epochs, words.seed), _tell
    )


def _tell(epoch: int, loss: float, accuracy: float) -> None:
    print(f"epoch {epoch}: loss {loss:.3f}, accuracy {accuracy:.3f}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
