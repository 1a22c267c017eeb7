"""Metadata of real files, tag by tag against exiftool: what is kept, what follows the pixels, what is lost.

    python tests/benchmarks/real_metadata.py FOLDER [FOLDER...] --scratch /tmp/sweep > real.jsonl

Each picture below the folders is planned at twice its size for its own format, PNG, JPEG, WebP and TIFF, and
a small picture is written with the metadata of that plan. One JSON line for each file and format: tags that
are gone or changed and aren't about the file itself, and the warnings. At the end a line of totals.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np

from srcli.core.errors import SrcliError
from srcli.core.geometry import Size
from srcli.imaging.decode import open_picture
from srcli.imaging.encode import encode_picture, plan_encoding
from srcli.imaging.formats import READABLE_EXTENSIONS
from srcli.imaging.picture import Frame

Tags = dict[str, object]
TARGETS = ("png", "jpg", "webp", "tif")
# Groups about the file as a file, the thumbnail, and what exiftool computes.
FILE_GROUPS = frozenset({"System", "File", "ExifTool", "Composite", "IFD1", "IFD2", "SubIFD", "ICC_Profile"})
# Pixels, strips, how they are compressed, and what exiftool says of the structure.
STORAGE = frozenset(
    [
        "ImageWidth",
        "ImageHeight",
        "BitsPerSample",
        "BitDepth",
        "ColorType",
        "Compression",
        "Filter",
        "Interlace",
        "ColorComponents",
        "PhotometricInterpretation",
        "StripOffsets",
        "SamplesPerPixel",
        "RowsPerStrip",
        "StripByteCounts",
        "PlanarConfiguration",
        "Predictor",
        "FillOrder",
        "SubfileType",
        "OldSubfileType",
        "TileWidth",
        "TileLength",
        "TileOffsets",
        "TileByteCounts",
        "ExtraSamples",
        "SampleFormat",
        "YCbCrSubSampling",
        "YCbCrPositioning",
        "YCbCrCoefficients",
        "ReferenceBlackWhite",
        "JPEGTables",
        "ColorMap",
        "T4Options",
        "T6Options",
        "Orientation",
        "ExifByteOrder",
        "JFIFVersion",
        "ThumbnailOffset",
        "ThumbnailLength",
        "ThumbnailImage",
        "PageNumber",
        "MPFVersion",
        "Padding",
        "SRGBRendering",
        "SignificantBits",
        "Palette",
        "Transparency",
    ]
)


def plan(path: Path, target: str, out: Path) -> tuple[str, ...]:
    """Write a small picture with the metadata of a plan at twice the size; the warnings of that plan."""
    with open_picture(path) as picture:
        info = picture.info
    size = Size(2 * info.size.height, 2 * info.size.width)
    encoding = plan_encoding(info, size, format=target, quality=None, strip=False)
    colour = np.full((9, 7, encoding.mode.channels), 0.5, np.float32)
    alpha = np.ones((9, 7), np.float32) if encoding.has_alpha else None
    if encoding.to_srgb:
        colour = np.full((9, 7, info.mode.channels), 0.5, np.float32)
    frames = [Frame(colour, alpha)] * encoding.frames
    encode_picture(out, frames[:1] if not encoding.animated else frames, encoding)
    return (*info.notes, *encoding.warnings)


def read_tags(folder: Path) -> dict[str, dict[str, object]]:
    """Tags and values of all files right in a folder, as exiftool reads them."""
    command = ["exiftool", "-j", "-n", "-a", "-G1", "-q", "-q", "-api", "LargeFileSupport=1", str(folder)]
    out = subprocess.run(command, capture_output=True, check=False).stdout
    return {Path(entry["SourceFile"]).name: entry for entry in json.loads(out or b"[]")}


def names(entry: dict[str, object]) -> dict[str, list[object]]:
    """Values by the name of their tag, without its group, which differs between formats."""
    found: dict[str, list[object]] = {}
    for key, value in entry.items():
        group, _, name = key.rpartition(":")
        if group and group not in FILE_GROUPS and not group.startswith("MPImage") and name not in STORAGE:
            found.setdefault(name, []).append(value)
    return found


def differences(
    before: dict[str, object], after: dict[str, object]
) -> tuple[list[str], dict[str, list[object]]]:
    """Tags that are gone, and those with another value."""
    old, new = names(before), names(after)
    gone = sorted(name for name in old if name not in new)
    changed = {
        name: [old[name][0], new[name][0]]
        for name in old
        if name in new and not {str(value) for value in old[name]} & {str(value) for value in new[name]}
    }
    return gone, changed


def main() -> None:
    """Sweep the folders."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--scratch", type=Path, required=True)
    arguments = parser.parse_args()
    totals: Counter[str] = Counter()
    paths = [path for folder in arguments.folders for path in sorted(folder.rglob("*"))]
    paths = [path for path in paths if path.suffix.lower() in READABLE_EXTENSIONS]
    (arguments.scratch / "before").mkdir(parents=True, exist_ok=True)
    warnings: dict[tuple[str, str], tuple[str, ...]] = {}
    for number, path in enumerate(paths):
        name = f"{number}-{path.name}"
        link = arguments.scratch / "before" / name
        link.unlink(missing_ok=True)
        link.symlink_to(path.resolve())
        for target in ("own", *TARGETS):
            folder = arguments.scratch / target
            folder.mkdir(exist_ok=True)
            try:
                wanted = target if target != "own" else None
                out = folder / f"{name}.{target if wanted else path.suffix[1:]}"
                warnings[name, target] = plan(path, wanted, out)
            except SrcliError as error:
                totals["refused"] += target == "own"
                if target == "own":
                    print(json.dumps({"file": str(path), "refused": str(error)}))
                break
    before = read_tags(arguments.scratch / "before")
    for target in ("own", *TARGETS):
        after = read_tags(arguments.scratch / target)
        for number, path in enumerate(paths):
            name = f"{number}-{path.name}"
            if (name, target) not in warnings:
                continue
            entry = next((value for key, value in after.items() if key.rsplit(".", 1)[0] == name), {})
            gone, changed = differences(before.get(name, {}), entry)
            said = warnings[name, target]
            totals[f"{target}: files"] += 1
            totals[f"{target}: tags"] += len(names(before.get(name, {})))
            totals[f"{target}: gone"] += len(gone)
            totals[f"{target}: gone without a warning"] += 0 if said else len(gone)
            totals[f"{target}: changed"] += len(changed)
            line = {"file": str(path), "target": target, "gone": gone, "changed": changed, "warnings": said}
            print(json.dumps(line, default=str))
    print(json.dumps({"totals": totals}))


if __name__ == "__main__":
    main()
