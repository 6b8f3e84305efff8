"""What was drawn on a series, as labels on the series' own voxels.

Nothing is resampled: what does not lie on the voxels is refused, because a border that was moved
by half a voxel is another border.

References
----------
DICOM PS3.3 C.8.20 (Segmentation), C.8.8 (Structure Set); PS3.3 C.7.4.1 (Frame of Reference).
M. Okabe and K. Ito, Color Universal Design, 2008: eight colours that the colour-blind tell apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from vitruvian.derive.images.errors import OverlayRefused
from vitruvian.derive.images.pixels import library
from vitruvian.derive.images.planes import Json, items, value
from vitruvian.derive.images.volume import Plane, Stack, nifti

PALETTE = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")
_OFF_VOXEL = 0.1
"""Our own bound: a drawing lies on the voxels when it is off by less than a tenth of one."""
_MOST_LABELS = 2**15 - 1
_FRAME_OF_REFERENCE, _SERIES = "00200052", "0020000E"
_REFERRING = ("00081115", "30060010", "30060012", "30060014")

NOT_THERE = "it was drawn in another frame of reference, so its places mean nothing here"
_UNNAMED = "it names neither this series nor a frame of reference that both share"
_NO_PLACE = "its frames do not say where they lie"
_OFF = "its voxels are of another size or lie between those of this series"
BEYOND = "it reaches beyond the pictures of this series"
_TOO_MANY = "more segments overlap in it than can be told apart"
NOTHING = "nothing is drawn in it"


@dataclass(frozen=True)
class Segment:
    """One thing that was drawn.

    `meaning` is its coded property, `how` who or what drew it, `colour` is #rrggbb.
    """

    number: int
    label: str
    meaning: str | None
    how: str | None
    colour: str


@dataclass(frozen=True)
class Grid:
    """The voxels of a stack: `ways` are the steps in mm from column to column, row, and slice."""

    stack: Stack
    ways: Any
    origin: Any
    shape: tuple[int, int, int]

    def voxels(self, points: Any) -> Any:
        """(n, 3) points in mm as (n, 3) float column, row, slice; whole numbers are centres."""
        numpy = library("numpy")
        return numpy.linalg.solve(self.ways, (numpy.asarray(points) - self.origin).T).T

    @property
    def millilitres(self) -> float:
        """The volume of one voxel."""
        return abs(float(library("numpy").linalg.det(self.ways))) / 1000


def grid_of(stack: Stack) -> Grid:
    """The voxels of a stack of slices."""
    numpy = library("numpy")
    plane = stack.planes[0]
    between_rows, between_columns = plane.spacing_mm
    ways = numpy.array(
        [
            [each * between_columns for each in plane.row],
            [each * between_rows for each in plane.column],
            stack.step,
        ]
    ).T
    return Grid(stack, ways, numpy.array(plane.position), (len(stack.planes), *plane.size))


# ------------------------------------------------------------------ whether it fits


def expect_same_space(drawn: Json, series: Json, *, frames: Iterable[str]) -> None:
    """Raise `OverlayRefused` unless the places of both mean the same.

    Parameters
    ----------
    drawn, series
        Headers of the object and of an image of the series.
    frames
        The frames of reference that the object was drawn in.
    """
    own = str(value(series, _FRAME_OF_REFERENCE) or "")
    told = {each for each in frames if each}
    if own and told:
        if own not in told:
            raise OverlayRefused(NOT_THERE)
    elif str(value(series, _SERIES)) not in set(_named_series(drawn)):
        raise OverlayRefused(_UNNAMED)


def _named_series(header: Json) -> Iterable[str]:
    for tag in _REFERRING:
        for item in items(header, tag):
            yield str(value(item, _SERIES) or "")
            yield from _named_series(item)


@dataclass(frozen=True)
class Placed:
    """Where a frame lies on the voxels: its first pixel, and the steps along a row and a column."""

    start: Any
    along_row: Any
    along_column: Any

    def at(self, mask: Any) -> tuple[Any, Any, Any]:
        """Slice, row and column numbers of the pixels that are set."""
        rows, columns = library("numpy").nonzero(mask)
        found = self.start + rows[:, None] * self.along_column + columns[:, None] * self.along_row
        return found[:, 2], found[:, 1], found[:, 0]


def placed(grid: Grid, planes: Sequence[Plane | None]) -> list[Placed]:
    """Where frames lie on the voxels.

    Raises
    ------
    OverlayRefused
        When one does not say, or its pixels lie between the voxels.
    """
    found: dict[tuple[Any, ...], tuple[Any, Any]] = {}
    places = []
    for plane in planes:
        if plane is None:
            raise OverlayRefused(_NO_PLACE)
        kind = (plane.row, plane.column, plane.spacing_mm, plane.size)
        if kind not in found:
            found[kind] = _steps(grid, plane)
        start = _whole(grid.voxels([plane.position])[0])
        places.append(Placed(start, *found[kind]))
    return places


def _steps(grid: Grid, plane: Plane) -> tuple[Any, Any]:
    """How many voxels a pixel is from the next in its row and in its column: one, along an axis."""
    numpy = library("numpy")
    between_rows, between_columns = plane.spacing_mm
    ways = numpy.array([plane.row, plane.column]) * [[between_columns], [between_rows]]
    steps = numpy.linalg.solve(grid.ways, ways.T).T
    rounded = numpy.rint(steps)
    far = numpy.array([[plane.size[1] - 1], [plane.size[0] - 1]])
    if (abs(rounded).sum(axis=1) != 1).any() or (abs(steps - rounded) * far > _OFF_VOXEL).any():
        raise OverlayRefused(_OFF)
    along_row, along_column = rounded.astype(int)
    return along_row, along_column


def _whole(voxel: Any) -> Any:
    numpy = library("numpy")
    rounded = numpy.rint(voxel)
    if (abs(voxel - rounded) > _OFF_VOXEL).any():
        raise OverlayRefused(_OFF)
    return rounded.astype(int)


# ------------------------------------------------------------------ labels on voxels


@dataclass
class LabelMap:
    """One number a voxel; each number stands for the segments that lie there, 0 for none.

    So that segments may overlap, as they do, and none hides another.
    """

    grid: Grid
    values: Any = field(init=False)
    sets: list[tuple[int, ...]] = field(default_factory=lambda: [()])

    def __post_init__(self) -> None:
        self.values = library("numpy").zeros(self.grid.shape, "int16")

    def add(self, segment: int, where: tuple[Any, Any, Any]) -> None:
        """Say that a segment lies at these slices, rows and columns.

        Raises
        ------
        OverlayRefused
            When some of them are no voxels.
        """
        numpy = library("numpy")
        for place, side in zip(where, self.grid.shape, strict=True):
            if len(place) and (place.min() < 0 or place.max() >= side):
                raise OverlayRefused(BEYOND)
        under = self.values[where]
        for each in numpy.unique(under):
            here = under == each
            self.values[tuple(place[here] for place in where)] = self._number(int(each), segment)

    def _number(self, under: int, segment: int) -> int:
        wanted = tuple(sorted({*self.sets[under], segment}))
        if wanted not in self.sets:
            if len(self.sets) > _MOST_LABELS:
                raise OverlayRefused(_TOO_MANY)
            self.sets.append(wanted)
        return self.sets.index(wanted)

    def voxels(self) -> dict[int, int]:
        """How many voxels each segment has."""
        counts = library("numpy").bincount(self.values.ravel(), minlength=len(self.sets))
        found: dict[int, int] = {}
        for segments, count in zip(self.sets, counts, strict=True):
            for each in segments:
                found[each] = found.get(each, 0) + int(count)
        return found

    def middle_mm(self, segment: int) -> tuple[float, float, float]:
        """Where to look for a segment: the middle of its largest slice, in mm.

        To the right, the front, the head: the directions of the volume (NIfTI-1), not of DICOM.
        """
        numpy = library("numpy")
        lies = numpy.array([segment in each for each in self.sets])[self.values]
        areas = lies.sum(axis=(1, 2))
        largest = numpy.flatnonzero(areas == areas.max())
        place = int(largest[len(largest) // 2])
        row, column = (float(each.mean()) for each in numpy.nonzero(lies[place]))
        x, y, z = (float(each) for each in self.grid.origin + self.grid.ways @ (column, row, place))
        return -x, -y, z

    def nifti(self) -> bytes:
        """The labels as a NIfTI-1 file on the voxels of the series' own volume."""
        at = {number: place for place, number in enumerate(self.grid.stack.numbers)}
        return nifti(self.grid.stack, lambda number: self.values[at[number]])


def coloured(segments: Sequence[Segment]) -> list[Segment]:
    """Segments in colours that differ: their own, or the next of the palette where one is taken."""
    taken: set[str] = set()
    spare = [each for each in PALETTE if each not in {one.colour for one in segments}]
    found = []
    for each in segments:
        colour = each.colour
        if not colour or colour in taken:
            colour = next((one for one in spare if one not in taken), colour or PALETTE[0])
        taken.add(colour)
        found.append(Segment(each.number, each.label, each.meaning, each.how, colour))
    return found
