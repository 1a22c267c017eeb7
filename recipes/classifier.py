"""Trains a small classifier on a folder of classes, for `srcli evaluate --classifier`.

python recipes/classifier.py photos-by-class/ -o classifier.onnx --side 32 --epochs 20

Needs the extra `train` (PyTorch). See docs/judging.md.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from srcli.core.errors import SrcliError


def main() -> int:
    """Read the command line, train, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, help="with a folder of pictures for each class")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the ONNX file to write")
    parser.add_argument("--side", type=int, default=32, help="of its input, in pixels")
    parser.add_argument("--epochs", type=int, default=20, help="passes over the pictures")
    parser.add_argument("--seed", type=int, default=0)
    words = parser.parse_args()
    try:
        from srcli.training.classifier import ClassifierSettings, train_classifier

        settings = ClassifierSettings(words.side, words.epochs, words.seed)
        train_classifier(words.folder, words.output, settings, _tell)
    except ImportError:
        print("error: training needs the extra 'train'\nhint: pip install 'srcli[train]'", file=sys.stderr)
        return 3
    except SrcliError as error:
        print(f"error: {error.message}", file=sys.stderr)
        return error.exit_code
    return 0


def _tell(epoch: int, loss: float, accuracy: float) -> None:
    print(f"epoch {epoch}: loss {loss:.3f}, accuracy {accuracy:.3f}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
