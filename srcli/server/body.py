"""Bodies of requests on their way to files: bounded in bytes, in time and in slowness."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from srcli.server.problems import problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.requests import Request

    from srcli.server.settings import Limits

LEAST_BYTES_A_SECOND = 4096
PATIENCE_S = 10.0
"""Before a sender is held to that."""
DISCARDED_BYTES = 16 * 2**20
DISCARDING_S = 2.0
"""What is still taken of a body that is refused: many clients read no answer before they have sent it."""
FIELD_BYTES, MOST_FIELDS = 1000, 30


@dataclass(slots=True)
class Received:
    """What a body brought.

    Attributes:
        size: of the picture, in bytes.
        digest: SHA-256 of the picture.
        name: of the file, where the body tells it.
        fields: of a form.
    """

    size: int = 0
    digest: str = ""
    name: str | None = None
    fields: list[tuple[str, str]] = field(default_factory=list)


def size_of_body(request: Request, limit: int) -> int:
    """Bytes that a body takes at most: what it declares, up to the limit, or the limit."""
    declared = request.headers.get("content-length", "")
    return min(int(declared), limit) if declared.isdigit() else limit


async def receive_picture(request: Request, target: Path, limits: Limits) -> Received:
    """Write the picture in a body to a file: the whole body, or the part ``file`` of a form.

    Raises:
        Problem: it is too large, too slow, empty, or no form that can be read.
        ClientDisconnect: the sender went away.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    try:
        with target.open("wb") as file:
            sink = _Sink(file)
            if kind != b"multipart/form-data":
                async for chunk in chunks(request, limits.upload_bytes, limits.body_seconds, "--max-upload"):
                    sink.write(chunk)
                return sink.received()
            form = _Form(options.get(b"boundary", b""), sink)
            # What stands around the picture in a form has room as well.
            limit = limits.upload_bytes + MOST_FIELDS * (FIELD_BYTES + 1000)
            async for chunk in chunks(request, limit, limits.body_seconds, "--max-upload"):
                form.write(chunk)
            return form.received()
    except OSError as error:
        raise problem(507, "disk-full", f"there is no room for the upload: {error.strerror}") from error


async def receive_json(request: Request, target: Path, limits: Limits) -> None:
    """Write a body of JSON to a file.

    Raises:
        Problem: it is none, too large or too slow.
        ClientDisconnect: the sender went away.
    """
    kind, _ = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"application/json":
        raise problem(
            415, "unsupported-format", "this address takes application/json", "send that Content-Type"
        )
    try:
        with target.open("wb") as file:
            async for chunk in chunks(request, limits.json_bytes, limits.body_seconds, "--max-json"):
                file.write(chunk)
    except OSError as error:
        raise problem(507, "disk-full", f"there is no room for the upload: {error.strerror}") from error


async def chunks(request: Request, limit: int, seconds: float, option: str) -> AsyncIterator[bytes]:
    """A body, piece by piece.

    Args:
        request: with the body.
        limit: most bytes of it.
        seconds: that it may take in all.
        option: of ``srcli serve`` that sets the limit of bytes.

    Raises:
        Problem: it passes a limit.
        ClientDisconnect: the sender went away.
    """
    declared = request.headers.get("content-length", "")
    seen = int(declared) if declared.isdigit() else 0
    started_s = asyncio.get_running_loop().time()
    received, more = 0, True
    while more and max(received, seen) <= limit:
        allowed_s = min(seconds, PATIENCE_S + received / LEAST_BYTES_A_SECOND)
        try:
            async with asyncio.timeout_at(started_s + allowed_s):
                message = await request.receive()
        except TimeoutError:
            detail = f"{received} bytes came in {allowed_s:.0f} seconds"
            raise problem(408, "too-slow", detail, limit=seconds, option="--body-timeout") from None
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        received += len(message.get("body", b""))
        more = message.get("more_body", False)
        if received <= limit:
            yield message.get("body", b"")
    if max(received, seen) > limit:
        if more:
            await _discard(request, seen)
        detail = f"the upload is larger than {limit / 2**20:g} MiB"
        raise problem(413, "too-large", detail, limit=limit, seen=max(received, seen), option=option)


async def _discard(request: Request, size: int) -> None:
    """Take some of what still comes, so that the sender gets to read why it is refused."""
    if size > DISCARDED_BYTES:
        return
    taken = 0
    try:
        async with asyncio.timeout(DISCARDING_S):
            while taken < DISCARDED_BYTES:
                message = await request.receive()
                taken += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        return


class _Sink:
    """Writes a picture to a file, and counts and hashes it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> None:
        self._size += len(data)
        self._hash.update(data)
        self._file.write(data)

    def received(self) -> Received:
        """Raise Problem where nothing came."""
        self._file.flush()
        if not self._size:
            raise problem(422, "not-a-picture", "the upload is empty", "send a picture as the body")
        return Received(self._size, self._hash.hexdigest())


class _Form:
    """A form whose part ``file`` is the picture.

    Args:
        boundary: between its parts.
        sink: takes the picture.

    Raises:
        Problem: when written to, it is no such form.
    """

    def __init__(self, boundary: bytes, sink: _Sink) -> None:
        self._sink = sink
        self._fields: list[tuple[str, str]] = []
        self._filename: str | None = None
        self._pictures = 0
        self._header_name = self._header_value = b""
        self._headers: dict[bytes, bytes] = {}
        self._name, self._value, self._in_file = "", b"", False
        if not 0 < len(boundary) <= 70:
            raise _bad_form("it has no boundary")
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._add_header_name,
                "on_header_value": self._add_header_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._open_part,
                "on_part_data": self._add_data,
                "on_part_end": self._end_part,
            },
        )

    def write(self, data: bytes) -> None:
        try:
            self._parser.write(data)
        except ValueError as error:
            # The errors of the parser are such.
            raise _bad_form(str(error)) from error

    def received(self) -> Received:
        try:
            self._parser.finalize()
        except ValueError as error:
            raise _bad_form(str(error)) from error
        if self._pictures != 1:
            raise _bad_form(f"it has {self._pictures} parts named file", "curl -F file=@photo.jpg sends one")
        received = self._sink.received()
        received.name, received.fields = self._filename, self._fields
        return received

    def _begin(self) -> None:
        self._headers, self._value = {}, b""

    def _add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _open_part(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._in_file = self._name == "file"
        if self._in_file:
            self._pictures += 1
            self._filename = options.get(b"filename", b"").decode("utf-8", "replace") or None

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            if self._pictures == 1:
                self._sink.write(data[start:end])
            return
        self._value += data[start:end]
        if len(self._value) > FIELD_BYTES or len(self._fields) >= MOST_FIELDS:
            raise _bad_form("its fields are too many or too long")

    def _end_part(self) -> None:
        if not self._in_file:
            self._fields.append((self._name, self._value.decode("utf-8", "replace")))


def _bad_form(why: str, hint: str | None = None) -> Exception:
    return problem(400, "bad-request", f"the form can't be read: {why}"[:300], hint)
