"""Runs functions in a process of their own, so that what kills that process does not kill srcli.

A library in C++ that meets a graph which it was not made for may divide by zero, reach beyond an array, or
never come back. None of these can be caught where they happen.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import traceback
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, Self, TypeVar, cast

from srcli.core.allowance import Allowance
from srcli.core.errors import SrcliError

if TYPE_CHECKING:
    from collections.abc import Callable

    Message = tuple[str, tuple[Any, ...]]

_Result = TypeVar("_Result")

TOLD, DONE, REFUSED, FAILED, ENDED = "told", "done", "refused", "failed", "ended"
CODE = "import sys; sys.path[:] = {path!r}; from srcli.core.child import serve; serve()"
FAREWELL_S = 5.0
"""How long a process that has closed its output may take to end."""


class ChildLost(Exception):
    """The process ended, or had to be ended, before its function did.

    Args:
        how: in words that follow "it", such as ``was killed by SIGFPE``.
        crashed: whether it ended by itself, rather than for taking too long or too much memory.
    """

    def __init__(self, how: str, *, crashed: bool) -> None:
        super().__init__(how)
        self.how = how
        self.crashed = crashed


class Child:
    """A Python process that runs one function after the other; it starts with the first one.

    Functions and their arguments have to be picklable. What they print is dropped.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._messages: queue.SimpleQueue[Message] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def call(
        self,
        function: Callable[..., _Result],
        *arguments: object,
        tell: Callable[[str], None],
        limit_s: float,
    ) -> _Result:
        """What a function returns, which is given ``tell`` behind its other arguments.

        Args:
            function: a function of a module, not a lambda.
            arguments: its arguments.
            tell: told in this process what the function tells in the other one.
            limit_s: the longest that it may be silent, in seconds of its processor time; see
                :class:`~srcli.core.allowance.Allowance`.

        Raises:
            ChildLost: the process died, or was ended for having been silent for too long.
            SrcliError: whatever the function raises of that tree.
            RuntimeError: the function raised anything else, which is a bug; its traceback is a note.
        """
        process = self._process or self._start()
        try:
            self._send(process, (function, arguments))
            allowance = Allowance(process.pid, limit_s)
            while True:
                kind, content = self._next(allowance)
                if kind != TOLD:
                    break
                tell(*content)
                allowance.begin_again()
        except BaseException:
            self.close()
            raise
        return cast("_Result", self._outcome(kind, content))

    def close(self) -> None:
        """End the process, whatever it is doing."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.close()

    def _start(self) -> subprocess.Popen[bytes]:
        self._messages = queue.SimpleQueue()
        # -P: the folder that srcli runs in has no business to give it modules.
        command = [sys.executable, "-P", "-c", CODE.format(path=sys.path)]
        self._process = process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        threading.Thread(target=_receive, args=(process, self._messages), daemon=True).start()
        return process

    def _send(self, process: subprocess.Popen[bytes], request: object) -> None:
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # its end is told by the messages
            pickle.dump(request, process.stdin)
            process.stdin.flush()

    def _next(self, allowance: Allowance) -> Message:
        while True:
            with suppress(queue.Empty):
                return self._messages.get(timeout=allowance.next_look_s)
            if (limit := allowance.over()) is not None:
                raise ChildLost(f"gave no sign of life for {limit}", crashed=False)

    def _outcome(self, kind: str, content: tuple[Any, ...]) -> object:
        if kind == DONE:
            return content[0]
        if kind == REFUSED:
            raise _rebuilt(*content)
        if kind == FAILED:
            error = RuntimeError(content[0])
            error.add_note(content[1])
            raise error
        process = self._process
        assert process is not None
        with suppress(subprocess.TimeoutExpired):
            process.wait(FAREWELL_S)
        code = process.returncode
        self.close()
        raise ChildLost(_how(code), crashed=code != -getattr(signal, "SIGKILL", 9))


def _rebuilt(kind: type[SrcliError], message: str, hint: str | None) -> SrcliError:
    """An error of the other process; some kinds make their message from other words."""
    error = kind.__new__(kind)
    SrcliError.__init__(error, message, hint)
    return error


def _how(code: int | None) -> str:
    """How a process ended by its exit code."""
    if code is None:
        return "stopped answering"
    if code >= 0:
        return f"ended with code {code:#x}" if code > 255 else f"ended with code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was killed by {name}" + (", probably for want of memory" if name == "SIGKILL" else "")


def _receive(process: subprocess.Popen[bytes], messages: queue.SimpleQueue[Message]) -> None:
    """Pass the messages of a process on, and its end."""
    assert process.stdout is not None
    with process.stdout as stream, suppress(EOFError, OSError, pickle.UnpicklingError, ValueError):
        while True:
            messages.put(pickle.load(stream))
    messages.put((ENDED, ()))


def serve() -> None:
    """Run the functions that come on standard input, until that ends: the life of the other process."""
    _behave()
    channel = os.fdopen(os.dup(1), "wb")
    # What libraries print would come between the messages.
    os.dup2(2, 1)
    requests: queue.SimpleQueue[tuple[Callable[..., object], tuple[object, ...]]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    while True:
        function, arguments = requests.get()
        _answer(channel, _run(function, arguments, channel))


def _behave() -> None:
    """Leave interrupts to the parent, which ends this process, and leave no core file behind."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _listen(stream: IO[bytes], requests: queue.SimpleQueue[Any]) -> None:
    """Take requests; where the parent is gone, go as well, even in the middle of work."""
    with suppress(EOFError):
        while True:
            requests.put(pickle.load(stream))
    os._exit(1)


def _run(function: Callable[..., object], arguments: tuple[object, ...], channel: IO[bytes]) -> Message:
    try:
        return DONE, (function(*arguments, lambda text: _answer(channel, (TOLD, (text,)))),)
    except SrcliError as error:
        return REFUSED, (type(error), error.message, error.hint)
    except Exception as error:
        return FAILED, (f"{type(error).__name__}: {error}", traceback.format_exc())


def _answer(channel: IO[bytes], message: Message) -> None:
    pickle.dump(message, channel)
    channel.flush()
