"""Structure sets: their structures, and which voxels of a series lie within the contours.

References
----------
DICOM PS3.3 C.8.8.5 (Structure Set Module), C.8.8.6 (ROI Contour Module): points in mm of the
patient; C.8.8.6.3 leaves holes to keyholes or to CLOSEDPLANAR_XOR, and the even-odd rule reads
both, as it reads the inner contours that many systems write.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vitruvian.derive.images.errors import OverlayRefused
from vitruvian.derive.images.overlay import (
    BEYOND,
    NOTHING,
    Grid,
    LabelMap,
    Segment,
    coloured,
    expect_same_space,
)
from vitruvian.derive.images.pixels import library
from vitruvian.derive.images.planes import Json, items, value, values

_ROIS, _ROI_NUMBER, _ROI_NAME, _HOW = "30060020", "30060022", "30060026", "30060036"
_FRAME_OF_REFERENCE = "30060024"
_CONTOURS, _COLOUR, _OF_ROI, _EACH = "30060039", "3006002A", "30060084", "30060040"
_KIND, _POINTS = "30060042", "30060050"
_CLOSED = {"CLOSED_PLANAR", "CLOSEDPLANAR_XOR"}
_OFF_SLICE = 0.1
"""Our own bound: a contour lies on a slice when no point is off by a tenth of their distance."""
_EDGE = 1.0
"""Our own bound: a contour may pass the edge of the pictures by one voxel, as outlines do."""
_AXES, _FEWEST_POINTS = 3, 3
_BETWEEN = "its contours lie between the slices of this series or across them"


def structures_of(header: Json) -> list[Segment]:
    """The structures that have closed contours."""
    drawn = {int(value(each, _OF_ROI) or 0): each for each in items(header, _CONTOURS)}
    found = []
    for item in items(header, _ROIS):
        number = int(value(item, _ROI_NUMBER) or 0)
        contours = drawn.get(number, {})
        if next(_closed(contours), None) is None:
            continue
        rgb = values(contours, _COLOUR)
        colour = (
            "#" + "".join(f"{int(each) & 255:02x}" for each in rgb) if len(rgb) == _AXES else ""
        )
        name = str(value(item, _ROI_NAME) or f"Structure {number}")
        how = str(value(item, _HOW) or "").lower() or None
        found.append(Segment(number, name, None, how, colour))
    return coloured(found)


def _closed(contours: Json) -> Iterator[list[Any]]:
    """The points of each closed contour, three numbers a point."""
    for each in items(contours, _EACH):
        points = values(each, _POINTS)
        if value(each, _KIND) in _CLOSED and len(points) >= _FEWEST_POINTS * _AXES:
            yield points[: len(points) // _AXES * _AXES]


def labels_of_structures(header: Json, grid: Grid, series: Json) -> LabelMap:
    """Which structures lie on which voxels: those whose centre is within the contours.

    Raises
    ------
    OverlayRefused
        When contours lie between the slices or beyond the series, or nothing is drawn.
    """
    frames = {str(value(each, _FRAME_OF_REFERENCE) or "") for each in items(header, _ROIS)}
    expect_same_space(header, series, frames=frames)
    labels, drawn = LabelMap(grid), False
    for structure in items(header, _CONTOURS):
        number = int(value(structure, _OF_ROI) or 0)
        slices: dict[int, Any] = {}
        for points in _closed(structure):
            place, inside = _within(grid, points)
            slices[place] = slices[place] ^ inside if place in slices else inside
        for place, inside in slices.items():
            rows, columns = library("numpy").nonzero(inside)
            labels.add(number, (rows * 0 + place, rows, columns))
            drawn = True
    if not drawn:
        raise OverlayRefused(NOTHING)
    return labels


def _within(grid: Grid, points: list[Any]) -> tuple[int, Any]:
    """The slice of a contour, and the (rows, columns) of voxels whose centre lies within it."""
    numpy = library("numpy")
    voxels = grid.voxels(numpy.array(points, float).reshape(-1, _AXES))
    place = round(float(voxels[:, 2].mean()))
    if (abs(voxels[:, 2] - place) > _OFF_SLICE).any():
        raise OverlayRefused(_BETWEEN)
    columns, rows = grid.shape[2], grid.shape[1]
    if (voxels[:, :2] < -_EDGE).any() or (
        voxels[:, :2] > [columns - 1 + _EDGE, rows - 1 + _EDGE]
    ).any():
        raise OverlayRefused(BEYOND)
    return place, filled(voxels[:, :2], size=grid.shape[1:])


def filled(polygon: Any, *, size: tuple[int, int]) -> Any:
    """The pixels whose centre lies within a polygon, by the even-odd rule.

    Parameters
    ----------
    polygon
        (n, 2) float column, row of its corners; it closes by itself. Whole numbers are centres.
    size
        Rows, columns.

    Returns
    -------
    numpy.ndarray
        (rows, columns) bool.
    """
    numpy = library("numpy")
    rows, columns = size
    # each edge turns over all that lies at its right, row by row
    turned = numpy.zeros((rows, columns + 1), "int32")
    for (x0, y0), (x1, y1) in zip(polygon, numpy.roll(polygon, -1, axis=0), strict=True):
        low, high = sorted((y0, y1))
        crossed = numpy.arange(max(0, numpy.ceil(low)), min(rows, numpy.ceil(high)), dtype=int)
        if not len(crossed):
            continue
        at = x0 + (crossed - y0) * (x1 - x0) / (y1 - y0)
        first = numpy.clip(numpy.ceil(at), 0, columns).astype(int)
        numpy.add.at(turned, (crossed, first), 1)
    return turned.cumsum(axis=1)[:, :columns] % 2 == 1
