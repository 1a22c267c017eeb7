"""The tasks that a worker process knows, by the names that the web process sends."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from srcli.server.worker.main import Cancels, Tell

    Task = Callable[[dict[str, Any], Tell, Cancels], None]

_ROOMS: Mapping[str, str] = {
    "inspect": "inspection",
    "unwrap": "letter",
    "enlarge": "enlarge",
    "video": "video",
    "render": "view",
    "cut": "view",
    "tile": "view",
    "measure": "view",
}
"""The module of each, loaded with the first task: a process that reads headers loads no generators."""


def task_named(name: str) -> Task:
    """The function behind a name."""
    task: Task = getattr(import_module(f"srcli.server.worker.{_ROOMS[name]}"), name)
    return task
