"""Where the images of an object lie, read from its header in the DICOM JSON model.

An object of one image says it once; an enhanced one says it in functional groups, for all of
its frames (shared) or for each (per frame).

References
----------
DICOM PS3.3 C.7.6.2 (Image Plane Module), C.7.6.16 (Multi-frame Functional Groups Module:
Pixel Measures, Plane Position, Plane Orientation, Frame VOI LUT); PS3.18 annex F (JSON model).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vitruvian.derive.images.volume import Plane

Json = Mapping[str, Any]
_SHARED, _PER_FRAME = "52009229", "52009230"
ROWS, COLUMNS, FRAMES, SAMPLES = "00280010", "00280011", "00280008", "00280002"


@dataclass(frozen=True)
class Attribute:
    """An attribute by its tag, and the functional group that holds it in enhanced objects."""

    tag: str
    group: str


POSITION = Attribute("00200032", "00209113")
ORIENTATION = Attribute("00200037", "00209116")
SPACING = Attribute("00280030", "00289110")
CENTRE, WIDTH = Attribute("00281050", "00289132"), Attribute("00281051", "00289132")
SEGMENT = Attribute("0062000B", "0062000A")


def values(header: Json, tag: str) -> list[Any]:
    """The values of an element; empty when it is absent or empty."""
    return list(header.get(tag, {}).get("Value") or [])


def value(header: Json, tag: str) -> Any:
    """The first value of an element; None without one."""
    return next(iter(values(header, tag)), None)


def items(header: Json, tag: str) -> list[Json]:
    """The items of a sequence."""
    return [each for each in values(header, tag) if isinstance(each, dict)]


def frame_count(header: Json) -> int:
    """How many images the object holds; none without rows."""
    return int(value(header, FRAMES) or 1) if value(header, ROWS) else 0


def of_frame(header: Json, frame: int, what: Attribute) -> list[Any]:
    """The values of an attribute as they hold for one frame, from 0."""
    for holder in _groups(header, frame):
        for item in items(holder, what.group):
            if found := values(item, what.tag):
                return found
    return values(header, what.tag)


def _groups(header: Json, frame: int) -> Iterator[Json]:
    """What is said of the frame alone, then of all."""
    own = values(header, _PER_FRAME)
    if frame < len(own) and isinstance(own[frame], dict):
        yield own[frame]
    yield from items(header, _SHARED)[:1]


def planes_of(header: Json) -> list[Plane | None]:
    """Where each frame lies; None for one that does not say, or is no grey image."""
    grey = int(value(header, SAMPLES) or 1) == 1
    return [_plane(header, frame) if grey else None for frame in range(frame_count(header))]


def _plane(header: Json, frame: int) -> Plane | None:
    several = frame_count(header) > 1
    said = [of_frame(header, frame, each) for each in (POSITION, ORIENTATION, SPACING)]
    own = not several or _PER_FRAME in header  # else the place is that of the object, of no frame
    if [len(each) for each in said] != [3, 6, 2] or not own:
        return None
    try:
        (x, y, z), (a, b, c, d, e, f), (rows, columns) = (map(float, each) for each in said)
    except (TypeError, ValueError):
        return None
    size = (int(value(header, ROWS) or 0), int(value(header, COLUMNS) or 0))
    return Plane((x, y, z), (a, b, c), (d, e, f), (rows, columns), size)
