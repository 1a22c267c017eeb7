"""Stores as a worker opens them: with the packages of its machine, and the rights of its own environment."""

from __future__ import annotations

import socket
from threading import Lock
from typing import TYPE_CHECKING

from srcli.core.errors import MachineError, MissingExtra, SrcliError
from srcli.pipeline.stores.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable

HINT = "a worker has the environment that ray start had on its machine: docs/stores.md tells what it needs"
MOST_OPEN = 64
"""Of those that were asked for longest ago one is let go; each picture of the web is a store."""


class Reach:
    """Opens stores, and keeps them open.

    Args:
        places: addresses of which each is looked at, so that a machine that can't is found before the work.

    Raises:
        MachineError: it can't.
    """

    def __init__(self, places: Iterable[str]) -> None:
        self._lock = Lock()
        self._machine = socket.gethostname()
        self._open: dict[str, Store] = {}
        for address in places:
            try:
                store = self(address)
                store.entry(store.root)
            except MissingExtra:
                raise
            except SrcliError as error:
                raise MachineError(error.message, hint=HINT) from error

    def __call__(self, address: str) -> Store:
        """The store of an address."""
        with self._lock:
            store = self._open.pop(address, None) or Store(address, machine=self._machine)
            self._open[address] = store
            while len(self._open) > MOST_OPEN:
                del self._open[next(iter(self._open))]
            return store
