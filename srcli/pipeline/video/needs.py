"""How much memory a video needs, and how many of its frames go side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.errors import OutOfMemory
from srcli.engine.inference.ort_session import CPU
from srcli.engine.tiling.planner import MEMORY_SHARE, available_memory
from srcli.upscaling.chain import links
from srcli.upscaling.estimates import FLOAT_BYTES, PROCESS_BYTES
from srcli.video.encoder_memory import encoder_bytes, frame_bytes

if TYPE_CHECKING:
    from srcli.pipeline.video.inspection import VideoInspection
    from srcli.upscaling.generator import Generator
    from srcli.upscaling.pool import GeneratorPool

_WAITING_INPUTS, _WAITING_OUTPUTS = 5, 3
"""Frames on their way to the generators and to the encoder beside those of each lane: one that is made or
encoded, with what that takes beside it, those that wait, and one that is handed over."""
_AT_WORK = 2.5
"""Results that each lane holds in floating point while it makes one: that, what it is made from, and what
lies between it and the encoder's samples."""
_HEAP, _OUT_OF_HEAP_BYTES = 2.0, 32 * 2**20
"""How much of it the C library keeps for frames that come and go, as each thread has a heap of its own whose
holes others don't fill; larger ones it takes from the system and gives back."""
_DECODER_FRAMES = 20
"""Frames that a decoder keeps for reference and reordering, at most 16, and what is on its way."""
_STORED_BYTES = 2
"""Of a pixel as a codec stores it: 1.5 in 8 bits, 3 in more."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """How frames go side by side.

    Attributes:
        generators: with the threads that each lane has.
        count: of lanes.
    """

    generators: tuple[Generator, ...]
    count: int


def choose_lanes(inspection: VideoInspection, pool: GeneratorPool) -> Lanes:
    """As many frames side by side as there are shares of the threads, if memory allows; else one.

    A lane of one thread wastes nothing, where two threads wait for each other at every operator.

    Raises:
        OutOfMemory: not even one frame at a time fits.
        ModelError, MachineError: a generator can't be loaded.
    """
    free, count = available_memory(CPU), pool.side_by_side
    if count > 1:
        narrow = pool.narrow(inspection.generators)
        if _needed(inspection, narrow, count) <= free * MEMORY_SHARE:
            return Lanes(narrow, count)
        pool.close_narrow()
    generators = inspection.generators
    needed = _needed(inspection, generators, 1)
    if needed > free:
        raise OutOfMemory(
            f"{inspection.job.source_name} at {inspection.size} needs about {needed >> 20} MiB of memory and "
            f"{free >> 20} MiB are free",
            hint="choose a smaller scale, or a quicker --preset",
        )
    return Lanes(generators, 1)


def memory_bytes(inspection: VideoInspection, lanes: Lanes) -> int:
    """Estimate of the memory that a video takes at the widest moment, the process's included."""
    return PROCESS_BYTES + _needed(inspection, lanes.generators, lanes.count)


def _needed(inspection: VideoInspection, generators: tuple[Generator, ...], lanes: int) -> int:
    """Bytes beside the process's."""
    info, size, channels = inspection.info, inspection.size, 3 + inspection.info.has_alpha
    small, large = (_with_heap(each.pixels * channels * FLOAT_BYTES) for each in (info.size, size))
    # Of each lane one result is made, and one waits for those before it.
    waiting = (_WAITING_INPUTS + lanes) * small + (_WAITING_OUTPUTS + lanes) * _result_bytes(
        inspection, large
    )
    waiting += round(lanes * _AT_WORK * large)
    decoder = _DECODER_FRAMES * info.coded_size.pixels * _STORED_BYTES
    encoder = _encoder_bytes(inspection) or large
    return waiting + decoder + encoder + lanes * _generator_bytes(inspection, generators)


def _with_heap(needed: int) -> int:
    """What frames take, and what the heap keeps for them."""
    return round(needed * _HEAP) if needed < _OUT_OF_HEAP_BYTES else needed


def _result_bytes(inspection: VideoInspection, large: int) -> int:
    """Of one that waits: as the encoder takes it, or as pixels where those are written."""
    return _with_heap(frame_bytes(inspection.plan.encoding)) if inspection.plan else large


def _encoder_bytes(inspection: VideoInspection) -> int:
    return encoder_bytes(inspection.plan.encoding) if inspection.plan else 0


def _generator_bytes(inspection: VideoInspection, generators: tuple[Generator, ...]) -> int:
    """What the generators take for one frame: the largest window, and results of passes but for the last."""
    most = passes = 0
    for link in links(generators, inspection.info.size):
        passes += 0 if link.last else link.after.pixels * 3 * FLOAT_BYTES
        if not link.generator.device.kind.own_memory:
            window = link.generator.window_for(link.before)
            most = max(most, window.pixels * link.generator.session.traits.bytes_per_pixel)
    return most + passes
