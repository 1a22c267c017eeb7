"""Words about a file and its streams."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_OF_THE_FILE = re.compile(
    r"(?i)(encoder|major_brand|minor_version|compatible_brands|duration|vendor_id|bps|number_of_\w+|_statistics_\w+"
    r"|alpha_mode)(-\w+)?"
)
"""Metadata that say how the file was written, not what it is."""

_MP4 = frozenset(
    {
        "title",
        "artist",
        "album_artist",
        "composer",
        "album",
        "date",
        "comment",
        "genre",
        "copyright",
        "grouping",
        "lyrics",
        "description",
        "synopsis",
        "show",
        "episode_id",
        "network",
        "keywords",
        "episode_sort",
        "season_number",
        "hd_video",
        "gapless_playback",
        "media_type",
        "track",
        "disc",
        "compilation",
        "location",
        "creation_time",
        "timecode",
        "category",
        "make",
        "model",
        "sort_name",
        "sort_artist",
        "sort_album",
    }
)
"""Names that MP4's own boxes have."""


def kept_metadata(metadata: dict[str, str]) -> dict[str, str]:
    """Metadata without what says how the old file was written."""
    return {key: _once(key, value) for key, value in metadata.items() if not _OF_THE_FILE.fullmatch(key)}


def _once(key: str, value: str) -> str:
    """A time that a file tells in two places, which FFmpeg from 9 on joins by a semicolon."""
    first, *others = value.split(";")
    return first if key == "creation_time" and set(others) <= {first} else value


def needs_keys(names: Iterable[str]) -> bool:
    """Whether a file is one of Apple's, whose metadata go by names of their own instead of MP4's boxes."""
    return any(name.lower().startswith("com.") for name in names)


def lost_in_mp4(names: Iterable[str]) -> list[str]:
    """The names that MP4's boxes have no place for."""
    names = list(names)
    if needs_keys(names):
        return []
    return [name for name in names if name.lower().partition("-")[0] not in _MP4]
