"""The life of a worker process: tasks come as lines of JSON, and events go out the same way."""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from srcli.server.worker.failures import describe_failure
from srcli.server.worker.tasks import task_named

if TYPE_CHECKING:
    from collections.abc import Callable

    Tell = Callable[[dict[str, Any]], None]


class Cancels:
    """Which jobs are no longer wanted; told while the main thread works."""

    def __init__(self) -> None:
        self._events: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def of(self, job: str) -> threading.Event:
        """Set once a job is no longer wanted."""
        with self._lock:
            return self._events.setdefault(job, threading.Event())

    def forget(self) -> None:
        """The jobs of the task are over."""
        with self._lock:
            self._events.clear()


def main() -> None:
    """Get ready, say so, and work until standard input ends."""
    _behave()
    channel = os.fdopen(os.dup(1), "wb")
    # What libraries print would come between the lines.
    os.dup2(2, 1)
    lock = threading.Lock()

    def tell(event: dict[str, Any]) -> None:
        line = json.dumps(event).encode() + b"\n"
        with lock:
            channel.write(line)
            channel.flush()

    cancels = Cancels()
    tasks: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, tasks, cancels), daemon=True).start()
    setup = json.loads(sys.argv[1])
    _get_ready(setup, tell)
    while True:
        _work(tasks.get(), tell, cancels)
        cancels.forget()
        tell({"event": "end", "rss_bytes": _rss_bytes()})


def _behave() -> None:
    """Leave signals to the parent, which ends this process, and leave no core file behind."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _listen(stream: IO[bytes], tasks: queue.SimpleQueue[dict[str, Any]], cancels: Cancels) -> None:
    """Take tasks and second thoughts; where the parent is gone, go as well, even in the middle of work."""
    for line in stream:
        message = json.loads(line)
        if "cancel" in message:
            cancels.of(message["cancel"]).set()
        else:
            tasks.put(message)
    os._exit(1)


def _get_ready(setup: dict[str, Any], tell: Tell) -> None:
    """Load what is needed, so that the first task does not wait for it."""
    hello: dict[str, Any] = {"event": "ready"}
    try:
        if setup.get("generators"):
            from srcli.server.worker.enlarge import warm_up

            hello |= warm_up(setup)
        else:
            from srcli.server.worker.catalogue import describe

            hello |= describe(setup["model"])
    except Exception as error:
        hello["failure"] = describe_failure(error)
    tell(hello)
    tell({"event": "end", "rss_bytes": _rss_bytes()})


def _work(task: dict[str, Any], tell: Tell, cancels: Cancels) -> None:
    try:
        task_named(task["do"])(task, tell, cancels)
    except Exception as error:
        tell({"event": "failed", **describe_failure(error)})


def _rss_bytes() -> int:
    import psutil

    taken: int = psutil.Process().memory_info().rss
    return taken
