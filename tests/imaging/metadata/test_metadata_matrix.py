"""Every kind of metadata from every format to every format, as exiftool sees it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import defaultdict
from io import BytesIO
from pathlib import Path

import corpus
import metadata_samples
import numpy as np
import pytest

from srcli.core.geometry import Size
from srcli.imaging.decode import open_picture
from srcli.imaging.encode import encode_picture, plan_encoding
from srcli.imaging.formats import FORMATS
from srcli.imaging.picture import Frame

PAGE = Path(__file__).resolve().parents[3] / "docs" / "metadata.md"
# A word by which a warning names each kind that was lost.
WORDS = {
    "EXIF": "EXIF data",
    "XMP": "XMP data",
    "IPTC": "IPTC data",
    "Photoshop": "Photoshop resources",
    "resolution": "resolution",
    "shape": "shape of the pixels",
    "comment": "text",
    "text": "text",
    "place": "place on the map",
    "maker's": "JPEG segments APP12 Ducky",
    "time": "PNG chunks tIME",
}

pytestmark = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="no exiftool: apt-get install libimage-exiftool-perl"
)


def enlarge(data, format_name):
    """A picture twice as large in another format, and the warnings of its plan."""
    with open_picture(data) as picture:
        info = picture.info
        size = Size(2 * info.size.height, 2 * info.size.width)
        encoding = plan_encoding(info, size, format=format_name, quality=None, strip=False)
        colour = next(iter(picture.frames())).colour.repeat(2, axis=0).repeat(2, axis=1)
        buffer = BytesIO()
        encode_picture(buffer, [Frame(np.ascontiguousarray(colour), None)], encoding)
    return buffer.getvalue(), (*info.notes, *encoding.warnings)


def exiftool(folder):
    """What exiftool says of all files in a folder: by name, lists of (group, value) by tag."""
    command = ["exiftool", "-j", "-n", "-a", "-G0:4", "-struct", "-charset", "iptc=utf8", str(folder)]
    out = subprocess.run(command, capture_output=True, check=False, timeout=120).stdout
    said = {}
    for entry in json.loads(out):
        tags = defaultdict(list)
        for key, value in entry.items():
            group, _, tag = key.rpartition(":")
            tags[tag].append((group.split(":")[0], value))
        _flatten_regions(tags)
        _derive_density(tags)
        said[Path(entry["SourceFile"]).name] = tags
    return said


def _flatten_regions(tags):
    for _, info in list(tags.get("RegionInfo", ())):
        tags["RegionAppliedToDimensionsW"].append(("XMP", info["AppliedToDimensions"]["W"]))
        tags["RegionAreaX"].append(("XMP", info["RegionList"][0]["Area"]["X"]))


def _derive_density(tags):
    """Pixels per inch, and how long pixels are for their breadth, in whatever way they are told."""
    for axis in "XY":
        for group, name in (("PNG", f"PixelsPerUnit{axis}"), ("BMP", f"PixelsPerMeter{axis}")):
            tags[f"{axis}Resolution"] += [(group, value * 0.0254) for _, value in tags.get(name, ())]
    ratios = [value for _, value in tags.get("PixelAspectRatio", ())]
    pairs = zip(tags["XResolution"], tags["YResolution"], strict=True)
    ratios += [down[1] / across[1] for across, down in pairs]
    tags["shape"] += [("any", max(ratio, 1 / ratio)) for ratio in ratios]


def find(tags, name, value):
    """The groups in which a tag has a value."""
    return [group for group, found in tags.get(name, ()) if _alike(found, value)]


def _alike(found, value):
    if isinstance(found, float):
        return found == pytest.approx(value, abs=0.02)
    return str(found) == str(value)


def status(sample, before, after, warnings):
    """Whether the metadata of a sample is kept, converted, warned of or lost."""
    found = [find(after, name, value) for name, value in sample.tags.items()]
    if all(found):
        groups = {group for name in sample.tags for group, _ in before.get(name, ())}
        return "kept" if groups & set(found[0]) else "converted"
    word = WORDS[sample.kind.replace(",", "").split()[0]]
    return "warned" if any(word in warning for warning in warnings) else "LOST"


@pytest.fixture(scope="module")
def matrix(tmp_path_factory):
    """Status by sample, then by format."""
    folder = tmp_path_factory.mktemp("matrix")
    samples, warnings = metadata_samples.all_samples(), {}
    for number, sample in enumerate(samples):
        (folder / f"{number}{corpus.EXTENSIONS[sample.format]}").write_bytes(sample.data)
        for name in FORMATS:
            data, said = enlarge(sample.data, name)
            (folder / f"{number}-{name}{corpus.EXTENSIONS[name]}").write_bytes(data)
            warnings[number, name] = said
    said = exiftool(folder)
    return {
        sample.name: {
            name: status(
                sample,
                said[f"{number}{corpus.EXTENSIONS[sample.format]}"],
                said[f"{number}-{name}{corpus.EXTENSIONS[name]}"],
                warnings[number, name],
            )
            for name in FORMATS
        }
        for number, sample in enumerate(samples)
    }


def as_table(matrix):
    lines = [f"| | {' | '.join(FORMATS)} |", f"|---|{'---|' * len(FORMATS)}"]
    lines += [f"| {name} | {' | '.join(row.values())} |" for name, row in matrix.items()]
    return lines


def test_nothing_is_lost_in_silence(matrix):
    table = as_table(matrix)
    print("\n".join(table))
    lost = [(name, target) for name, row in matrix.items() for target, cell in row.items() if cell == "LOST"]
    assert not lost


def test_every_format_keeps_what_it_holds_itself(matrix):
    for sample in metadata_samples.all_samples():
        assert matrix[sample.name][sample.format] == "kept", sample.name


def test_the_page_shows_the_matrix(matrix):
    page = PAGE.read_text().splitlines()
    missing = [line for line in as_table(matrix) if line not in page]
    assert not missing, "\n".join(missing)
