"""What a client asks to be done with its picture: names and values from a query or a form."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from srcli.server.problems import problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DEFAULT_SCALE = 4.0
_TRUE, _FALSE = frozenset({"true", "1", "yes", "on"}), frozenset({"false", "0", "no", "off"})


@dataclass(frozen=True, slots=True)
class Wishes:
    """Settings of ``srcli upscale`` as the API names them; None leaves the choice to srcli."""

    model: str | None = None
    scale: float | None = None
    width: int | None = None
    height: int | None = None
    longest: int | None = None
    shortest: int | None = None
    format: str | None = None
    quality: int | None = None
    strength: float = 1.0
    strip: bool = False
    seamless: bool = False

    def to_json(self) -> dict[str, Any]:
        """All of them as JSON-ready values."""
        return asdict(self)


def read_wishes(pairs: Iterable[tuple[str, str]], model: str) -> Wishes:
    """Read settings. Empty values count as not given, as a form sends them.

    Args:
        pairs: names and values; a name that comes twice counts once, the last time.
        model: where none is named.

    Raises:
        Problem: a name is unknown, or a value is not of its kind. Whether values make sense together is for
            the worker to tell, in the words of the command line.
    """
    values = {name: value for name, value in pairs if value}
    unknown = sorted(set(values) - set(READERS))
    if unknown:
        known = ", ".join(READERS)
        raise problem(
            422, "bad-setting", f"there is no setting named {unknown[0]!r:.80}", f"there are {known}"
        )
    read = {name: READERS[name](name, value) for name, value in values.items()}
    read.setdefault("model", model)
    if not {"scale", "width", "height", "longest", "shortest"} & set(read):
        read["scale"] = DEFAULT_SCALE
    return Wishes(**read)


def _text(name: str, value: str) -> str:
    if len(value) > 100 or not value.isprintable():
        raise problem(422, "bad-setting", f"{name} is no name")
    return value


def _whole(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise problem(422, "bad-setting", f"{name} is a whole number, not {value!r:.80}")
    return int(value)


def _number(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not -1e9 < number < 1e9:
        raise problem(422, "bad-setting", f"{name} is a number, not {value!r:.80}")
    return number


def _switch(name: str, value: str) -> bool:
    if value.lower() not in _TRUE | _FALSE:
        raise problem(422, "bad-setting", f"{name} is true or false, not {value!r:.80}")
    return value.lower() in _TRUE


_BY_TYPE: dict[str, Callable[[str, str], Any]] = {
    "str": _text,
    "int": _whole,
    "float": _number,
    "bool": _switch,
}
READERS = {each.name: _BY_TYPE[str(each.type).split(" ")[0]] for each in fields(Wishes)}
