"""A picture inside JSON, as base64."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srcli.core.errors import InputError

if TYPE_CHECKING:
    from srcli.server.worker.main import Cancels, Tell

_DATA_URL = re.compile(r"data:[\w.+-]+/[\w.+-]+(?:;[\w.+-]+=[\w.+-]+)*;base64,", re.ASCII)


class BadLetter(InputError):
    """The JSON is not what it should be."""

    code = "bad-request"


def unwrap(task: dict[str, Any], tell: Tell, _cancels: Cancels) -> None:
    """Write the picture of ``{"DATA", "MODEL", "FILENAME"}`` to a file.

    Args:
        task: ``source``, the JSON; ``target``, for the picture.
        tell: told ``model`` and ``name``, empty where they are not given; ``size`` in bytes; ``digest``.

    Raises:
        BadLetter: it is no such JSON.
    """
    try:
        values = json.loads(Path(task["source"]).read_bytes())
    except (ValueError, RecursionError) as error:
        raise BadLetter(f"the body is no JSON: {error}"[:200]) from error
    if not isinstance(values, dict):
        raise BadLetter('the body is no object such as {"DATA": "..."}')
    data = _decode(_text(values, "DATA"))
    Path(task["target"]).write_bytes(data)
    tell(
        {
            "event": "unwrapped",
            "model": _text(values, "MODEL"),
            "name": _text(values, "FILENAME"),
            "size": len(data),
            "digest": hashlib.sha256(data).hexdigest(),
        }
    )


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name) or ""
    if not isinstance(value, str):
        raise BadLetter(f"{name} is no text")
    return value


def _decode(text: str) -> bytes:
    """The bytes of base64, with line breaks and the start of a data address as people send them."""
    start = _DATA_URL.match(text)
    try:
        data = base64.b64decode("".join(text[start.end() if start else 0 :].split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadLetter(f"DATA is no base64: {error}"[:200]) from error
    if not data:
        raise BadLetter("DATA is empty", "it holds a picture as base64")
    return data
