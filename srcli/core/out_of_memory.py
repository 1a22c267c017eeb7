"""Whether an exception means that memory ran out."""

from __future__ import annotations

ALLOCATION_FAILURES = (
    "failed to allocate memory",
    "bad_alloc",
    "bad allocation",
    "out of memory",
    "out_of_memory",
    "alloc_failed",
    "available memory of",
    "cannot allocate memory",
    "failed to map segment",
    "can't start new thread",
    "posixthread",
    "out of gpu resources",
    "cl_out_of",
    "cl_mem_object_allocation_failure",
)
"""How the runtimes, their libraries, Python and the system say that memory ran out, in lower case."""


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether an exception means that memory ran out, on the machine or on the GPU."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(words in text for words in ALLOCATION_FAILURES)
