"""A worker process as the web process sees it: lines of JSON in, lines of JSON out, and an end at any time.

It opens what strangers send, so nothing that it says is trusted beyond being JSON: the pools of the standard
library and of others exchange pickles, by which a decoder that was taken over could run code here.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

LINE_BYTES = 2**20
FAREWELL_S = 5.0
"""How long a process may take to end by itself, or to let go of what is no longer wanted."""
END = "end"
_CODE = "import sys; sys.path[:] = {path!r}; from srcli.server.worker.main import main; main()"


class WorkerDied(Exception):
    """The process ended, or had to be ended, in the middle of a task.

    Args:
        how: in words that follow "it", such as ``was killed by SIGKILL``.
    """

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class WorkerProcess:
    """One process that does one task after the other.

    Args:
        setup: what it gets ready for: JSON-ready values for ``srcli.server.worker.main``.
        scratch: its folder for temporary files.

    Attributes:
        hello: what it told when it was ready.
        rss_bytes: memory that it held after its last task.
    """

    def __init__(self, setup: Mapping[str, Any], scratch: Path) -> None:
        self._setup = setup
        self._scratch = scratch
        self._process: asyncio.subprocess.Process | None = None
        self.hello: dict[str, Any] = {}
        self.rss_bytes = 0

    @property
    def alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    @property
    def number(self) -> int | None:
        """The system's number of it."""
        return self._process.pid if self._process else None

    async def start(self, limit_s: float) -> None:
        """Start it and wait until it is ready.

        Raises:
            WorkerDied: it ended instead, or took longer than ``limit_s`` seconds.
        """
        # -P: the folder that srcli runs in has no business to give it modules.
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-c",
            _CODE.format(path=sys.path),
            json.dumps(self._setup),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=LINE_BYTES,
            env={**os.environ, "TMPDIR": str(self._scratch)},
            # A Ctrl-C of the terminal is for the web process, which lets running work finish.
            start_new_session=True,
        )
        async for event in self.do({}, limit_s=limit_s):
            self.hello = event

    async def do(self, task: Mapping[str, Any], *, limit_s: float) -> AsyncIterator[dict[str, Any]]:
        """Have a task done, and give what the process tells of it. Whoever stops listening ends the process.

        Args:
            task: JSON-ready values.
            limit_s: that it may take.

        Raises:
            WorkerDied: the process ended, or had to be ended.
        """
        deadline_s = asyncio.get_running_loop().time() + limit_s
        finished = False
        try:
            if task:
                self.tell(task)
            while (event := await self._next(deadline_s)).get("event") != END:
                yield event
            self.rss_bytes = int(event.get("rss_bytes", 0))
            finished = True
        finally:
            if not finished:
                self.kill()

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send a message; nothing happens where the process is gone."""
        if self._process is not None and self._process.stdin is not None and self.alive:
            with suppress(ConnectionError):
                self._process.stdin.write(json.dumps(message).encode() + b"\n")

    def kill(self) -> None:
        """End it, whatever it is doing."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def stop(self) -> None:
        """End it, and wait for the end."""
        self.kill()
        if self._process is not None:
            await self._process.wait()

    async def _next(self, deadline_s: float) -> dict[str, Any]:
        process = self._process
        assert process is not None, "the process was not started"
        assert process.stdout is not None
        try:
            async with asyncio.timeout_at(deadline_s):
                line = await process.stdout.readline()
        except TimeoutError:
            raise WorkerDied("took too long") from None
        except ValueError:
            raise WorkerDied("told too much") from None
        if not line.endswith(b"\n"):
            raise WorkerDied(await self._how())
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if not isinstance(event, dict):
            raise WorkerDied("told nonsense")
        return event

    async def _how(self) -> str:
        """How the process ended, whose output did."""
        process = self._process
        assert process is not None
        try:
            async with asyncio.timeout(FAREWELL_S):
                code = await process.wait()
        except TimeoutError:
            return "stopped answering"
        if code >= 0:
            return f"ended with code {code}"
        try:
            return f"was killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"was killed by signal {-code}"
