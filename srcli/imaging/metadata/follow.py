"""Metadata that speaks of the pixels, made true of the picture that is written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from srcli.imaging.metadata import exif, geotiff, photoshop, xmp
from srcli.imaging.metadata.png import follow_chunks

if TYPE_CHECKING:
    from srcli.imaging.metadata.change import Change
    from srcli.imaging.picture import Metadata


def follow(metadata: Metadata, change: Change) -> tuple[Metadata, tuple[str, ...]]:
    """The metadata of a file as it is true of the new picture, and warnings that name what had to go."""
    resources, lost_resources = (
        photoshop.followed(metadata.photoshop, change) if metadata.photoshop else (None, ())
    )
    packet, lost_xmp = xmp.followed(metadata.xmp, change) if metadata.xmp else (None, ())
    place, lost_place = geotiff.followed(metadata.geotiff, change) if metadata.geotiff else (None, ())
    chunks, lost_chunks = follow_chunks(metadata.chunks, change)
    true = replace(
        metadata,
        exif=exif.followed(metadata.exif, change) if metadata.exif else None,
        xmp=packet,
        photoshop=resources,
        geotiff=place,
        dpi=_turned(metadata.dpi, change),
        aspect=_turned(metadata.aspect, change),
        chunks=chunks,
    )
    return true, (*lost_xmp, *lost_resources, *lost_place, *lost_chunks)


def _turned(density: tuple[float, float] | None, change: Change) -> tuple[float, float] | None:
    return (density[1], density[0]) if density and change.swaps else density
