"""What is known against running a graph on a picture of some size, before it is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.engine.graphs.forecast import foresee
from srcli.engine.machine import available_memory_bytes

if TYPE_CHECKING:
    from srcli.core.geometry import Size
    from srcli.engine.graphs.forecast import Forecast
    from srcli.engine.graphs.graph import Graph
    from srcli.engine.inference.traits import Traits

BYTES_PER_VALUE = 4
GIGABYTE = 1e9


def objection(graph: Graph, traits: Traits, size: Size) -> str | None:
    """Why a picture of some size is not tried: the run can't go well, or takes more memory than is free.

    Returns:
        The reason in words; None where nothing is known against it.
    """
    forecast = foresee_picture(graph, traits, size)
    if forecast.wrong is not None:
        return f"{forecast.wrong}, in a picture of {size}"
    needed, free = forecast.most_values * BYTES_PER_VALUE, available_memory_bytes()
    if needed > free:
        return (
            f"{forecast.largest} takes {needed / GIGABYTE:.1f} GB or more in a picture of {size}, "
            f"and {free / GIGABYTE:.1f} GB are free"
        )
    return None


def foresee_picture(graph: Graph, traits: Traits, size: Size) -> Forecast:
    """What a graph does with a picture of some size."""
    return foresee(graph, input_shape(traits, size))


def input_shape(traits: Traits, size: Size) -> tuple[int, int, int, int]:
    """The shape of a picture as a generator takes it."""
    if traits.layout == "NCHW":
        return 1, traits.channels, *size
    return 1, *size, traits.channels
