"""Processes that take turns with short tasks: reading headers, making versions to look at."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from srcli.server.process import WorkerDied, WorkerProcess

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

START_S = 120.0
"""The longest that a process may take to get ready, on a machine that does much else."""
MOST_BYTES = 2**30
"""A process that holds more memory after a task is replaced: allocators give little back."""


class Crew:
    """Some processes, started when they are needed, and started again where they die.

    Args:
        setup: of each.
        size: how many.
        scratch: their folder for temporary files.
    """

    def __init__(self, setup: Mapping[str, Any], size: int, scratch: Path) -> None:
        self._setup = setup
        self._scratch = scratch
        self._idle: asyncio.LifoQueue[WorkerProcess] = asyncio.LifoQueue()
        self._all = [WorkerProcess(setup, scratch) for _ in range(size)]
        for process in self._all:
            self._idle.put_nowait(process)
        self.deaths = 0

    async def ask(self, task: Mapping[str, Any], limit_s: float) -> dict[str, Any]:
        """Have a task done and give the last thing that was told of it.

        Raises:
            WorkerDied: the process ended over it, or took longer than ``limit_s`` seconds.
        """
        process = await self._idle.get()
        told: dict[str, Any] = {}
        try:
            if not process.alive:
                await process.start(START_S)
            async for event in process.do(task, limit_s=limit_s):
                told = event
        except WorkerDied:
            self.deaths += 1
            raise
        finally:
            self._idle.put_nowait(process)
        return told

    async def hello(self) -> dict[str, Any]:
        """What a process told when it was ready, which is started for that."""
        process = await self._idle.get()
        try:
            if not process.alive:
                await process.start(START_S)
            return process.hello
        finally:
            self._idle.put_nowait(process)

    async def close(self) -> None:
        """End all processes."""
        await asyncio.gather(*(process.stop() for process in self._all))
