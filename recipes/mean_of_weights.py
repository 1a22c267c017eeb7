"""Takes the mean of the weights of a run and of the generator that it went on from.

python recipes/mean_of_weights.py runs/crisp --and photo --share 0.5 -o runs/mean

What an adversary taught is kept in part, and the grid that comes with it goes sooner than the crispness
(network interpolation, arXiv 1809.00219). `srcli export runs/mean` writes the result. Needs the extra `train`
(PyTorch).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from outcome import exit_code_of

from srcli.core.errors import UsageError


def main() -> int:
    """Read the command line, write a checkpoint, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of a run")
    parser.add_argument(
        "--and", dest="other", type=Path, required=True, help="a generator of the same architecture"
    )
    parser.add_argument("--share", type=float, default=0.5, help="of the run's weights, 0..1")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of the new run")
    words = parser.parse_args()
    return exit_code_of(lambda: _mean(words))


def _mean(words: argparse.Namespace) -> None:
    from srcli.training.architectures import build_generator
    from srcli.training.checkpoint import load_checkpoint, save_checkpoint
    from srcli.training.warm_start import start_from

    if not 0.0 <= words.share <= 1.0:
        raise UsageError(f"a share of {words.share:g}, which is not within 0 to 1")
    state = load_checkpoint(words.run)
    other = build_generator(state["architecture"], state["scale"])
    history = start_from(words.other, state["scale"], other)
    theirs = other.state_dict()
    state["average"] = {
        name: words.share * mine + (1 - words.share) * theirs[name] for name, mine in state["average"].items()
    }
    state["started_from"] = f"{1 - words.share:g} of the weights are still those of {history}"
    save_checkpoint(state, state["steps"], words.output)


if __name__ == "__main__":
    sys.exit(main())
