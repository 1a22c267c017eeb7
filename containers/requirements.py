"""Prints what an image has to install, a line each, as pyproject.toml names it.

    python containers/requirements.py cpu|cuda [EXTRA...]

The package asks for onnxruntime-gpu on x86 Linux, which runs on the CPU too and is far larger; an image for
CPUs has the plain one instead, and srcli itself is then installed without its dependencies.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

RUNTIMES = {"cpu": "onnxruntime", "cuda": "onnxruntime-gpu[cuda,cudnn]"}


def requirements(variant: str, extras: list[str]) -> list[str]:
    """The requirements of a variant with some extras."""
    text = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    runtimes = [each for each in project["dependencies"] if each.startswith("onnxruntime")]
    least = runtimes[0].partition(">=")[2].partition(";")[0]
    others = [each for each in project["dependencies"] if each not in runtimes]
    wanted = [each for extra in extras for each in project["optional-dependencies"][extra]]
    return [*others, f"{RUNTIMES[variant]}>={least}", *wanted]


if __name__ == "__main__":
    print("\n".join(requirements(sys.argv[1], sys.argv[2:])))
