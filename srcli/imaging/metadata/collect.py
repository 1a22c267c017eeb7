"""What a file says beside its pixels, with the orientation that it states; damaged parts go with a note."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace

from srcli.imaging.metadata import exif, xmp
from srcli.imaging.picture import Metadata


@dataclass(slots=True)
class Collected:
    """Metadata as it was found, the orientation that it states, and notes about what was dropped."""

    metadata: Metadata = field(default_factory=Metadata)
    orientation: int = 1
    notes: list[str] = field(default_factory=list)

    def settle(self, stated: int | None = None) -> Collected:
        """Find the orientation; who calls this bakes it into the pixels.

        A block that can't be understood is dropped, since no one could say what it makes of the picture.

        Args:
            stated: the orientation that the file states beside its EXIF data.
        """
        of_exif, of_xmp = self._exif_orientation(), self._xmp_orientation()
        stated = stated if stated and 1 <= stated <= 8 else of_exif
        if stated is None and of_xmp not in (None, 1):
            self.notes.append("its orientation stands in its XMP data alone: turned by that")
        self.orientation = stated or of_xmp or 1
        return self

    def _exif_orientation(self) -> int | None:
        try:
            return exif.read_orientation(self.metadata.exif) if self.metadata.exif else None
        except (ValueError, struct.error):
            self.metadata = replace(self.metadata, exif=None)
            self.notes.append("its EXIF data is damaged and was dropped")
            return None

    def _xmp_orientation(self) -> int | None:
        try:
            return xmp.read_orientation(self.metadata.xmp) if self.metadata.xmp else None
        except ValueError:
            self.metadata = replace(self.metadata, xmp=None)
            self.notes.append("its XMP data is damaged and was dropped")
            return None
