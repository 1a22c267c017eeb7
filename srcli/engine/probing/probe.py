"""Finds out how to drive an ONNX file: what it declares, and what it does to small pictures."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.child import Child, ChildLost
from srcli.core.errors import DamagedModel, SizesInside, UnknownModel, UnsuitableModel
from srcli.core.geometry import Size, round_up
from srcli.engine.graphs.emptiness import never_empties, window_too_large
from srcli.engine.graphs.graph import read_graph
from srcli.engine.graphs.liveness import most_live_values
from srcli.engine.graphs.onnx_file import count_weights
from srcli.engine.graphs.pooling import pools_globally
from srcli.engine.graphs.receptive_bound import receptive_bound
from srcli.engine.inference import ort_session
from srcli.engine.inference.batches import infer
from srcli.engine.inference.endable import Deadline, ending_with
from srcli.engine.inference.traits import BYTE, Traits
from srcli.engine.probing.objections import foresee_picture, input_shape, objection
from srcli.engine.probing.receptive_field import measure_receptive_field, windows_agree
from srcli.engine.probing.signature import read_signature

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy.typing as npt

    from srcli.core.arrays import Batch
    from srcli.core.card import ModelCard
    from srcli.engine.graphs.graph import Graph
    from srcli.engine.runtimes.runtime import NativeSession

__all__ = ["Traits", "open_probed", "probe_basics", "probe_model"]

MULTIPLES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
SMALLEST_PROBE = 16
SCALES = range(1, 17)
"""1 is that of a generator that repairs pictures at their size."""
PROBE_LIMIT_S = 60.0
"""The processor time for which a generator with a card may be tried, in this process; few take a second."""
TRIAL_LIMIT_S = 60.0
"""The longest that a picture below the usual size may take."""
DYNAMIC = "export it again with dynamic_axes for height and width, and without int() around sizes in its code"
"""What a person does about sizes in a graph."""
RANGES = (1.0, 255.0)
LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue, ITU-R BT.601."""
GREY = 0.01
"""An output whose channels differ by less than this share of its contrast has no colours."""
CHROMA = 2
_UNTOLD = ", and nothing tells which colours two channels mean"
CHECK_SIDES = (SMALLEST_PROBE, 48, 96)
"""The sides of the test picture, in turn: small ones are little but margin to a network that has one."""
CLOSE = 0.1
"""A generator gives the test picture back, shrunk, within this share of its contrast; larger ones are tried
where it does not."""
UNRELATED = 0.5
"""Beyond this share of the contrast, the output does not show the input."""
MOST_GAIN = 4.0
"""A generator for dark pictures raises contrast by no more than this; 1 in place of 255 is farther off."""
NEGLIGIBLE = 0.003
"""So small an error is no reason to doubt a range; that of 8-bit integers is as large."""
BETTER = 0.08
"""Another range than 1 is taken where it leaves less than this share of the error. Of 75 networks, those made
for 255 leave at most 0.039, the others at least 1.7."""


def probe_model(model: Path, card: ModelCard | None = None, least_side: int | None = None) -> Traits:
    """Measure how to drive a generator, on the CPU.

    Args:
        model: an ONNX file.
        card: what is known already; its receptive field is checked rather than measured, which saves most of
            the time. Where the card's overlap is smaller, tiles are not exact, and that is not checked.
        least_side: the shortest side of a picture to try it on where there is no card; found out by default.

    Raises:
        UnsuitableModel: the file is no picture-to-picture generator that srcli can drive; the message says
            why.
        DamagedModel: the file's graph is broken, its scale is not the one on its card, or it has a card and
            does not come to an end.
        UnknownModel: there is no such file.
    """
    if card is None:
        return _probe_field(model, _state(model), None, least_side, None)
    with ending_with(Deadline(model.name, PROBE_LIMIT_S)):
        traits = _probe_known(model, card)
    if card.scale != traits.scale:
        raise DamagedModel(f"{model} enlarges {traits.scale} times, its card says {card.scale}")
    return traits


def _probe_known(model: Path, card: ModelCard) -> Traits:
    """The traits of a file with a card."""
    state = _state(model)
    field = card.receptive_field
    if field is not None and field <= card.overlap:
        traits = _probe_field(model, state, card.value_range, card.least_side, field)
    else:
        basics = _probe_basics(model, state, card.value_range, card.least_side)
        traits = dataclasses.replace(basics, receptive_field=field)
    if card.whole:
        traits = dataclasses.replace(traits, receptive_field=None, exact=False, whole=True)
    return traits


