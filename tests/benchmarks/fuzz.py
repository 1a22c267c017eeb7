#!/usr/bin/env python3
"""Feed mutated files to everything that reads what strangers wrote: only srcli's own errors may come out.

    python tests/benchmarks/fuzz.py --minutes 60 [--seeds FOLDER] > fuzz.jsonl

Seeds are the pictures of the tests, small networks, cards and settings, and whatever lies in ``--seeds``.
Each target runs in a process of its own, in turn with the others; an input that ends it, takes more than
``--limit`` seconds of processor time, makes a library talk or raises anything but ``SrcliError`` is kept in
``--keep`` and told in a JSON line. At the end a line of totals for each target. Minutes are processor time.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

if TYPE_CHECKING:
    from collections.abc import Callable

TURN_S = 20.0
WAITING = 20
MAX_PIXELS = 10**6
EDGES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
WORDS = (b"nan", b"inf", b"-1", b"1e999", b"null", b"[]", b"{}", b'""', b"9" * 400, b"\\u0000", b"\n", b"\0")
LONGEST = 200_000


def main() -> None:
    """Run the targets in turn until the time is spent."""
    options = _options()
    if options.target:
        _work(options)
        return
    options.keep.mkdir(parents=True, exist_ok=True)
    totals: dict[str, Counter[str]] = {name: Counter() for name in TARGETS}
    spent, turn = 0.0, options.turn
    with suppress(KeyboardInterrupt):
        while spent < options.minutes * 60:
            for name in TARGETS:
                spent += _take_turn(name, turn, totals[name], options)
            turn += 1
    print(json.dumps({"processor_minutes": round(spent / 60, 1)}))
    for name, counts in totals.items():
        print(json.dumps({"target": name, **counts}), flush=True)


def _take_turn(name: str, turn: int, counts: Counter[str], options: argparse.Namespace) -> float:
    """Let one target run for a while; the processor seconds it took."""
    with tempfile.TemporaryDirectory() as folder:
        current = Path(folder) / "current"
        words = [sys.executable, __file__, "--target", name, "--turn", str(turn), "--keep", folder]
        words += ["--seeds", str(options.seeds)] if options.seeds else []
        before = os.times()
        with (Path(folder) / "noise").open("w+b") as noise:
            process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=noise, text=True)
            try:
                how = _watch(process, current, options.limit)
            finally:
                process.kill()
                process.wait()
            told = (process.stdout.read() if process.stdout else "").splitlines()
            noise.seek(0)
            said = noise.read()[-2000:].decode(errors="replace")
        for line in told:
            report = json.loads(line)
            counts["inputs"] += report.pop("inputs", 0)
            counts["refused"] += report.pop("refused", 0)
            if report:
                _keep(name, report["how"], bytes.fromhex(report["data"]), report["what"], counts, options)
        if how or (said and not any("how" in line for line in told)):
            data = current.read_bytes() if current.exists() else b""
            _keep(name, how or "noise", data, said, counts, options)
        after = os.times()
        return (after.children_user + after.children_system) - (before.children_user + before.children_system)


def _watch(process: subprocess.Popen[str], current: Path, limit_s: float) -> str:
    """Wait for a process; how it ended where not by itself.

    An input hangs by the processor time it takes: on a busy machine the wall tells of the neighbours. What
    waits for ever takes none, so that the wall has a limit as well, a wide one.
    """
    begun, cpu_then, wall_then = 0.0, 0.0, time.monotonic()
    while process.poll() is None:
        time.sleep(1.0)
        cpu_s, wall_s = _processor_s(process.pid), time.monotonic()
        changed = current.stat().st_mtime if current.exists() else 0.0
        if changed != begun:
            begun, cpu_then, wall_then = changed, cpu_s, wall_s
        if cpu_s - cpu_then > limit_s or wall_s - wall_then > WAITING * limit_s:
            process.kill()
            process.wait()
            return "hang"
    code = process.returncode
    return "" if code == 0 else signal.Signals(-code).name if code < 0 else f"code {code}"


def _processor_s(pid: int) -> float:
    """Processor seconds that a process and those it started have taken; 0 where it has ended."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
        return sum(one.user + one.system + one.children_user + one.children_system for one in times)
    return 0.0


def _keep(
    name: str, how: str, data: bytes, what: str, counts: Counter[str], options: argparse.Namespace
) -> None:
    counts[how] += 1
    path = options.keep / f"{name}-{how.split()[0]}-{counts[how]}"
    path.write_bytes(data)
    print(json.dumps({"target": name, "how": how, "file": str(path), "what": what[-600:]}), flush=True)


