"""The tasks that a worker process knows, by the names that the web process sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from srcli.server.worker.enlarge import enlarge
from srcli.server.worker.inspection import inspect

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from srcli.server.worker.main import Cancels, Tell

TASKS: Mapping[str, Callable[[dict[str, Any], Tell, Cancels], None]] = {
    "inspect": inspect,
    "enlarge": enlarge,
}
