"""A series as a volume: refusals, the patient's own directions, and SimpleITK as the other reader."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from vitruvian.demo import lives
from vitruvian.demo.render.dicom import ct_studies
from vitruvian.derive.images import open_object
from vitruvian.derive.images.errors import NoVolume
from vitruvian.derive.images.volume import (
    Frame,
    Plane,
    edge_letters,
    nifti,
    series_volume,
    stacked,
)

pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")

POINTS = 1000
SERIES = (
    "covid-ct-md/P002",
    "lung-pet-ct-dx/Lung_Dx-A0001",
    "dcmqi/segmentations/ct-3slice",
    "dcmqi/segmentations/24x38x3/image",
    "dcmqi/segmentations/23x38x3/image",
)
FLAT = Plane((0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1), (4, 4))


def at(*places: float) -> list[Plane]:
    return [replace(FLAT, position=(0, 0, z)) for z in places]


def plane_of(dataset: Any) -> Plane:
    x, y, z = (float(each) for each in dataset.ImagePositionPatient)
    a, b, c, d, e, f = (float(each) for each in dataset.ImageOrientationPatient)
    rows, columns = (float(each) for each in dataset.PixelSpacing)
    size = (int(dataset.Rows), int(dataset.Columns))
    return Plane((x, y, z), (a, b, c), (d, e, f), (rows, columns), size)


@pytest.mark.parametrize(
    "planes, why",
    [
        ([FLAT], "one image only"),
        ([*at(0, 2), None], "do not say where they lie"),
        (at(0, 2, 2, 4), "two images lie at one place"),
        (at(0, 2, 6, 8), "missing or unevenly spaced"),
        ([*at(0, 2), replace(FLAT, position=(0, 0, 4), size=(8, 8))], "differ in size"),
        ([*at(0, 2), replace(FLAT, position=(0, 0, 4), row=(0, 1, 0))], "several directions"),
        ([replace(FLAT, position=(0, z / 10, z)) for z in (0.0, 2.0, 4.0)], "gantry"),
    ],
)
def test_images_that_are_no_even_stack__are_refused(planes: list[Plane | None], why: str) -> None:
    with pytest.raises(NoVolume, match=why):
        stacked(planes)


def test_stack__is_in_order_whatever_the_files_are_called() -> None:
    assert stacked(at(4, 0, 6, 2)).numbers == (1, 3, 0, 2)


@pytest.mark.parametrize(
    "row, column, letters",
    [
        ((1, 0, 0), (0, 1, 0), "RLAP"),
        ((-1, 0, 0), (0, -1, 0), "LRPA"),
        ((0, 1, 0), (0, 0, -1), "APHF"),
        ((1, 0, 0), (0, 0, -1), "RLHF"),
    ],
)
def test_edges__say_what_of_the_patient_lies_there(
    row: tuple[float, float, float], column: tuple[float, float, float], letters: str
) -> None:
    plane = replace(FLAT, row=row, column=column)
    assert "".join(edge_letters(plane)) == letters


def test_values_that_are_no_whole_numbers__are_kept(tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy", reason="the extra 'imaging' is not installed")
    sitk: Any = pytest.importorskip("SimpleITK", reason="SimpleITK, the oracle, is not installed")
    file = tmp_path / "v.nii"
    file.write_bytes(nifti(stacked(at(0, 2)), lambda n: numpy.full((4, 4), n + 0.5)))
    assert set(sitk.GetArrayFromImage(sitk.ReadImage(str(file))).ravel()) == {0.5, 1.5}


def ours(files: list[Path], place: Path) -> Any:
    """Our volume of these files, as SimpleITK reads it."""
    sitk: Any = pytest.importorskip("SimpleITK", reason="SimpleITK, the oracle, is not installed")
    datas = [path.read_bytes() for path in files]
    stack = stacked([plane_of(open_object(data)) for data in datas])
    place.write_bytes(series_volume(stack, [Frame(partial(bytes, data)) for data in datas]))
    return sitk.ReadImage(str(place))


def points_agree(folder: Path, place: Path) -> int:
    """Compare values at the same points of the patient; how many were compared."""
    sitk: Any = pytest.importorskip("SimpleITK", reason="SimpleITK, the oracle, is not installed")
    reader = sitk.ImageSeriesReader()
    names = reader.GetGDCMSeriesFileNames(str(folder))
    reader.SetFileNames(names)
    theirs = reader.Execute()
    volume = ours([Path(name) for name in Random(3).sample(list(names), len(names))], place)
    rng, compared = Random(7), 0
    for _ in range(POINTS):
        index = [rng.randrange(side) for side in theirs.GetSize()]
        point = theirs.TransformIndexToPhysicalPoint(index)
        same = volume.TransformPhysicalPointToIndex(point)
        assert volume.GetPixel(same) == theirs.GetPixel(index)
        compared += 1
    return compared


@pytest.mark.real_data
@pytest.mark.parametrize("series", SERIES)
def test_volume__of_real_series_equals_simpleitk_at_points_of_the_patient(
    real_data: Path, tmp_path: Path, series: str
) -> None:
    pytest.importorskip("gdcm", reason="the extra 'imaging' is not installed")
    assert points_agree(real_data / "imaging" / series, tmp_path / "v.nii") == POINTS


def test_lesion_on_the_left__lies_on_the_left_of_the_volume(tmp_path: Path) -> None:
    (study,) = next(found for life in lives(1, 60) if (found := list(ct_studies(life))))
    files = []
    for number, data in enumerate(study.files(), start=1):
        files.append(tmp_path / f"{number:03}.dcm")
        files[-1].write_bytes(data)
    volume = ours(files, tmp_path / "v.nii")
    for lesion in study.truth()["lesions"]:
        x, y, z = lesion["centre_mm"]
        here = volume.GetPixel(volume.TransformPhysicalPointToIndex((x, y, z)))
        mirrored = volume.GetPixel(volume.TransformPhysicalPointToIndex((-x, y, z)))
        assert here == pytest.approx(lesion["hounsfield"], abs=60)
        assert mirrored != here


def test_volume__is_put_together_within_little_more_than_twice_its_size() -> None:
    numpy = pytest.importorskip("numpy")
    stack, side = stacked(at(*range(0, 64, 2))), 256
    slices = {number: numpy.full((side, side), number, dtype="int16") for number in stack.numbers}
    tracemalloc.start()
    try:
        whole = nifti(stack, slices.pop)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(whole) == 352 + len(stack.planes) * side * side * 2
    assert peak < 2.5 * len(whole)
