"""Importing srcli, and using it from Python, changes nothing of the process it lives in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

HOST = """
import importlib, logging, os, pkgutil, signal, sys, warnings
from contextlib import suppress
for library in ("numpy", "PIL.Image", "PIL.ImageCms", "onnxruntime", "pyvips", "torch", "onnx",
                "matplotlib.pyplot", "ncnn", "tqdm", "typer", "rich.console", "psutil",
                "platformdirs", "safetensors.torch"):
    with suppress(ImportError):
        importlib.import_module(library)
from PIL import Image
import numpy as np

def state():
    return {
        "limit of Pillow": Image.MAX_IMAGE_PIXELS,
        "warning filters": list(warnings.filters),
        "handlers": {name: list(logging.getLogger(name).handlers) for name in (None, "PIL", "pyvips")},
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "environment": dict(os.environ),
        "floating point": np.geterr(),
        "hooks": (sys.excepthook, sys.unraisablehook, sys.displayhook),
        "path": list(sys.path),
        "folder": os.getcwd(),
    }

before = state()
import srcli
for module in pkgutil.walk_packages(srcli.__path__, "srcli."):
    if module.name != "srcli.__main__":
        with suppress(ImportError):
            importlib.import_module(module.name)
"""
USED = """
larger = srcli.load_generator("fast", scale=2, device="cpu").upscale("tests/data/sample.png")
assert larger.shape == (264, 352, 3)
try:
    srcli.load_generator("fast", device="cpu").upscale("README.md")
except srcli.core.errors.InputError:
    pass
"""
CHECK = """
after = state()
changed = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
sys.exit(f"changed: {changed}" if changed else 0)
"""


def outcome(program):
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


def test_importing_every_module_changes_nothing():
    assert outcome(HOST + CHECK) == (0, "")


def test_upscaling_from_python_changes_nothing():
    assert outcome(HOST + USED + CHECK) == (0, "")
