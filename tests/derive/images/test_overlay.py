"""What was drawn on a series: refusals, and masks against other people's programs and plain maths."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.derive.images.errors import OverlayRefused
from vitruvian.derive.images.volume import Plane, stacked

numpy: Any = pytest.importorskip("numpy", reason="the extra 'imaging' is not installed")
pydicom: Any = pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")

from vitruvian.derive.images import open_object  # noqa: E402  after the skip
from vitruvian.derive.images.contours import (  # noqa: E402
    filled,
    labels_of_structures,
    structures_of,
)
from vitruvian.derive.images.overlay import Grid, LabelMap, Segment, coloured, grid_of, placed  # noqa: E402
from vitruvian.derive.images.planes import planes_of  # noqa: E402
from vitruvian.derive.images.segmentation import (  # noqa: E402
    colour_of_cielab,
    fit,
    labels_of_segmentation,
    segments_of,
)

SPACE, SERIES = "1.2.3.9", "1.2.3.1"
SERIES_HEADER = {
    "00200052": {"vr": "UI", "Value": [SPACE]},
    "0020000E": {"vr": "UI", "Value": [SERIES]},
}


def plane(z: float, **said: Any) -> Plane:
    basic: dict[str, Any] = {
        "position": (-10, -20, z), "row": (1, 0, 0), "column": (0, 1, 0),
        "spacing_mm": (0.5, 2), "size": (40, 30),
    }  # fmt: skip
    return Plane(**basic | said)


GRID = grid_of(stacked([plane(z) for z in (0, 3, 6, 9)]))


def item(**said: list[Any]) -> dict[str, Any]:
    return {tag[1:]: {"vr": "UN", "Value": each} for tag, each in said.items()}


def structure_set(*points: list[float], space: str = SPACE, kind: str = "CLOSED_PLANAR") -> Any:
    """One structure of these contours."""
    contours = [item(_30060042=[kind], _30060050=each) for each in points]
    return item(
        _30060020=[item(_30060022=[7], _30060024=[space], _30060026=["Heart"])],
        _30060039=[item(_30060084=[7], _3006002A=[255, 0, 16], _30060040=contours)],
    )


def square(z: float, *, corner: float = -9.0, side: float = 4.0) -> list[float]:
    low, high = corner, corner + side
    return [low, low, z, high, low, z, high, high, z, low, high, z]


# ------------------------------------------------------------------ refusals first


@pytest.mark.parametrize(
    "planes, why",
    [
        ([None], "do not say where they lie"),
        ([plane(0, spacing_mm=(0.5, 1.9))], "another size"),
        ([plane(1.5)], "between those"),
        ([plane(0, position=(-10.3, -20, 0))], "between those"),
        ([plane(0, row=(0.8, 0.6, 0), column=(-0.6, 0.8, 0))], "another size"),
    ],
)
def test_frames_that_do_not_lie_on_the_voxels__are_refused(
    planes: list[Plane | None], why: str
) -> None:
    with pytest.raises(OverlayRefused, match=why):
        placed(GRID, planes)


def test_structures_of_another_frame_of_reference__are_refused() -> None:
    with pytest.raises(OverlayRefused, match="another frame of reference"):
        labels_of_structures(structure_set(square(0), space="9.9"), GRID, SERIES_HEADER)


def test_structures_that_name_neither_series_nor_space__are_refused() -> None:
    with pytest.raises(OverlayRefused, match="names neither"):
        labels_of_structures(structure_set(square(0), space=""), GRID, SERIES_HEADER)


def test_structures_that_name_the_series_only__are_shown() -> None:
    said = structure_set(square(0), space="")
    said |= item(_30060010=[item(_30060012=[item(_30060014=[item(_0020000E=[SERIES])])])])
    assert labels_of_structures(said, GRID, SERIES_HEADER).voxels()[7] > 0


@pytest.mark.parametrize(
    "points, why",
    [
        (square(1.5), "between the slices"),
        ([-9, -9, 0, -4, -9, 3, -4, -4, 3], "across them"),
        (square(30), "beyond the pictures"),
        (square(0, side=20), "beyond the pictures"),
        ([0, 0, 0], "nothing is drawn"),
    ],
)
def test_contours_that_do_not_fit__are_refused(points: list[float], why: str) -> None:
    with pytest.raises(OverlayRefused, match=why):
        labels_of_structures(structure_set(points), GRID, SERIES_HEADER)


def test_open_contours__are_no_structure() -> None:
    said = structure_set(square(0), kind="OPEN_PLANAR")
    assert structures_of(said) == []


# ------------------------------------------------------------------ places and sizes


def test_rectangle__holds_the_voxels_whose_centres_it_holds() -> None:
    labels = labels_of_structures(structure_set(square(3, corner=-8.9)), GRID, SERIES_HEADER)
    slices, rows, columns = numpy.nonzero(labels.values)
    assert set(slices) == {1}
    # x = -10 + 2 * column and y = -20 + row / 2 lie between -8.9 and -4.9
    assert set(columns) == {1, 2}
    assert set(rows) == set(range(23, 31))
    assert labels.voxels() == {7: 16}
    assert labels.grid.millilitres == pytest.approx(2 * 0.5 * 3 / 1000)


def test_inner_contour__is_a_hole() -> None:
    outer, hole = square(0, corner=-9, side=8), square(0, corner=-7, side=4)
    whole = labels_of_structures(structure_set(outer), GRID, SERIES_HEADER).voxels()[7]
    inner = labels_of_structures(structure_set(hole), GRID, SERIES_HEADER).voxels()[7]
    both = labels_of_structures(structure_set(outer, hole), GRID, SERIES_HEADER).voxels()[7]
    assert both == whole - inner


def inside(x: float, y: float, corners: list[tuple[float, float]]) -> bool:
    """By the sum of angles under which the edges are seen: another way than ours."""
    total = 0.0
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        turn = math.atan2(y1 - y, x1 - x) - math.atan2(y0 - y, x0 - x)
        total += (turn + math.pi) % (2 * math.pi) - math.pi
    return abs(total) > math.pi


@given(st.lists(st.floats(1.3, 7.7), min_size=3, max_size=12), st.floats(0, 1))
def test_pixels__are_within_a_star_exactly_when_they_see_all_of_it(
    radii: list[float], turn: float
) -> None:
    angles = [2 * math.pi * (at + turn) / len(radii) for at in range(len(radii))]
    corners = [(8.1 + r * math.cos(a), 7.9 + r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]  # fmt: skip
    mask = filled(numpy.array(corners), size=(16, 17))
    wrong = [
        (x, y) for y in range(16) for x in range(17) if bool(mask[y, x]) != inside(x, y, corners)
    ]
    # a centre on the border belongs to either side
    assert [each for each in wrong if edge_distance(*each, corners) > 1e-6] == []


def edge_distance(x: float, y: float, corners: list[tuple[float, float]]) -> float:
    found = []
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        dx, dy = x1 - x0, y1 - y0
        along = min(1.0, max(0.0, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy or 1)))
        found.append(math.hypot(x - x0 - along * dx, y - y0 - along * dy))
    return min(found)


def test_frame_drawn_the_other_way_round__lies_where_it_was_drawn() -> None:
    """Columns from the last to the first, rows along the slices: a sagittal mask on axial slices."""
    turned = Plane((4, -20, 9), (0, 1, 0), (0, 0, -1), (3, 0.5), (4, 40))
    (place,) = placed(GRID, [turned])
    mask = numpy.zeros((4, 40), bool)
    mask[1, 38] = True
    (slices, rows, columns) = place.at(mask)
    assert (list(slices), list(rows), list(columns)) == ([2], [38], [7])


def test_segments_that_overlap__are_both_told() -> None:
    labels = LabelMap(GRID)
    labels.add(1, (numpy.array([0, 0]), numpy.array([1, 1]), numpy.array([1, 2])))
    labels.add(2, (numpy.array([0, 0]), numpy.array([1, 1]), numpy.array([2, 3])))
    assert labels.voxels() == {1: 2, 2: 2}
    assert [labels.sets[each] for each in labels.values[0, 1, :4]] == [(), (1,), (1, 2), (2,)]


# ------------------------------------------------------------------ colours


@pytest.mark.parametrize("rgb", [(255, 0, 0), (0, 128, 0), (30, 60, 200), (128, 128, 128)])
def test_cielab__is_the_colour_that_it_was_made_of(rgb: tuple[int, int, int]) -> None:
    """The other way round by littleCMS, which Pillow brings."""
    image = pytest.importorskip("PIL.Image", reason="Pillow, the oracle, is not installed")
    cms = pytest.importorskip("PIL.ImageCms", reason="Pillow, the oracle, is not installed")
    change = cms.buildTransform(cms.createProfile("sRGB"), cms.createProfile("LAB", 5003), "RGB", "LAB")  # fmt: skip
    bytes_ = cms.applyTransform(image.new("RGB", (1, 1), rgb), change).getpixel((0, 0))
    levels = [round(each / 255 * 65535) for each in bytes_]  # a and b are 128 where they are 0
    ours = colour_of_cielab(levels)
    told = [int(ours[at : at + 2], 16) for at in (1, 3, 5)]
    assert max(abs(one - other) for one, other in zip(told, rgb, strict=True)) <= 6


def test_segments_of_one_colour__are_told_apart() -> None:
    same = [Segment(n, str(n), None, None, "#ff0000") for n in range(1, 5)]
    assert len({each.colour for each in coloured(same)}) == 4


# ------------------------------------------------------------------ real objects


def header_of(dataset: Any) -> dict[str, Any]:
    said: dict[str, Any] = dataset.to_json_dict(
        bulk_data_threshold=1024, bulk_data_element_handler=lambda _: "elsewhere"
    )
    return said


def grid_of_files(folder: Path) -> tuple[Grid, dict[str, Any]]:
    headers = [header_of(open_object(path.read_bytes())) for path in sorted(folder.glob("*.dcm"))]
    return grid_of(stacked([planes_of(each)[0] for each in headers])), headers[0]


def truth(path: Path, grid: Grid) -> Any:
    """A mask of dcmqi on our voxels: which of them it marks, by place in the patient."""
    sitk: Any = pytest.importorskip("SimpleITK", reason="SimpleITK, the oracle, is not installed")
    image = sitk.ReadImage(str(path))
    values = sitk.GetArrayFromImage(image)
    found = numpy.zeros(grid.shape, values.dtype)
    for z, y, x in zip(*numpy.nonzero(values), strict=True):
        point = image.TransformIndexToPhysicalPoint((int(x), int(y), int(z)))
        column, row, place = numpy.rint(grid.voxels([point])[0]).astype(int)
        found[place, row, column] = values[z, y, x]
    return found


@pytest.mark.real_data
@pytest.mark.parametrize(
    "segmentation, masks",
    [
        ("liver.dcm", {1: "liver_seg.nrrd"}),
        ("partial_overlaps.dcm", {n: f"partial_overlaps-{n}.nrrd" for n in (1, 2, 3)}),
    ],
)
def test_real_segmentations__equal_the_masks_they_were_made_of(
    real_data: Path, segmentation: str, masks: dict[int, str]
) -> None:
    pytest.importorskip("SimpleITK", reason="SimpleITK, the oracle, is not installed")
    folder = real_data / "imaging/dcmqi/segmentations"
    grid, series = grid_of_files(folder / "ct-3slice")
    dataset = open_object((folder / segmentation).read_bytes())
    header = header_of(dataset)
    labels = labels_of_segmentation(header, dataset, grid, fit(header, grid, series))
    wanted = numpy.zeros(grid.shape, int)
    for mask in masks.values():
        wanted += truth(folder / mask, grid) > 0
    drawn = numpy.array([len(each) for each in labels.sets])[labels.values]
    assert (drawn == wanted).all()
    assert len(segments_of(header)) >= len(masks)


@pytest.mark.real_data
def test_real_segmentation_of_other_pictures__is_refused(real_data: Path) -> None:
    folder = real_data / "imaging"
    grid, series = grid_of_files(folder / "dcmqi/segmentations/ct-3slice")
    header = header_of(open_object((folder / "lidc-seg/nodule.dcm").read_bytes()))
    with pytest.raises(OverlayRefused, match="another frame of reference"):
        fit(header, grid, series)


@pytest.mark.real_data
def test_real_structure_set__fills_what_its_contours_enclose(real_data: Path) -> None:
    """The files have two slices of those it was drawn on: refused, until the others are there."""
    folder = real_data / "imaging/rt-utils/mock_data"
    headers = [header_of(open_object((folder / name).read_bytes())) for name in ("ct_1.dcm", "ct_2.dcm")]  # fmt: skip
    planes = [planes_of(each)[0] for each in headers]
    header = header_of(open_object((folder / "invalid_reference_rt.dcm").read_bytes()))
    with pytest.raises(OverlayRefused, match="beyond the pictures"):
        labels_of_structures(header, grid_of(stacked(planes)), headers[0])
    first, step = planes[0], grid_of(stacked(planes)).stack.step
    more = [replace(first, position=tuple(p + n * s for p, s in zip(first.position, step, strict=True))) for n in range(-60, 60)]  # type: ignore[type-var, union-attr]  # fmt: skip
    labels = labels_of_structures(header, grid_of(stacked(more)), headers[0])
    for number, (area, border) in areas(header).items():
        rows, columns = first.spacing_mm  # type: ignore[union-attr]
        filled_mm2 = labels.voxels()[number] * rows * columns
        assert abs(filled_mm2 - area) <= border * max(rows, columns)


def areas(header: dict[str, Any]) -> dict[int, tuple[float, float]]:
    """By the shoelace formula: what the contours of each structure enclose, and their length."""
    found: dict[int, tuple[float, float]] = {}
    for structure in header["30060039"]["Value"]:
        area = border = 0.0
        for contour in structure["30060040"]["Value"]:
            points = numpy.array(contour["30060050"]["Value"]).reshape(-1, 3)[:, :2]
            after = numpy.roll(points, -1, axis=0)
            area += abs((points[:, 0] * after[:, 1] - after[:, 0] * points[:, 1]).sum()) / 2
            border += numpy.hypot(*(after - points).T).sum()
        found[structure["30060084"]["Value"][0]] = area, border
    return found
