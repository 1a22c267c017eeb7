"""Pixels of real files: what srcli makes of them at x2 by `nearest`, against other decoders.

    python tests/benchmarks/real_pixels.py FOLDER... > pixels.jsonl

Every second pixel of each result is compared with what a decoder gives that srcli does not use for the
format: OpenCV for PNG, JPEG, WebP, BMP and Netpbm, tifffile with imagecodecs for TIFF, libheif through
libvips for AVIF, libnsgif through libvips for GIF, ffmpeg for HEIC; Pillow where those read nothing.
One JSON line for each file that is not identical, and one of totals.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pyvips
import tifffile
from PIL import Image, ImageOps

from srcli.imaging.formats import READABLE_EXTENSIONS

NEAR = 3
SUFFIXES = frozenset({*READABLE_EXTENSIONS, ".mpo"} - {".jxl"})


def main() -> None:
    """Compare the pictures below folders."""
    options = _options()
    totals: Counter[str] = Counter()
    files = [path for folder in options.folders for path in sorted(folder.rglob("*"))]
    files = [path for path in files if path.suffix.lower() in SUFFIXES and path.is_file()]
    for start in range(0, len(files), options.batch):
        for path, end, detail in compare(files[start : start + options.batch], options.command):
            totals[end] += 1
            if end != "identical":
                print(json.dumps({"file": str(path), "end": end, **detail}), flush=True)
    print(json.dumps({"files": len(files), "totals": totals}))


def compare(files: list[Path], command: str) -> list[tuple[Path, str, dict[str, object]]]:
    """How each file compares."""
    with tempfile.TemporaryDirectory() as folder:
        links = []
        for number, path in enumerate(files):
            # Names may clash, and outputs be of other kinds than inputs.
            link = Path(folder) / f"{number:05d}{path.suffix}"
            link.symlink_to(path.resolve())
            links.append(link)
        deep = {".avif", ".heic", ".heif", ".hif"}
        reports: dict[str, dict[str, object]] = {}
        for target, chosen in (
            ("png", [link for link in links if link.suffix.lower() in deep]),
            ("tiff", [link for link in links if link.suffix.lower() not in deep]),
        ):
            if chosen:
                reports |= _upscale(chosen, target, folder, command)
        return [_judge(path, reports.get(str(link))) for path, link in zip(files, links, strict=True)]


def _upscale(links: list[Path], target: str, folder: str, command: str) -> dict[str, dict[str, object]]:
    words = [command, "upscale", *map(str, links), "-o", f"{folder}/out/", "-s", "2", "-m", "nearest"]
    words += ["--format", target, "--json", "--quiet"]
    done = subprocess.run(words, capture_output=True, check=False)
    found = {}
    for line in done.stdout.splitlines():
        report = json.loads(line)
        found[report["input"]] = report
    return found


def _judge(path: Path, report: dict[str, object] | None) -> tuple[Path, str, dict[str, object]]:
    if report is None:
        return path, "no report", {}
    if report["error"]:
        return path, "refused", {"error": str(report["error"]).partition(": ")[2]}
    result, is_ink = read_result(Path(str(report["output"])))
    ours = _with_channels(result)[::2, ::2]
    best: tuple[float, float, str] | None = None
    for name, theirs in others(path):
        measured = distance(ours, _with_channels(theirs), 4 if is_ink else 3)
        if measured is None:
            best = best or (999.0, 999.0, f"{name}: {theirs.shape} for {ours.shape}")
            continue
        if best is None or measured[0] < best[0]:
            best = (*measured, name)
        if measured[0] == 0:
            return path, "identical", {}
    detail: dict[str, object] = {"warnings": report["warnings"]}
    if best is None:
        return path, "read by srcli alone", detail
    detail |= {"largest": round(best[0], 2), "mean": round(best[1], 3), "by": best[2]}
    return path, "near" if best[0] <= NEAR else "apart", detail


def read_result(path: Path) -> tuple[np.ndarray, bool]:
    """The pixels of a file of srcli, and whether they are ink."""
    if path.suffix == ".png":
        return _rgb(cv2.imread(str(path), cv2.IMREAD_UNCHANGED)), False
    with tifffile.TiffFile(path) as file:
        return file.pages[0].asarray(), file.pages[0].photometric == tifffile.PHOTOMETRIC.SEPARATED


def others(path: Path):
    """Names of decoders, and what they make of a file."""
    for name, read in (
        ("tifffile", _by_tifffile),
        ("opencv", _by_opencv),
        ("libvips", _by_libvips),
        ("ffmpeg", _by_ffmpeg),
        ("pillow", _by_pillow),
    ):
        try:
            array = read(path)
        except Exception:
            continue
        if array is not None and array.size:
            yield name, array


def _by_opencv(path: Path) -> np.ndarray | None:
    if path.suffix.lower() in (".tif", ".tiff", ".gif", ".avif"):
        return None
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if image is None:
        return None
    turned = cv2.imread(str(path), cv2.IMREAD_COLOR)
    image = _rgb(image)
    # Only without transparency does OpenCV obey the orientation.
    return _rgb(turned) if turned is not None and turned.shape[:2] != image.shape[:2] else image


def _by_tifffile(path: Path) -> np.ndarray | None:
    with tifffile.TiffFile(path) as file:
        page = next((page for page in file.pages if not page.is_reduced), file.pages[0])
        array = page.asarray()
        if page.planarconfig == 2 and array.ndim == 3:
            array = np.moveaxis(array, 0, -1)
        if page.photometric == 0:
            array = (array == 0) if array.dtype == bool else np.iinfo(array.dtype).max - array
        if page.photometric == 3:
            array = page.colormap[:, array].transpose(1, 2, 0)
        if array.dtype == bool:
            array = array.astype(np.uint8) * 255
        elif page.bitspersample < 8:
            array = (array.astype(np.uint16) * 255 // (2**page.bitspersample - 1)).astype(np.uint8)
        return _turn(array, int(page.tags["Orientation"].value) if "Orientation" in page.tags else 1)


def _turn(array: np.ndarray, orientation: int) -> np.ndarray:
    if orientation in (2, 4):
        array = array[:, ::-1] if orientation == 2 else array[::-1]
    if orientation == 3:
        array = array[::-1, ::-1]
    if orientation > 4:
        array = array.swapaxes(0, 1)
        array = {5: array, 6: array[:, ::-1], 7: array[::-1, ::-1], 8: array[::-1]}[orientation]
    return array


def _by_libvips(path: Path) -> np.ndarray | None:
    if path.suffix.lower() not in (".gif", ".avif", ".tif", ".tiff"):
        return None
    image = pyvips.Image.new_from_file(str(path), access="sequential").autorot()
    array = image.numpy()
    if array.dtype == np.uint16 and path.suffix.lower() == ".avif":
        bits = int(image.get("heif-bitdepth")) if "heif-bitdepth" in image.get_fields() else 12
        array = np.rint(array.astype(float) * (65535 / ((2**bits - 1) << (16 - bits)))).astype(np.uint16)
    return array


def _by_ffmpeg(path: Path) -> np.ndarray | None:
    if path.suffix.lower() not in (".heic", ".heif", ".hif"):
        return None
    import imageio.v3

    return imageio.v3.imread(path, plugin="FFMPEG", index=0)


def _by_pillow(path: Path) -> np.ndarray | None:
    with Image.open(path) as image:
        image = ImageOps.exif_transpose(image)
        if image.mode in ("P", "PA"):
            image = image.convert("RGBA")
        elif image.mode == "1":
            image = image.convert("L")
        elif image.mode in ("YCbCr", "La", "RGBa", "RGBX"):
            image = image.convert({"La": "LA", "RGBa": "RGBA"}.get(image.mode, "RGB"))
        return np.asarray(image)


def distance(ours: np.ndarray, theirs: np.ndarray, colours: int) -> tuple[float, float] | None:
    """Largest and mean difference in levels of 255, where neither is transparent; None for other shapes."""
    if ours.shape[:2] != theirs.shape[:2] or (colours == 4 and theirs.shape[2] < 4):
        return None
    one, two = _to_levels(ours), _to_levels(theirs)
    alphas = [each[:, :, -1] for each in (one, two) if each.shape[2] in (2, colours + 1)]
    apart = np.abs(_colours(one, colours) - _colours(two, colours))
    if alphas:
        if len(alphas) == 2 and np.abs(alphas[0] - alphas[1]).max() > 1:
            return float(np.abs(alphas[0] - alphas[1]).max()), float(np.abs(alphas[0] - alphas[1]).mean())
        apart = apart[np.minimum.reduce(alphas) > 0]
        if not apart.size:
            return 0.0, 0.0
    return float(apart.max()), float(apart.mean())


def _colours(array: np.ndarray, colours: int) -> np.ndarray:
    """Colours alone, grey as RGB."""
    if array.shape[2] in (1, 2):
        return np.repeat(array[:, :, :1], 3, axis=2)
    return array[:, :, :colours]


def _to_levels(array: np.ndarray) -> np.ndarray:
    if array.dtype == bool:
        return array.astype(float) * 255
    most = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535}.get(array.dtype, 255)
    return array.astype(float) * (255 / most)


def _with_channels(array: np.ndarray) -> np.ndarray:
    return array[:, :, None] if array.ndim == 2 else array


def _rgb(image: np.ndarray) -> np.ndarray:
    if image.ndim == 3 and image.shape[2] >= 3:
        return image[:, :, [2, 1, 0, 3][: image.shape[2]]]
    return image


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--batch", type=int, default=40, help="files of one process")
    parser.add_argument("--command", default=str(Path(sys.executable).with_name("srcli")))
    return parser.parse_args()


if __name__ == "__main__":
    main()
