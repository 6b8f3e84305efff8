"""Whether the slices of a series make one even stack.

Volumes measured on slices that are missing, doubled or unevenly spaced are wrong, so a series
says so before anybody measures. What is found never changes what is stored.

Our own bounds: a spacing is uneven from one tenth of the usual one, slices are the same place
within a hundredth of a millimetre, and a gantry is tilted from half a degree.

References
----------
DICOM PS3.3 C.7.6.2 (Image Plane Module), C.8.2.1 (CT Image Module: Gantry/Detector Tilt).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from vitruvian.ingest.library.dicom.reading.header import Header

POSITION, ORIENTATION = "00200032", "00200037"
_TILT, _SPACING, _ROWS, _COLUMNS = "00181120", "00280030", "00280010", "00280011"
# what tells images at one place apart: acquisition, temporal position, echo, trigger time
_APART = ("00200012", "00200100", "00180086", "00181060")
_SAME_PLACE_MM = 0.01
_UNEVEN = 0.1
_GAP = 1.5
_TILT_DEGREES = 0.5
_SLICES_OF_A_STACK = 3
_AXES, _DIRECTIONS = 3, 6


@dataclass(frozen=True)
class Finding:
    """One thing that is not as a stack should be."""

    code: str
    sentence: str


@dataclass(frozen=True)
class _Slice:
    position: tuple[float, ...]
    orientation: tuple[float, ...]
    matrix: tuple[object, ...]
    apart: tuple[str, ...]


def check_stack(headers: Sequence[Header]) -> list[Finding]:
    """What is wrong with the geometry of one series; nothing for fewer than three slices.

    Parameters
    ----------
    headers
        Single-frame images of one series, in any order; those without a position are left out.
    """
    slices = [found for each in headers if (found := _slice(each)) is not None]
    if len(slices) < _SLICES_OF_A_STACK:
        return []
    if len({each.orientation for each in slices}) > 1:
        return [_finding("mixed-orientation", "has slices of several directions")]
    return [*_matrix(slices), *_tilt(headers, slices), *_spacing(slices)]


def _slice(header: Header) -> _Slice | None:
    position, orientation = header.numbers(POSITION), header.numbers(ORIENTATION)
    if len(position) != _AXES or len(orientation) != _DIRECTIONS:
        return None
    matrix = (header.text(_ROWS), header.text(_COLUMNS), *header.numbers(_SPACING))
    apart = tuple(header.text(tag) for tag in _APART)
    direction = tuple(round(each, 3) + 0.0 for each in orientation)
    return _Slice(tuple(position), direction, matrix, apart)


def _normal(orientation: Sequence[float]) -> tuple[float, float, float]:
    a, b, c, d, e, f = orientation
    return b * f - c * e, c * d - a * f, a * e - b * d


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _matrix(slices: Sequence[_Slice]) -> Iterator[Finding]:
    if len({each.matrix for each in slices}) > 1:
        yield _finding("mixed-matrix", "has slices of several sizes or pixel spacings")


def _tilt(headers: Sequence[Header], slices: Sequence[_Slice]) -> Iterator[Finding]:
    said = max((abs(angle) for each in headers for angle in each.numbers(_TILT)), default=0.0)
    angle = max(said, _shear(slices))
    if angle > _TILT_DEGREES:
        yield _finding("gantry-tilt", f"was taken with the gantry tilted by {angle:.1f} degrees")


def _shear(slices: Sequence[_Slice]) -> float:
    """Degrees between the way from the first slice to the last and the slices' own direction."""
    normal = _normal(slices[0].orientation)
    ends = sorted(slices, key=lambda each: _dot(normal, each.position))
    way = [b - a for a, b in zip(ends[0].position, ends[-1].position, strict=True)]
    length = math.sqrt(_dot(way, way))
    if length < _SAME_PLACE_MM:
        return 0.0
    return math.degrees(math.acos(min(1.0, abs(_dot(normal, way)) / length)))


def _spacing(slices: Sequence[_Slice]) -> Iterator[Finding]:
    normal = _normal(slices[0].orientation)
    stacks: dict[tuple[str, ...], list[float]] = {}
    for each in slices:
        stacks.setdefault(each.apart, []).append(_dot(normal, each.position))
    found = Counter[str]()
    for places in stacks.values():
        found.update(_of_stack(sorted(places)))
    if number := found["doubled"]:
        yield _finding("duplicate-slices", f"has {number} slices at a place that has one already")
    if number := found["missing"]:
        yield _finding("missing-slices", f"lacks {number} slices between its first and its last")
    if found["uneven"]:
        yield _finding("mixed-spacing", "has uneven distances between its slices")


def _of_stack(places: Sequence[float]) -> Counter[str]:
    steps = [b - a for a, b in pairwise(places)]
    between = [step for step in steps if step > _SAME_PLACE_MM]
    found = Counter({"doubled": len(steps) - len(between)})
    if not between:
        return found
    usual = median(between)
    for step in between:
        whole = round(step / usual)
        if step > _GAP * usual and abs(step - whole * usual) <= _UNEVEN * usual:
            found["missing"] += whole - 1
        elif abs(step - usual) > _UNEVEN * usual:
            found["uneven"] += 1
    return found


def _finding(code: str, what: str) -> Finding:
    return Finding(code, f"The series that this file belongs to {what}.")