def probe_basics(model: Path, value_range: float | None = None, least_side: int | None = None) -> Traits:
    """Measure all that drives a generator but how far it looks around, which takes most of the time.

    Args:
        model: an ONNX file.
        value_range: white in its input and output, where that is known.
        least_side: the shortest side of a picture that it is known to take; nothing shorter is tried then.

    Raises:
        UnsuitableModel: the file is no picture-to-picture generator that srcli can drive; the message says
            why.
        DamagedModel: the file's graph is broken.
        UnknownModel: there is no such file.
    """
    return _probe_basics(model, _state(model), value_range, least_side)


def open_probed(
    model: Path, value_range: float | None = None, least_side: int | None = None
) -> tuple[NativeSession, Traits]:
    """A generator on the CPU, and what drives it: opening a large one a second time takes seconds.

    Arguments and errors are those of :func:`probe_basics`.
    """
    _state(model)
    return _open_probed(model, value_range, least_side)


def _state(model: Path) -> tuple[int, int]:
    """When a file was changed, in nanoseconds, and its size in bytes."""
    try:
        state = model.stat()
    except OSError as error:
        raise UnknownModel(f"cannot read the model file {model}: {error.strerror}") from error
    return state.st_mtime_ns, state.st_size


@functools.lru_cache(maxsize=16)
def _probe_basics(
    model: Path, _state: tuple[int, int], value_range: float | None, least_side: int | None
) -> Traits:
    """The traits of a file but for its receptive field; the same for as long as the file stays what it is."""
    return _open_probed(model, value_range, least_side)[1]


def _open_probed(
    model: Path, value_range: float | None, least_side: int | None
) -> tuple[NativeSession, Traits]:
    _check_windows(model)
    session = ort_session.create(model, ort_session.CPU)
    try:
        candidates = read_signature(session, _parameters(model))
    except UnicodeDecodeError as error:
        raise DamagedModel(f"{model} is damaged: a name in its graph is no text") from error
    graph = _graph(model)
    smallest = _smallest_side(graph, candidates, max(SMALLEST_PROBE, least_side or 0))
    traits = _measure_scale(model.name, session, graph, candidates, smallest)
    traits = dataclasses.replace(
        traits,
        live_values=most_live_values(graph, traits.channels),
        whole=pools_globally(graph),
        bound=receptive_bound(graph, traits.scale) if traits.layout == "NCHW" else None,
    )
    traits = _measure_minimum(model, session, graph, traits, smallest, least_side)
    ranges = RANGES if value_range is None else (value_range,)
    return session, _measure_ranges(session, traits, ranges)


@functools.lru_cache(maxsize=16)
def _probe_field(
    model: Path,
    state: tuple[int, int],
    value_range: float | None,
    least_side: int | None,
    known_field: int | None,
) -> Traits:
    """The traits of a file, its receptive field measured or, where it is known, checked."""
    traits = _probe_basics(model, state, value_range, least_side)
    if traits.whole:
        return traits
    session = ort_session.create(model, ort_session.CPU)

    def run(batch: Batch) -> Batch:
        return infer(session, batch, traits)

    field = measure_receptive_field(run, traits) if known_field is None else known_field
    exact = field is not None and windows_agree(run, traits, field)
    return dataclasses.replace(traits, receptive_field=field, exact=exact)


def _parameters(model: Path) -> int:
    """The number of weights in a file that onnxruntime could load."""
    try:
        return count_weights(model)
    except (OSError, ValueError) as error:
        raise DamagedModel(f"cannot read the weights in {model}: {error}") from error


def _check_windows(model: Path) -> None:
    """Raise DamagedModel for a graph that can't run and may end the process that opens it."""
    try:
        wrong = window_too_large(read_graph(model))
    except (OSError, ValueError):
        return  # onnxruntime says better what is wrong
    if wrong is not None:
        raise DamagedModel(f"{model.name} can't run: the window of {wrong} is larger than its map of 1x1")


def _graph(model: Path) -> Graph:
    """The operators of a file that onnxruntime could load."""
    try:
        return read_graph(model)
    except (OSError, ValueError) as error:
        raise DamagedModel(f"cannot read the graph of {model}: {error}") from error


def _smallest_side(graph: Graph, candidates: tuple[Traits, ...], smallest: int) -> int:
    """The shortest side to try first: a larger one where nothing is known to be left of a small picture."""
    for side in (smallest, *CHECK_SIDES):
        sizes = ((traits, traits.fixed_size or _probe_size(1, side)) for traits in candidates)
        if side >= smallest and not all(foresee_picture(graph, *pair).empties for pair in sizes):
            return side
    return smallest


