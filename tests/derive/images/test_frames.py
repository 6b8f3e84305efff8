"""Objects of several frames: each has its own place, its own rescale and its own window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.derive.images.enhanced import COLUMNS, ROWS, EnhancedCt
from vitruvian.derive.images import frame_values, open_object
from vitruvian.derive.images.errors import NoVolume
from vitruvian.derive.images.planes import CENTRE, frame_count, of_frame, planes_of
from vitruvian.derive.images.volume import Frame, series_volume, stacked

POINTS = [(row, column) for row in range(ROWS) for column in range(COLUMNS)]


def header(ct: EnhancedCt) -> dict[str, Any]:
    said: dict[str, Any] = ct.dataset().to_json_dict(
        bulk_data_threshold=16, bulk_data_element_handler=lambda _: "elsewhere"
    )
    return said


def test_frames_without_a_place__make_no_volume() -> None:
    said = header(EnhancedCt())
    del said["52009230"]
    assert planes_of(said) == [None, None, None]
    with pytest.raises(NoVolume, match="do not say where they lie"):
        stacked(planes_of(said))


def test_two_frames_at_one_place__make_no_volume() -> None:
    with pytest.raises(NoVolume, match="two images lie at one place"):
        stacked(planes_of(header(EnhancedCt(places_mm=(0, 3, 3)))))


def test_colour_frames__make_no_volume() -> None:
    assert planes_of(header(EnhancedCt(more={"SamplesPerPixel": 3}))) == [None, None, None]


def test_object_without_rows__has_no_frames() -> None:
    assert frame_count({"00280008": {"vr": "IS", "Value": [3]}}) == 0


@pytest.mark.parametrize("ct", [EnhancedCt(), EnhancedCt(shared_rescale=(1.0, -1024.0))])
def test_hounsfield_units__are_those_of_the_frames_own_rescale(ct: EnhancedCt) -> None:
    dataset = open_object(ct.data())
    for frame in range(3):
        values = frame_values(dataset, frame)
        told = [values[row, column] for row, column in POINTS]
        assert told == [ct.hounsfield(frame, row, column) for row, column in POINTS]


def test_window__is_that_of_the_frame() -> None:
    said = header(EnhancedCt())
    assert [of_frame(said, frame, CENTRE) for frame in range(3)] == [[40], [41], [42]]


def test_volume_of_one_object__is_in_order_and_in_hounsfield_units(tmp_path: Path) -> None:
    """As SimpleITK reads our volume, by places in the patient."""
    sitk: Any = pytest.importorskip("SimpleITK", reason="SimpleITK, the oracle, is not installed")
    ct, place = EnhancedCt(), tmp_path / "v.nii"
    data = ct.data()
    opened: list[int] = []

    def file() -> bytes:
        opened.append(1)
        return data

    stack = stacked(planes_of(header(ct)))
    place.write_bytes(series_volume(stack, [Frame(file, each) for each in range(3)]))
    volume = sitk.ReadImage(str(place))
    assert len(opened) == 1
    for frame, z in enumerate(ct.places_mm):
        for row, column in POINTS:
            point = (-1.5 + 0.75 * column, -1.0 + 0.5 * row, z)
            here = volume.GetPixel(volume.TransformPhysicalPointToIndex(point))
            assert here == pytest.approx(ct.hounsfield(frame, row, column))
