"""A series as one volume in Hounsfield units, in the patient's own directions.

References
----------
DICOM PS3.3 C.7.6.2 (Image Plane Module): patients' coordinates run to the left, the back, the head.
NIfTI-1.1 data format, NIMH 2007: coordinates run to the right, the front, the head; `sform_code` 1.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from vitruvian.derive.images.errors import NoVolume
from vitruvian.derive.images.pixels import frame_values, library, open_object

MOST_BYTES = 1 << 29
_UNEVEN, _GAP_MM, _SAME_DIRECTION = 0.1, 0.01, 1e-3
_TILT_SINE = 0.0087
"""Half a degree, the bound of the geometry check of series (docs/reference/ingest/dicom.md)."""
_FEWEST = 2
_HEADER, _OFFSET, _INT16, _FLOAT32, _SCANNER, _MILLIMETRES = 348, 352, 4, 16, 1, 2
_LETTERS = (("R", "L"), ("A", "P"), ("F", "H"))
_NO_PLACE = "it has one image only, or images that do not say where they lie"

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Plane:
    """Where one image lies: patient coordinates in mm, to the left, the back, the head.

    `row` and `column` are the directions in which a row and a column run; `spacing_mm` is the
    distance between rows and between columns.
    """

    position: Vector
    row: Vector
    column: Vector
    spacing_mm: tuple[float, float]
    size: tuple[int, int]

    @property
    def normal(self) -> Vector:
        """The direction in which slices follow."""
        (a, b, c), (d, e, f) = self.row, self.column
        return b * f - c * e, c * d - a * f, a * e - b * d

    @property
    def place_mm(self) -> float:
        """How far along the normal it lies."""
        return sum(a * b for a, b in zip(self.normal, self.position, strict=True))


def edge_letters(plane: Plane) -> tuple[str, str, str, str]:
    """What lies at the left, right, top and bottom edge of an image: R L A P H F.

    Examples
    --------
    >>> edge_letters(Plane((0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1), (8, 8)))
    ('R', 'L', 'A', 'P')
    """
    left, right = _ends(plane.row)
    top, bottom = _ends(plane.column)
    return left, right, top, bottom


def _ends(way: Vector) -> tuple[str, str]:
    """What lies where a direction comes from, and where it goes."""
    axis = max(range(3), key=lambda each: abs(way[each]))
    back, forth = _LETTERS[axis]
    return (back, forth) if way[axis] > 0 else (forth, back)


@dataclass(frozen=True)
class Stack:
    """The images of a series in order along their normal, `numbers` as they were given."""

    planes: tuple[Plane, ...]
    numbers: tuple[int, ...]

    @property
    def step(self) -> Vector:
        """From one slice to the next, in mm."""
        first, last = self.planes[0].position, self.planes[-1].position
        count = len(self.planes) - 1
        x, y, z = ((b - a) / count for a, b in zip(first, last, strict=True))
        return x, y, z


def stacked(planes: Sequence[Plane | None]) -> Stack:
    """The images in order, when they are one even stack.

    Raises
    ------
    NoVolume
        When images have no place, differ in direction, size or distance, or double one another.
    """
    placed = [(each, number) for number, each in enumerate(planes) if each is not None]
    if len(placed) < _FEWEST or len(placed) < len(planes):
        raise NoVolume(_NO_PLACE)
    ordered = sorted(placed, key=lambda each: each[0].place_mm)
    stack = Stack(*map(tuple, zip(*ordered, strict=True)))
    reason = next(_faults(stack), None)
    if reason:
        raise NoVolume(reason)
    return stack


def _faults(stack: Stack) -> Iterator[str]:
    first = stack.planes[0]
    for each in stack.planes:
        if _turned(first.row, each.row) or _turned(first.column, each.column):
            yield "its images lie in several directions"
        if (each.size, each.spacing_mm) != (first.size, first.spacing_mm):
            yield "its images differ in size"
    places = [each.place_mm for each in stack.planes]
    steps = [b - a for a, b in pairwise(places)]
    usual = (places[-1] - places[0]) / len(steps)
    if min(steps) < _GAP_MM:
        yield "two images lie at one place"
    elif any(abs(step - usual) > _UNEVEN * usual for step in steps):
        yield "slices are missing or unevenly spaced"
    aside = [s - usual * n for s, n in zip(stack.step, first.normal, strict=True)]
    if sum(each * each for each in aside) ** 0.5 > _TILT_SINE * usual:
        yield "the gantry was tilted"
    if len(places) * first.size[0] * first.size[1] * 2 > MOST_BYTES:
        yield "it is larger than 512 MiB"


def _turned(one: Vector, other: Vector) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) > _SAME_DIRECTION


def nifti(stack: Stack, values: Callable[[int], Any]) -> bytes:
    """The volume as an uncompressed NIfTI-1 file.

    Parameters
    ----------
    stack
        From `stacked`.
    values
        (rows, columns) numbers of one image, by its number as given to `stacked`; Hounsfield
        units for CT.

    Returns
    -------
    bytes
        int16 where every value is a whole number in its range, else float32.
    """
    numpy = library("numpy")
    slices = [values(number) for number in stack.numbers]
    kind = "<i2" if all(_is_whole(numpy, each) for each in slices) else "<f4"
    parts = [_header(stack, _INT16 if kind == "<i2" else _FLOAT32)]
    for place, each in enumerate(slices):
        parts.append(each.astype(kind).tobytes())
        slices[place] = None  # a volume is large: each slice is let go of when it is written
    return b"".join(parts)


def _is_whole(numpy: Any, values: Any) -> bool:
    inside = values.min() >= -(2**15) and values.max() < 2**15
    return bool(inside and (values == numpy.rint(values)).all())


def _header(stack: Stack, kind: int) -> bytes:
    plane = stack.planes[0]
    rows, columns = plane.size
    between_rows, between_columns = plane.spacing_mm
    ways = [
        [each * between_columns for each in plane.row],
        [each * between_rows for each in plane.column],
        list(stack.step),
        list(plane.position),
    ]
    step_mm = sum(each * each for each in stack.step) ** 0.5
    header = bytearray(_OFFSET)
    struct.pack_into("<i", header, 0, _HEADER)
    struct.pack_into("<8h", header, 40, 3, columns, rows, len(stack.planes), 1, 1, 1, 1)
    struct.pack_into("<hh", header, 70, kind, 16 if kind == _INT16 else 32)
    struct.pack_into("<8f", header, 76, 1, between_columns, between_rows, step_mm, 1, 1, 1, 1)
    struct.pack_into("<fff", header, 108, _OFFSET, 1, 0)
    header[123] = _MILLIMETRES
    struct.pack_into("<h", header, 254, _SCANNER)
    for axis, sign in enumerate((-1, -1, 1)):  # left and back become right and front
        struct.pack_into("<4f", header, 280 + 16 * axis, *(sign * way[axis] for way in ways))
    header[344:348] = b"n+1\0"
    return bytes(header)


@dataclass(frozen=True)
class Frame:
    """One image of a series: what gives its file's bytes, and which frame of it, from 0."""

    file: Callable[[], bytes]
    number: int = 0


def series_volume(stack: Stack, frames: Sequence[Frame]) -> bytes:
    """The volume of a series of grey images as NIfTI-1, in Hounsfield units for CT.

    Parameters
    ----------
    stack
        How the images lie, from `stacked`, numbered like the frames.
    frames
        Frames of one object share one `file`, which is opened once while they follow each other;
        of each only the pixels are kept.
    """

    @lru_cache(maxsize=1)
    def opened(file: Callable[[], bytes]) -> Any:
        return open_object(file())

    def values(number: int) -> Any:
        frame = frames[number]
        return _small(frame_values(opened(frame.file), frame.number))

    return nifti(stack, values)


def _small(values: Any) -> Any:
    """The same numbers in half the room or less."""
    numpy = library("numpy")
    return values.astype("int16" if _is_whole(numpy, values) else "float32")
