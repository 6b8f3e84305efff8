"""Hounsfield units against SimpleITK, another reader of DICOM; and pictures to look at."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from vitruvian.demo import lives
from vitruvian.demo.render.dicom import ct_studies
from vitruvian.derive.images import PixelsUnreadable, Window, frame_values, open_object, picture

pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")


POINTS = 1_000
SERIES = ["covid-ct-md/P002", "lung-pet-ct-dx/Lung_Dx-A0001"]


@pytest.fixture(scope="module")
def chest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The phantom of the first demo patient with Covid-19, and its truth."""
    folder = tmp_path_factory.mktemp("chest")
    (study,) = next(found for life in lives(1, 60) if (found := list(ct_studies(life))))
    for number, data in enumerate(study.files(), start=1):
        (folder / f"{number:03}.dcm").write_bytes(data)
    return folder, json.loads(json.dumps(study.truth()))


def points_agree(folder: Path) -> int:
    """Compare both readers at random points of random slices; how many were compared."""
    sitk: Any = pytest.importorskip("SimpleITK", reason="SimpleITK, the oracle, is not installed")
    files = sorted(folder.glob("*.dcm"))
    rng, compared = Random(7), 0
    for path in rng.sample(files, min(20, len(files))):
        ours = frame_values(open_object(path.read_bytes()))
        reader = sitk.ImageFileReader()
        reader.SetFileName(str(path))
        theirs = sitk.GetArrayFromImage(reader.Execute())[0]
        assert ours.shape == theirs.shape
        for _ in range(POINTS // min(20, len(files)) + 1):
            row, column = rng.randrange(ours.shape[0]), rng.randrange(ours.shape[1])
            assert ours[row, column] == theirs[row, column]
            compared += 1
    return compared


@pytest.mark.real_data
@pytest.mark.parametrize("series", SERIES)
def test_hounsfield_units__of_real_series_equal_simpleitk(real_data: Path, series: str) -> None:
    pytest.importorskip("gdcm", reason="the extra 'imaging' is not installed")
    assert points_agree(real_data / "imaging" / series) >= POINTS


def test_hounsfield_units__of_the_phantom_equal_simpleitk(
    chest: tuple[Path, dict[str, Any]],
) -> None:
    assert points_agree(chest[0]) >= POINTS


def test_phantom__holds_the_lung_that_its_truth_tells(chest: tuple[Path, dict[str, Any]]) -> None:
    numpy = pytest.importorskip("numpy", reason="the extra 'imaging' is not installed")
    folder, truth = chest
    values = [frame_values(open_object(path.read_bytes())) for path in sorted(folder.glob("*.dcm"))]
    aired = numpy.stack(values)
    lung = int(((aired > -925) & (aired < -700)).sum()) * 2.8**2 * 8 / 1000
    assert lung == pytest.approx(sum(truth["lung_ml"].values()), rel=0.02)


def test_lesion__has_the_density_told_at_the_place_told(
    chest: tuple[Path, dict[str, Any]],
) -> None:
    folder, truth = chest
    for lesion in truth["lesions"]:
        x, y, z = lesion["centre_mm"]
        files = [open_object(path.read_bytes()) for path in folder.glob("*.dcm")]
        nearest = min(files, key=lambda each: abs(float(each.ImagePositionPatient[2]) - z))
        left, top, _ = (float(each) for each in nearest.ImagePositionPatient)
        value = frame_values(nearest)[round((y - top) / 2.8), round((x - left) / 2.8)]
        assert value == pytest.approx(lesion["hounsfield"], abs=60)


def test_picture__shows_the_window_asked_for(chest: tuple[Path, dict[str, Any]]) -> None:
    data = next(iter(chest[0].glob("*.dcm"))).read_bytes()
    lung = picture(open_object(data), window=Window(-600, 1500))
    bone = picture(open_object(data), window=Window(400, 1800))
    assert lung.startswith(b"\x89PNG\r\n\x1a\n")
    assert lung != bone


def test_object_without_pixels__says_so(chest: tuple[Path, dict[str, Any]]) -> None:
    dataset = open_object(next(iter(chest[0].glob("*.dcm"))).read_bytes())
    del dataset.PixelData
    with pytest.raises(PixelsUnreadable, match="cannot be decoded"):
        frame_values(dataset)