def _work(options: argparse.Namespace) -> None:
    """Mutate and read for one turn, in a process of its own."""
    from srcli.core.errors import SrcliError

    make_seeds, read = TARGETS[options.target]
    # As the command line does: Pillow warns of what it then ignores.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    dice = random.Random(f"{options.target} {options.turn}")
    with tempfile.TemporaryDirectory() as folder:
        seeds = make_seeds(Path(folder))
        if options.seeds and options.target == "pictures":
            seeds += [path.read_bytes() for path in options.seeds.rglob("*") if _is_small(path)]
        current, inputs, refused = options.keep / "current", 0, 0
        end = time.process_time() + TURN_S
        while time.process_time() < end:
            data = mutate(dice.choice(seeds), dice, seeds)
            current.write_bytes(data)
            inputs += 1
            try:
                read(data, Path(folder))
            except SrcliError as error:
                refused += 1
                if len(error.message) > 2000:
                    _tell("long message", data, error.message)
            except Exception as error:
                _tell(type(error).__name__, data, repr(error))
    print(json.dumps({"inputs": inputs, "refused": refused}), flush=True)


def _tell(how: str, data: bytes, what: str) -> None:
    print(json.dumps({"how": how, "data": data.hex(), "what": what}), flush=True)


def _is_small(path: Path) -> bool:
    return path.is_file() and 0 < path.stat().st_size < LONGEST


def mutate(data: bytes, dice: random.Random, others: list[bytes]) -> bytes:
    """Some small changes at places that are more often near the start."""
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 3, 6, 12))):
        place = int(len(changed) * dice.random() ** dice.choice((1, 3)))
        dice.choice(_CHANGES)(changed, place, dice, others)
    return bytes(changed[:LONGEST])


def _set_byte(data: bytearray, place: int, dice: random.Random, _others: list[bytes]) -> None:
    data[place : place + 1] = bytes([dice.randrange(256)])


def _flip_bit(data: bytearray, place: int, dice: random.Random, _others: list[bytes]) -> None:
    if place < len(data):
        data[place] ^= 1 << dice.randrange(8)


def _set_number(data: bytearray, place: int, dice: random.Random, _others: list[bytes]) -> None:
    value, kind = dice.choice(EDGES), dice.choice(("<H", ">H", "<I", ">I"))
    number = struct.pack(kind, value & (0xFFFF if kind[1] == "H" else 0xFFFFFFFF))
    data[place : place + len(number)] = number


def _cut(data: bytearray, place: int, dice: random.Random, _others: list[bytes]) -> None:
    del data[place : place + dice.choice((1, 4, 30, len(data)))]


def _repeat(data: bytearray, place: int, dice: random.Random, _others: list[bytes]) -> None:
    part = data[place : place + dice.choice((1, 12, 200, 2000))]
    data[place:place] = part * dice.choice((1, 2, 50))


def _splice(data: bytearray, place: int, dice: random.Random, others: list[bytes]) -> None:
    other = dice.choice(others)
    start = dice.randrange(len(other) + 1)
    data[place : place + dice.choice((0, 30))] = other[start : start + dice.choice((8, 100, 3000))]


def _insert_word(data: bytearray, place: int, dice: random.Random, _others: list[bytes]) -> None:
    data[place : place + dice.choice((0, 1, 3))] = dice.choice(WORDS)


_CHANGES = (_set_byte, _flip_bit, _set_number, _cut, _repeat, _splice, _insert_word)


def _pictures(_folder: Path) -> list[bytes]:
    import corpus

    seeds = [sample.data for sample in corpus.all_samples()]
    seeds += [corpus.animation(name) for name in ("GIF", "PNG", "WEBP")]
    seeds += [corpus.oriented_file(index % 8 + 1, name) for index, name in enumerate(("PNG", "TIFF", "JPEG"))]
    return seeds + list(corpus.nasty_files().values())


def _read_picture(data: bytes, folder: Path) -> None:
    from srcli.core.errors import InputError
    from srcli.imaging.decode import open_picture

    path = folder / "picture"
    path.write_bytes(data)
    with open_picture(path, max_pixels=MAX_PIXELS, limit_s=20.0) as picture:
        if picture.info.frames > 50:
            raise InputError("more frames than there is time for")
        for frame in picture.frames():
            assert frame.colour.shape[:2] == picture.info.size, "another size than the header's"
        if picture.in_rows:
            assert sum(len(band.colour) for band in picture.bands(0)) == picture.info.size.height, "rows"


