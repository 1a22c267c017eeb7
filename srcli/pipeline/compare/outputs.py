"""Comparisons as files."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from srcli.core.errors import OutputError
from srcli.core.files import atomic_path, remove_leftovers
from srcli.core.geometry import Size
from srcli.core.names import printable
from srcli.imaging.encode import encode_picture, plan_encoding
from srcli.imaging.formats import format_from_extension
from srcli.imaging.picture import Frame, Metadata, Mode
from srcli.pipeline.compare.page import PAGE_EXTENSIONS, make_page
from srcli.pipeline.compare.sheet import draw_sheet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from srcli.pipeline.compare.comparison import Comparison
    from srcli.pipeline.compare.crops import Box


def check_target(target: Path, *, overwrite: bool) -> None:
    """See to it before any work that the output can be made.

    Raises:
        OutputError: it exists and may not be replaced, or its extension is none that srcli writes.
    """
    suffix = target.suffix.lower()
    if suffix not in PAGE_EXTENSIONS and format_from_extension(suffix) is None:
        raise OutputError(
            f"cannot write {printable(target)}: unknown kind '{suffix}'",
            hint="end it in .html for a page, or in .png for a sheet",
        )
    if target.exists() and not overwrite:
        raise OutputError(f"{printable(target)} exists already", hint="add --overwrite to replace it")


def write_comparison(comparison: Comparison, boxes: Sequence[Box], target: Path, *, overwrite: bool) -> None:
    """Write a page where the name ends in ``.html``, else a sheet.

    Raises:
        OutputError: it can't be written.
    """
    remove_leftovers(target.parent)
    if target.suffix.lower() in PAGE_EXTENSIONS:
        with atomic_path(target, overwrite=overwrite) as temporary:
            temporary.write_text(make_page(comparison, boxes), encoding="utf-8")
    else:
        _write_sheet(comparison, boxes, target, overwrite=overwrite)


def _write_sheet(comparison: Comparison, boxes: Sequence[Box], target: Path, *, overwrite: bool) -> None:
    sheet = draw_sheet(comparison, boxes)
    size = Size(*sheet.shape[:2])
    # The sheet's own letters and frames are sRGB, so a profile of the picture does not go with it.
    info = dataclasses.replace(comparison.info, size=size, mode=Mode.RGB, metadata=Metadata())
    encoding = plan_encoding(
        info, size, format=format_from_extension(target.suffix), quality=None, strip=True
    )
    with atomic_path(target, overwrite=overwrite) as temporary:
        encode_picture(temporary, iter([Frame(sheet, None)]), encoding)
