"""Which pictures of a file are wanted, where it holds several: each becomes an input of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from srcli.core.errors import SrcliError, UsageError
from srcli.imaging.readers.pages import Pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from srcli.upscaling.inputs import Input

PageChoice: TypeAlias = int | Literal["all"] | None
"""A number from 1, all, or the main one of each file."""


def parse_pages(word: str | None) -> PageChoice:
    """What ``--page`` says.

    Raises:
        UsageError: it is neither a number from 1 nor ``all``.
    """
    if word is None:
        return None
    if word == "all":
        return "all"
    if not (word.isascii() and word.isdigit() and int(word[:9]) > 0):
        raise UsageError(f"there is no page '{word}'", hint="give a number from 1, or all")
    return int(word[:9])


def choose_pages(inputs: Sequence[Input], choice: PageChoice) -> Iterator[Input]:
    """The pages of each input; one that holds a single picture stays as it is.

    A file that can't be read stays, too: opening it tells why.
    """
    for each in inputs:
        if choice is None:
            yield each
            continue
        given, pages = _count(each)
        if choice == "all":
            yield from _each_of(given, pages.whole if pages.count > 1 else ())
        else:
            yield replace(given, source=given.source.at(choice), is_one_of_many=pages.count > 1)


def _each_of(given: Input, numbers: tuple[int, ...]) -> Iterator[Input]:
    if len(numbers) < 2:
        yield replace(given, source=given.source.at(numbers[0])) if numbers else given
        return
    for number in numbers:
        yield replace(given, source=given.source.at(number), is_one_of_many=True)


def _count(given: Input) -> tuple[Input, Pages]:
    """An input that can still be read, and what it holds."""
    try:
        source, pages = given.source.counted()
    except SrcliError:
        return given, Pages()
    return replace(given, source=source), pages
