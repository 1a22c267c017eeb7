"""Runs onnxruntime so that it can be ended early, in the middle of a graph, which no check of ours reaches.

A loop in a graph may have no end, and a network that sees a whole picture in one window may take minutes for
it. onnxruntime looks at a flag between two operators, also inside a loop.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, TypeAlias

from srcli.core.allowance import Allowance
from srcli.core.cancel import CancelToken
from srcli.core.errors import DamagedModel, SrcliError
from srcli.engine.runtimes.runtime import FATAL_ONLY, onnxruntime, runtime_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt
    from onnxruntime import RunOptions

    from srcli.engine.runtimes.runtime import NativeSession

    Tokens: TypeAlias = tuple[CancelToken, ...]

POLL_S = 0.1
"""How often a token is looked at."""

_tokens: ContextVar[Tokens] = ContextVar("tokens", default=())


class Deadline(CancelToken):
    """Gives a generator up that is tried for too long.

    Args:
        name: of its file.
        limit_s: the longest that trying it may take, in seconds of this process's processor time.
    """

    def __init__(self, name: str, limit_s: float) -> None:
        super().__init__()
        self._name, self._allowance = name, Allowance(os.getpid(), limit_s)

    def check(self) -> None:
        """Go on, unless the time is over.

        Raises:
            DamagedModel: it is.
        """
        super().check()
        if (limit := self._allowance.over()) is not None:
            raise DamagedModel(f"{self._name} did not come to an end within {limit}")


@contextmanager
def ending_with(token: CancelToken) -> Iterator[None]:
    """Within, what this thread runs ends as soon as a token asks for that."""
    before = _tokens.set((*_tokens.get(), token))
    try:
        yield
    finally:
        _tokens.reset(before)


def run_endable(
    session: NativeSession, names: Sequence[str] | None, feed: dict[str, npt.NDArray[Any]]
) -> list[npt.NDArray[Any]]:
    """Run a session as ``session.run`` does; other runtimes than onnxruntime are not ended early.

    Raises:
        SrcliError: what the token raises that ended the run.
    """
    tokens = _tokens.get()
    if not tokens or not isinstance(session, onnxruntime().InferenceSession):
        return session.run(names, feed)
    options = onnxruntime().RunOptions()
    options.log_severity_level = FATAL_ONLY
    _watch.add(options, tokens)
    try:
        results: list[npt.NDArray[Any]] = session.run(names, feed, options)
    except runtime_errors():
        for token in tokens:
            token.check()
        raise
    finally:
        _watch.drop(options)
    return results


class _Watch:
    """A thread that looks at the tokens of all runs, for as long as there are any."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._runs: dict[int, tuple[RunOptions, Tokens]] = {}
        self._thread: Thread | None = None

    def add(self, options: RunOptions, tokens: Tokens) -> None:
        """Watch a run."""
        with self._lock:
            self._runs[id(options)] = options, tokens
            # Alive no more in a process that was forked.
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._look, name="watch runs", daemon=True)
                self._thread.start()

    def drop(self, options: RunOptions) -> None:
        """Watch a run no longer."""
        with self._lock:
            del self._runs[id(options)]

    def _look(self) -> None:
        while True:
            time.sleep(POLL_S)
            with self._lock:
                if not self._runs:
                    self._thread = None
                    return
                for options, tokens in self._runs.values():
                    if any(map(_asks, tokens)):
                        options.terminate = True


def _asks(token: CancelToken) -> bool:
    """Whether a token asks for the end."""
    try:
        token.check()
    except SrcliError:
        return True
    return False


_watch = _Watch()
