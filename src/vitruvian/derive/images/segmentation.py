"""Segmentation objects: their segments, and where those lie on the voxels of a series.

References
----------
DICOM PS3.3 C.8.20.2 (Segmentation Image Module), C.8.20.4 (Label Map Segmentation),
C.10.7.1.1 (CIELab values); IEC 61966-2-1 (sRGB).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vitruvian.derive.images.overlay import (
    Grid,
    LabelMap,
    Placed,
    Segment,
    coloured,
    expect_same_space,
    placed,
)
from vitruvian.derive.images.pixels import decoded, library
from vitruvian.derive.images.planes import SEGMENT, Json, items, of_frame, planes_of, value, values

_SEGMENTS, _NUMBER, _LABEL, _PROPERTY = "00620002", "00620004", "00620005", "0062000F"
_ALGORITHM_TYPE, _ALGORITHM, _CIELAB, _MEANING = "00620008", "00620009", "0062000D", "00080104"
_FRAME_OF_REFERENCE = "00200052"
_HALF = 0.5
"""Our own bound: of fractions (PS3.3 C.8.20.2.2) what is half or more is shown."""
_LEVELS = 65535
_WHITE_D50 = (0.9642, 1.0, 0.8249)
_TO_SRGB = (
    (3.1339, -1.6169, -0.4906),
    (-0.9788, 1.9161, 0.0335),
    (0.0719, -0.2290, 1.4052),
)
"""From XYZ under D50 to linear sRGB, adapted by Bradford (B. Lindbloom, RGB/XYZ matrices)."""


def segments_of(header: Json) -> list[Segment]:
    """The segments that a segmentation declares."""
    found = []
    for item in items(header, _SEGMENTS):
        meaning = next((value(each, _MEANING) for each in items(item, _PROPERTY)), None)
        how = " ".join(
            str(said) for tag in (_ALGORITHM_TYPE, _ALGORITHM) if (said := value(item, tag))
        )
        number = int(value(item, _NUMBER) or 0)
        label = str(value(item, _LABEL) or meaning or f"Segment {number}")
        lab = values(item, _CIELAB)
        colour = colour_of_cielab(lab) if len(lab) == len(_WHITE_D50) else ""
        found.append(Segment(number, label, meaning, how.lower() or None, colour))
    return coloured(found)


def colour_of_cielab(levels: Sequence[int]) -> str:
    """A DICOM colour (three numbers of 16 bits) as #rrggbb.

    Examples
    --------
    >>> colour_of_cielab([65535, 32896, 32896])
    '#ffffff'
    """
    lightness = levels[0] / _LEVELS * 100
    a, b = (each / _LEVELS * 255 - 128 for each in levels[1:])
    middle = (lightness + 16) / 116
    edges = (middle + a / 500, middle, middle - b / 200)
    xyz = [white * _uncurved(edge) for white, edge in zip(_WHITE_D50, edges, strict=True)]
    linear = (sum(k * each for k, each in zip(row, xyz, strict=True)) for row in _TO_SRGB)
    return "#" + "".join(f"{round(_gamma(min(1.0, max(0.0, each))) * 255):02x}" for each in linear)


def _uncurved(edge: float) -> float:
    """The inverse of the cube root with its straight start (CIE 15)."""
    delta = 6 / 29
    return edge**3 if edge > delta else float(3 * delta**2 * (edge - 4 / 29))


def _gamma(linear: float) -> float:
    return 12.92 * linear if linear <= 0.0031308 else float(1.055 * linear ** (1 / 2.4) - 0.055)  # noqa: PLR2004  the constants of sRGB


def fit(header: Json, grid: Grid, series: Json) -> list[Placed]:
    """Where the frames of a segmentation lie on the voxels of a series.

    Raises
    ------
    OverlayRefused
        When they do not.
    """
    frame_of_reference = str(value(header, _FRAME_OF_REFERENCE) or "")
    expect_same_space(header, series, frames=[frame_of_reference])
    return placed(grid, planes_of(header))


def labels_of_segmentation(
    header: Json, dataset: Any, grid: Grid, places: Sequence[Placed]
) -> LabelMap:
    """Which segments lie on which voxels.

    Parameters
    ----------
    header, dataset
        The object's header, and itself, from `open_object`.
    grid, places
        The voxels of the series, and from `fit`.

    Raises
    ------
    OverlayRefused
        When it reaches beyond the series.
    PixelsUnreadable
        When its pixels cannot be decoded.
    """
    labels = LabelMap(grid)
    kind = str(dataset.get("SegmentationType") or "BINARY")
    most = float(dataset.get("MaximumFractionalValue") or 1)
    for frame, place in enumerate(places):
        pixels = decoded(dataset, frame)
        if kind == "LABELMAP":
            for number in library("numpy").unique(pixels[pixels > 0]):
                labels.add(int(number), place.at(pixels == number))
            continue
        segment = next(iter(of_frame(header, frame, SEGMENT)), 0)
        least = most * _HALF if kind == "FRACTIONAL" else 1
        labels.add(int(segment), place.at(pixels >= least))
    return labels