def _measure_scale(
    name: str, session: NativeSession, graph: Graph, candidates: tuple[Traits, ...], smallest: int
) -> Traits:
    """Scale, layout, channels, and the multiple that sides need: the first combination that runs."""
    reason = "it runs on no size that was tried"
    for multiple in MULTIPLES:
        for traits in candidates:
            size = traits.fixed_size or _probe_size(multiple, smallest)
            outcome = _try_size(session, graph, traits, size)
            if isinstance(outcome, int):
                return dataclasses.replace(
                    traits, scale=outcome, multiple=1 if traits.fixed_size else multiple
                )
            reason = outcome
    if "Reshape" in reason:
        raise SizesInside(f"{name} has sizes written into its graph: {reason}", hint=DYNAMIC)
    raise UnsuitableModel(f"{name} is no generator of pictures: {reason}")


def _probe_size(multiple: int, smallest: int) -> Size:
    """A non-square size of at least ``smallest`` whose sides are odd multiples of ``multiple``."""
    odd = -(-smallest // multiple) | 1
    return Size(odd * multiple, (odd + 2) * multiple)


def _try_size(session: NativeSession, graph: Graph, traits: Traits, size: Size) -> int | str:
    """The scale at a size, or what is wrong; what can't go well is not run."""
    against = objection(graph, traits, size)
    if against is not None:
        return against
    shape = input_shape(traits, size)
    try:
        result = ort_session.run(session, np.zeros(shape, _numpy_type(session)))
    except UnsuitableModel as error:
        return error.message
    if result.ndim != 4 or result.shape[0] != 1:
        return f"an input of shape {shape} gives an output of shape {result.shape}"
    channels = result.shape[1] if traits.layout == "NCHW" else result.shape[3]
    if channels != traits.channels:
        return f"{traits.channels} channels in, {channels} out{_UNTOLD if channels == CHROMA else ''}"
    made = Size(*(result.shape[2:] if traits.layout == "NCHW" else result.shape[1:3]))
    scale = made.height // size.height
    if made != size.scaled(scale):
        return f"no whole scale: {size} in, {made} out"
    return scale if scale in SCALES else f"{size} in, {made} out"


def _numpy_type(session: NativeSession) -> type[np.generic]:
    """The element type that a session takes."""
    kinds: dict[str, type[np.generic]] = {"tensor(uint8)": np.uint8, "tensor(float16)": np.float16}
    return kinds.get(session.get_inputs()[0].type, np.float32)


def _measure_minimum(
    model: Path,
    session: NativeSession,
    graph: Graph,
    traits: Traits,
    tried: int,
    least_side: int | None,
) -> Traits:
    """The shortest side that runs; a reflecting padding refuses smaller pictures than itself.

    What may leave an empty map of a small picture is tried where it can kill nobody.

    Args:
        model: an ONNX file.
        session: of that file.
        graph: of that file.
        traits: what is known of it.
        tried: the side that was tried first.
        least_side: the shortest that it is known to take, if any.
    """
    if traits.fixed_size:
        return dataclasses.replace(traits, minimum=min(traits.fixed_size))
    if least_side is None and never_empties(graph):
        return dataclasses.replace(traits, minimum=_shortest_side(session, graph, traits, tried))
    side = _shortest_side_apart(model, traits, tried) if least_side is None else least_side
    side = round_up(side, traits.multiple)
    # Rows and columns may be empty together only, which non-square pictures don't show.
    outcome = _try_size(session, graph, traits, Size(side, side))
    if not isinstance(outcome, int):
        raise UnsuitableModel(f"{model.name} takes no pictures of {Size(side, side)}: {outcome}")
    return dataclasses.replace(traits, minimum=side)


def _shortest_side_apart(model: Path, traits: Traits, tried: int) -> int:
    """The shortest side that runs; the one that was tried first where finding that out kills a process."""
    try:
        with Child() as child:
            return child.call(
                find_shortest_side, model, traits, tried, tell=lambda _: None, limit_s=TRIAL_LIMIT_S
            )
    except ChildLost:
        return tried


def find_shortest_side(model: Path, traits: Traits, tried: int, _tell: Callable[[str], None]) -> int:
    """The shortest side that a file takes, found in the process that calls this; it may die of it."""
    return _shortest_side(ort_session.create(model, ort_session.CPU), _graph(model), traits, tried)


def _shortest_side(session: NativeSession, graph: Graph, traits: Traits, tried: int) -> int:
    """The shortest side that runs, by doubling; the longest to try is that which was tried first."""
    side = traits.multiple
    while side < tried and not isinstance(_try_size(session, graph, traits, Size(side, side)), int):
        side *= 2
    return min(side, round_up(tried, traits.multiple))


def _measure_ranges(session: NativeSession, traits: Traits, ranges: tuple[float, ...]) -> Traits:
    """Whether white is 1 or 255: the range in which the output, shrunk again, is the input.

    A generator without biases works in both; 1 is taken then. One range alone is only checked.
    """
    found, error = traits, float("inf")
    enough = CLOSE if len(ranges) > 1 else UNRELATED
    for side in CHECK_SIDES:
        size = traits.fixed_size or _probe_size(traits.multiple, max(side, traits.minimum))
        found, error = _best_ranges(session, traits, ranges, size)
        if error <= enough or traits.fixed_size:
            break
    if not error <= UNRELATED:
        raise UnsuitableModel(f"the model's output does not show its input: it is off by {error:.0%}")
    return found


def _best_ranges(
    session: NativeSession, traits: Traits, ranges: tuple[float, ...], size: Size
) -> tuple[Traits, float]:
    """The traits with the ranges in which a test picture comes out best, and how far off that is."""
    inputs = (255.0,) if traits.input_type == BYTE else ranges
    outputs = (255.0,) if traits.output_type == BYTE else ranges
    picture = _test_picture(size)
    errors: dict[tuple[float, float], float] = {}
    for given in inputs:
        raw = infer(session, picture, dataclasses.replace(traits, value_range=given, output_range=1.0))
        for made in outputs:
            errors[given, made] = _relative_error(raw / np.float32(made), picture, traits.scale)
    first, best = next(iter(errors)), min(errors, key=lambda pair: errors[pair])
    if errors[first] <= NEGLIGIBLE or errors[best] > BETTER * errors[first]:
        best = first
    return dataclasses.replace(traits, value_range=best[0], output_range=best[1]), errors[best]


def _test_picture(size: Size) -> Batch:
    """A smooth colour picture, (1, 3, h, w) float32, within 0.15..0.85."""
    rows = np.linspace(0, 1, size.height)[:, np.newaxis]
    columns = np.linspace(0, 1, size.width)[np.newaxis, :]
    planes = (rows + 0 * columns, 0 * rows + columns, 0.5 + 0.5 * np.sin(3 * (rows + columns)))
    return (0.15 + 0.7 * np.stack(planes))[np.newaxis].astype(np.float32)


def _relative_error(result: Batch, picture: Batch, scale: int) -> float:
    """Mean deviation of the shrunk result from the picture, as a share of the picture's own deviation.

    A generator that answers in grey is compared by luma, and so is one that keeps luma and changes colours.
    One that keeps the size may make pictures brighter or darker: what is left then is compared.
    """
    if not np.isfinite(result).all():
        # Gates multiply: fed with another range than its own, a generator may leave the numbers altogether.
        return float("inf")
    _, channels, height, width = picture.shape
    shrunk = result.reshape(1, channels, height, scale, width, scale).mean(axis=(3, 5), dtype=np.float64)
    in_colour = _deviation(shrunk, picture)
    by_luma = _deviation(*(np.tensordot(LUMA, planes, (0, 1)) for planes in (shrunk, picture)))
    is_grey = np.ptp(shrunk, axis=1).max() <= GREY * np.ptp(shrunk)
    recoloured = in_colour > UNRELATED and by_luma <= NEGLIGIBLE
    if scale == 1 and in_colour > UNRELATED and not recoloured:
        return min(in_colour, _deviation_but_for_tone(shrunk, picture))
    return by_luma if is_grey or recoloured else in_colour


def _deviation_but_for_tone(shrunk: npt.NDArray[np.floating], picture: npt.NDArray[np.floating]) -> float:
    """Mean deviation of luma from the best line over the picture's luma, as a share of its contrast."""
    made, given = (np.tensordot(LUMA, planes, (0, 1)).ravel() for planes in (shrunk, picture))
    gain, offset = np.polyfit(given, made, 1)
    if not 1 / MOST_GAIN <= gain <= MOST_GAIN:
        return float("inf")
    contrast = gain * np.abs(given - given.mean()).mean()
    return float(np.abs(made - gain * given - offset).mean() / contrast)


def _deviation(shrunk: npt.NDArray[np.floating], picture: npt.NDArray[np.floating]) -> float:
    """Mean deviation as a share of the picture's own deviation."""
    contrast = np.abs(picture - picture.mean(axis=(-2, -1), keepdims=True)).mean()
    return float(np.abs(shrunk - picture).mean() / contrast)
