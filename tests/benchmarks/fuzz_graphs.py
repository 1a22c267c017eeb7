#!/usr/bin/env python3
"""Import random small networks of the operators in use: each is imported or refused, none kills a process.

    python tests/benchmarks/fuzz_graphs.py --graphs 2000 --keep FOLDER > graphs.jsonl

A JSON line for each graph that ends as a bug, kills its process or occupies it, with the file that is kept;
at the end the totals, and how often each operator was in a graph that was imported.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

BATCH = 25
LIMIT_S = 60.0
WIDTHS = (3, 4, 8, 12, 16)


class Draft:
    """A graph that is being drawn: a map of some channels, and how much larger than the picture it is."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.numbers = np.random.default_rng(dice.randrange(2**32))
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.last, self.channels = "input", 3

    def add(self, kind: str, inputs: list[str], outputs: int = 1, **attributes: object) -> str:
        """Add an operator; the name of its first output."""
        names = [f"v{len(self.nodes)}_{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[0]

    def weight(self, *shape: int, size: float = 0.2) -> str:
        """Add random weights."""
        return self.constant(self.numbers.normal(0, size, shape).astype(np.float32))

    def constant(self, value: object) -> str:
        """Add a constant, float32 or int64."""
        array = np.asarray(value)
        array = array.astype(np.int64 if array.dtype.kind == "i" else np.float32)
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def convolve(self, source: str, given: int, made: int, **attributes: object) -> str:
        """Add a convolution of a random kernel."""
        kernel = self.dice.choice((1, 1, 3, 3, 3, 5))
        pads = self.dice.choice((kernel // 2, kernel // 2, kernel // 2, 0, 1))
        words = {"pads": [pads] * 4, **attributes}
        return self.add("Conv", [source, self.weight(made, given, kernel, kernel)], **words)


def _convolution(draft: Draft) -> None:
    made = draft.dice.choice(WIDTHS)
    words = {}
    if draft.dice.random() < 0.15:
        words["strides"] = [draft.dice.choice((1, 2, 3))] * 2
    if draft.dice.random() < 0.15:
        words["dilations"] = [draft.dice.choice((2, 3))] * 2
    draft.last = draft.convolve(draft.last, draft.channels, made, **words)
    draft.channels = made


def _depthwise(draft: Draft) -> None:
    weights = draft.weight(draft.channels, 1, 3, 3)
    draft.last = draft.add("Conv", [draft.last, weights], group=draft.channels, pads=[1] * 4)


def _activation(draft: Draft) -> None:
    kind = draft.dice.choice(
        ("Relu", "LeakyRelu", "PRelu", "Sigmoid", "Tanh", "HardSwish", "Gelu", "Clip", "Softplus", "Erf")
    )
    more = {
        "PRelu": lambda: [draft.weight(draft.channels, 1, 1)],
        "Clip": lambda: [draft.constant(0.0), draft.constant(1.0)],
    }
    draft.last = draft.add(kind, [draft.last, *more.get(kind, list)()])


def _pooling(draft: Draft) -> None:
    kernel, stride = draft.dice.choice(((2, 2), (3, 1), (3, 2), (7, 3)))
    kind = draft.dice.choice(("MaxPool", "AveragePool"))
    pads = draft.dice.choice((0, 0, kernel // 2))
    draft.last = draft.add(
        kind, [draft.last], kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pads] * 4,
        ceil_mode=draft.dice.choice((0, 0, 1)),
    )  # fmt: skip


def _squeeze(draft: Draft) -> None:
    mean = draft.add("GlobalAveragePool", [draft.last])
    gate = draft.add("Sigmoid", [draft.convolve(mean, draft.channels, draft.channels, pads=[0] * 4)])
    draft.last = draft.add("Mul", [draft.last, gate])


def _spatial_attention(draft: Draft) -> None:
    wide = draft.dice.choice((8, 16))
    first = draft.add("Conv", [draft.last, draft.weight(wide, draft.channels, 1, 1)])
    small = draft.add("Conv", [first, draft.weight(wide, wide, 3, 3)], strides=[2, 2])
    pooled = draft.add("MaxPool", [small], kernel_shape=[7, 7], strides=[3, 3])
    inner = draft.add("Conv", [pooled, draft.weight(wide, wide, 3, 3)], pads=[1] * 4)
    size = draft.add("Shape", [first])
    large = draft.add("Resize", [inner, "", "", size], mode=draft.dice.choice(("linear", "cubic")))
    gate = draft.add("Sigmoid", [draft.add("Conv", [large, draft.weight(draft.channels, wide, 1, 1)])])
    draft.last = draft.add("Mul", [draft.last, gate])


def _skip(draft: Draft) -> None:
    before = draft.last
    _convolution(draft)
    back = draft.convolve(draft.last, draft.channels, draft.channels)
    draft.last = draft.add(draft.dice.choice(("Add", "Add", "Mul", "Sub")), [back, draft.last])
    if draft.dice.random() < 0.3:
        draft.last, draft.channels = draft.add("Concat", [before, draft.last], axis=1), draft.channels * 2


def _shift(draft: Draft) -> None:
    pads = [0, 0, *(draft.dice.choice((0, 1, 2, 7)) for _ in range(2)), 0, 0, 1, 2]
    mode = draft.dice.choice(("reflect", "edge", "constant"))
    draft.last = draft.add("Pad", [draft.last, draft.constant(pads)], mode=mode)


def _cut(draft: Draft) -> None:
    rim = draft.dice.choice((1, 2, 5))
    parts = [[rim, rim], [draft.dice.choice((-rim, -1, 2**63 - 1))] * 2, [2, 3]]
    draft.last = draft.add("Slice", [draft.last, *map(draft.constant, parts)])


def _split(draft: Draft) -> None:
    if draft.channels % 2:
        return
    first = draft.add("Split", [draft.last], 2, axis=1, num_outputs=2)
    draft.channels //= 2
    draft.last = draft.add("Mul", [first, first[:-1] + "1"])


def _shuffle(draft: Draft) -> None:
    block = draft.dice.choice((2, 2, 3))
    if draft.channels % block**2 == 0 and draft.dice.random() < 0.7:
        draft.last = draft.add("DepthToSpace", [draft.last], blocksize=block, mode="CRD")
        draft.channels //= block**2
    else:
        draft.last = draft.add("SpaceToDepth", [draft.last], blocksize=block)
        draft.channels *= block**2


def _transposed(draft: Draft) -> None:
    kernel, stride, pads = draft.dice.choice(((4, 2, 1), (3, 1, 1), (2, 2, 0), (3, 2, 3)))
    made = draft.dice.choice((3, 8))
    weights = draft.weight(draft.channels, made, kernel, kernel)
    draft.last = draft.add("ConvTranspose", [draft.last, weights], strides=[stride] * 2, pads=[pads] * 4)
    draft.channels = made


def _resize(draft: Draft) -> None:
    factor = draft.dice.choice((2, 2, 3, 0.5, 1.5, 0.1))
    words = {"mode": draft.dice.choice(("nearest", "linear", "cubic"))}
    words["coordinate_transformation_mode"] = draft.dice.choice(("asymmetric", "half_pixel", "align_corners"))
    if draft.dice.random() < 0.1:
        size = draft.constant([1, draft.channels, 32, 32])
        draft.last = draft.add("Resize", [draft.last, "", "", size], **words)
    else:
        factors = draft.constant(np.array([1, 1, factor, factor], np.float32))
        draft.last = draft.add("Resize", [draft.last, "", factors], **words)


def _normalise(draft: Draft) -> None:
    ones = [draft.weight(draft.channels) for _ in range(2)]
    if draft.dice.random() < 0.5:
        draft.last = draft.add("InstanceNormalization", [draft.last, *ones])
        return
    positive = draft.constant(np.full(draft.channels, 0.5, np.float32))
    draft.last = draft.add("BatchNormalization", [draft.last, *ones, ones[0], positive])


def _reduce(draft: Draft) -> None:
    axes = draft.constant(draft.dice.choice(([1], [2, 3], [3])))
    kind = draft.dice.choice(("ReduceMean", "ReduceMax", "ReduceSum", "ReduceL2"))
    draft.last = draft.add("Sub", [draft.last, draft.add(kind, [draft.last, axes], keepdims=1)])


def _attention(draft: Draft) -> None:
    rows = draft.add("Reshape", [draft.last, draft.constant([0, draft.channels, -1])])
    turned = draft.add("Transpose", [rows], perm=[0, 2, 1])
    score = draft.add("Softmax", [draft.add("MatMul", [rows, turned])], axis=-1)
    mixed = draft.add("MatMul", [score, rows])
    draft.last = draft.add("Reshape", [mixed, draft.add("Shape", [draft.last])])


def _windows(draft: Draft) -> None:
    side = draft.dice.choice((2, 4, 8))
    count = draft.dice.choice((2, 4, -1))
    shape = [1, draft.channels, count, side, draft.dice.choice((2, 4)), side]
    parts = draft.add("Reshape", [draft.last, draft.constant(shape)])
    turned = draft.add("Transpose", [parts], perm=[0, 2, 4, 1, 3, 5])
    back = draft.add("Transpose", [draft.add("Relu", [turned])], perm=[0, 3, 1, 4, 2, 5])
    draft.last = draft.add("Reshape", [back, draft.add("Shape", [draft.last])])


PARTS = (
    *[_convolution] * 4, *[_activation] * 4, *[_skip] * 2, _depthwise, _pooling, _squeeze, _spatial_attention,
    _shift, _cut, _split, _shuffle, _transposed, _resize, _normalise, _reduce, _attention, _windows,
)  # fmt: skip


def write_graph(path: Path, seed: int) -> Counter[str]:
    """Write a random network, of which most enlarge pictures; how often it has each operator."""
    dice = random.Random(seed)
    draft = Draft(dice)
    for _ in range(dice.randint(1, 7)):
        dice.choice(PARTS)(draft)
    scale = dice.choice((2, 2, 3, 4))
    picture = draft.add("Resize", ["input", "", draft.constant(np.array([1, 1, scale, scale], np.float32))])
    if dice.random() < 0.8:
        # The detail is brought to the picture's size, as few networks need it and most would not fit without.
        size = draft.add("Shape", [picture], start=2)
        head = draft.add("Shape", [draft.last], end=2)
        size = draft.add("Concat", [head, size], axis=0)
        draft.last = draft.add("Resize", [draft.last, "", "", size], mode="nearest")
    detail = draft.convolve(draft.last, draft.channels, 3)
    little = draft.add("Mul", [detail, draft.constant(np.float32(dice.choice((1e-3, 1e-2, 0.3))))])
    output = draft.add("Add", [picture, little])
    draft.nodes.append(helper.make_node("Identity", [output], ["output"]))
    axes = (1, 3, *dice.choice(((24, 40), (64, 64)))) if dice.random() < 0.2 else ("n", 3, "h", "w")
    given = helper.make_tensor_value_info("input", TensorProto.FLOAT, axes)
    made = helper.make_tensor_value_info("output", TensorProto.FLOAT, ("N", "C", "H", "W"))
    graph = helper.make_graph(draft.nodes, "random", [given], [made], draft.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    path.write_bytes(model.SerializeToString())
    return Counter(node.op_type for node in draft.nodes)


def main() -> None:
    """Import random graphs, a folder of them at a time."""
    options = _options()
    totals: Counter[str] = Counter()
    operators: Counter[str] = Counter()
    refusals: Counter[str] = Counter()
    for first in range(options.first, options.first + options.graphs, BATCH):
        with tempfile.TemporaryDirectory() as folder:
            seeds = range(first, min(first + BATCH, options.first + options.graphs))
            _import_all(Path(folder), seeds, options.keep, (totals, operators, refusals))
        print(f"{seeds.stop - options.first} graphs: {dict(totals)}", file=sys.stderr, flush=True)
    print(json.dumps({"totals": totals, "imported_with": operators, "refusals": refusals.most_common(40)}))


def _import_all(folder: Path, seeds: range, keep: Path, counts: tuple[Counter[str], ...]) -> None:
    from srcli.core.errors import SrcliError
    from srcli.pipeline.importing.importing import ImportRequest, import_models

    totals, operators, refusals = counts
    os.environ["SRCLI_MODELS"] = str(folder / "own")
    files = folder / "graphs"
    files.mkdir()
    kinds = {f"g{seed}.onnx": write_graph(files / f"g{seed}.onnx", seed) for seed in seeds}
    for outcome in import_models(ImportRequest(str(files), limit_s=LIMIT_S, apart=True), lambda _: None):
        how = "imported"
        if outcome.error is not None:
            text = str(outcome.error)
            lost = "the process that was" in text
            how = (
                "refused"
                if isinstance(outcome.error, SrcliError) and not lost
                else "killed"
                if lost
                else "bug"
            )
            refusals[_short(text)] += how == "refused"
        totals[how] += 1
        if how == "imported":
            operators.update(dict.fromkeys(kinds[outcome.source], 1))
        elif how != "refused":
            keep.mkdir(parents=True, exist_ok=True)
            shutil.copy(files / outcome.source, keep)
            notes = getattr(outcome.error, "__notes__", [])
            print(json.dumps({"file": outcome.source, "how": how, "what": text, "notes": notes}), flush=True)


def _short(text: str) -> str:
    """A refusal without its numbers."""
    return "".join("#" if letter.isdigit() else letter for letter in text)[:60]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--graphs", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--keep", type=Path, default=Path("fuzz"), help="where graphs that fail are kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