def _plan_picture(data: bytes, folder: Path) -> None:
    """Metadata on their way: what a file says is made to follow pixels, and written."""
    from srcli.core.geometry import Size
    from srcli.imaging.decode import open_picture
    from srcli.imaging.encode import encode_picture, plan_encoding

    path = folder / "picture"
    path.write_bytes(data)
    with open_picture(path, max_pixels=10**5, limit_s=20.0) as picture:
        size = Size(picture.info.size.height * 2, picture.info.size.width * 2)
        for name in ("PNG", "JPEG", "TIFF", "WEBP"):
            encoding = plan_encoding(picture.info, size, format=name.lower(), quality=None, strip=False)
            if encoding.animated:
                return
            frame = next(picture.frames())
            encode_picture(folder / "written", (frame,), encoding)


def _cards(_folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((ROOT / "weights").glob("*.json"))]


def _read_card(data: bytes, folder: Path) -> None:
    from srcli.cli.models.card import provenance_rows, quality_text
    from srcli.core.card import read_card

    (folder / "card.json").write_bytes(data)
    card = read_card(folder / "card.json")
    card.to_json()
    list(provenance_rows(card)), list(map(quality_text, card.quality))


def _settings(_folder: Path) -> list[bytes]:
    seeds = [path.read_bytes() for path in sorted((ROOT / "recipes").rglob("*.toml"))]
    return [
        *seeds,
        b'photographs = "p"\nrun = "r"\narchitecture = "fast"\nscale = 2\nsteps = 5\n[losses]\nl1 = 1',
    ]


def _read_settings(data: bytes, folder: Path) -> None:
    from srcli.training.toml_config import build_config, read_settings

    (folder / "a.toml").write_bytes(data)
    build_config({"photographs": "p", "run": "r", **read_settings(folder / "a.toml")})


def _graphs(folder: Path) -> list[bytes]:
    from tests import tiny_models

    makers = (tiny_models.nearest, tiny_models.deep, tiny_models.pooled, tiny_models.half, tiny_models.grey)
    return [make(folder / "seed.onnx").read_bytes() for make in makers]


def _read_graph(data: bytes, folder: Path) -> None:
    from srcli.core.errors import DamagedModel
    from srcli.engine.graphs.graph import read_graph
    from srcli.engine.graphs.onnx_file import count_weights, read_opset, read_output
    from srcli.importers.onnx_file import read_onnx

    path = folder / "graph.onnx"
    path.write_bytes(data)
    try:
        count_weights(path), read_opset(data), read_output(data), read_graph(path)
    except ValueError as error:
        raise DamagedModel("as documented") from error
    read_onnx(path)


def _networks(folder: Path) -> list[bytes]:
    from tests.importers.ncnn_files import NcnnFiles

    files = NcnnFiles().convolve("a", "data", 3, 8, "4=1 9=1").convolve("b", "a", 8, 12)
    files.add("PixelShuffle up 1 1 b out 0=2")
    param = files.write(folder)
    head = param.read_bytes()
    return [struct.pack("<I", len(head)) + head + param.with_suffix(".bin").read_bytes()]


def _read_network(data: bytes, folder: Path) -> None:
    from srcli.importers.ncnn.reader import read_ncnn

    length = int.from_bytes(data[:4], "little") % (len(data) + 1)
    (folder / "n.param").write_bytes(data[4 : 4 + length])
    (folder / "n.bin").write_bytes(data[4 + length :])
    read_ncnn(folder / "n.param")


TARGETS: dict[str, tuple[Callable[[Path], list[bytes]], Callable[[bytes, Path], None]]] = {
    "pictures": (_pictures, _read_picture),
    "metadata": (_pictures, _plan_picture),
    "cards": (_cards, _read_card),
    "settings": (_settings, _read_settings),
    "graphs": (_graphs, _read_graph),
    "networks": (_networks, _read_network),
}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0, help="processor time of all targets")
    parser.add_argument("--seeds", type=Path, help="folder of pictures to begin with as well")
    parser.add_argument("--keep", type=Path, default=Path("fuzz"), help="where inputs that fail are kept")
    parser.add_argument("--limit", type=float, default=30.0, help="processor seconds that one input may take")
    parser.add_argument("--target", choices=sorted(TARGETS), help=argparse.SUPPRESS)
    parser.add_argument(
        "--turn", type=int, default=0, help="number of the first turn, which chance depends on"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
