"""The limit that a shell or a batch system sets on a process's addresses: ``ulimit -v``."""

from __future__ import annotations

from srcli.core.errors import OutOfMemory

LEAST_BYTES = 700 * 2**20
"""What the libraries take before the first picture; with less, one of them ends the process when loaded."""


def address_limit() -> int | None:
    """The most bytes of addresses that this process may have; None without a limit."""
    try:
        import resource
    except ImportError:
        return None  # Windows has none.
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit


def check_address_limit() -> None:
    """See that the libraries can be loaded.

    Raises:
        OutOfMemory: the limit is too low for that.
    """
    limit = address_limit()
    if limit is not None and limit < LEAST_BYTES:
        raise OutOfMemory(
            f"the address space is limited to {limit >> 20} MiB, and srcli takes {LEAST_BYTES >> 20} MiB "
            "before the first picture",
            hint="raise the limit: ulimit -v unlimited",
        )
