"""Hounsfield units against SimpleITK, another reader of DICOM; and pictures to look at."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path
from random import Random
from typing import Any

import pytest

from vitruvian.demo import lives
from vitruvian.demo.render.dicom import ct_studies
from vitruvian.derive.images import PixelsUnreadable, Window, frame_values, open_object, picture
from vitruvian.derive.images.pixels import expect_stream

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


def jpeg(rows: int, columns: int) -> bytes:
    """A grey JPEG of 8 by 8 pixels that says it is larger, after a comment with a marker in it."""
    image: Any = pytest.importorskip("PIL.Image", reason="Pillow, which writes JPEG, is absent")
    out = io.BytesIO()
    image.new("L", (8, 8), 90).save(out, "JPEG")
    whole = out.getvalue()
    at = whole.index(b"\xff\xc0") + 5
    comment = b"\xff\xfe" + struct.pack(">H", 8) + b"\xff\xc0\x00\x0b\x08\x00"
    return whole[:2] + comment + whole[2:at] + struct.pack(">HH", rows, columns) + whole[at + 4 :]


def jpeg_2000(rows: int, columns: int, samples: int = 1) -> bytes:
    """The beginning of a JPEG 2000 stream, as ISO/IEC 15444-1 A.5.1 lays it out."""
    size = struct.pack(">HH8IH", 47, 0, columns + 4, rows, 4, 0, columns, rows, 0, 0, samples)
    return b"\xff\x4f\xff\x51" + size


def compressed(*streams: bytes, syntax: str) -> Any:
    """An object of 8 by 8 pixels with these frames."""
    pydicom: Any = pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")
    from pydicom.encaps import encapsulate  # noqa: PLC0415  only where pydicom is

    dataset = pydicom.Dataset()
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
    dataset.Rows = dataset.Columns = dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation, dataset.SamplesPerPixel = 7, 0, 1
    dataset.PhotometricInterpretation, dataset.NumberOfFrames = "MONOCHROME2", len(streams)
    dataset.PixelData = encapsulate(list(streams))
    dataset["PixelData"].VR = "OB"
    return dataset


BASELINE, J2K = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.90"


@pytest.mark.parametrize(
    "stream, syntax",
    [
        (jpeg(65_500, 65_500), BASELINE),
        (jpeg(8, 16), BASELINE),
        (jpeg_2000(2**31, 2**31), J2K),
        (jpeg_2000(8, 8, samples=3), J2K),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n" + jpeg_2000(9, 9), J2K),
    ],
)
def test_stream__larger_than_its_header_says_is_refused_before_it_is_unpacked(
    stream: bytes, syntax: str
) -> None:
    dataset = compressed(jpeg(8, 8) if syntax == BASELINE else jpeg_2000(8, 8), stream,
                         syntax=syntax)  # fmt: skip
    expect_stream(dataset, 0)
    for frame in (1, None):
        with pytest.raises(PixelsUnreadable, match="larger than the header says"):
            expect_stream(dataset, frame)
    with pytest.raises(PixelsUnreadable, match="larger than the header says"):
        frame_values(dataset, 1)


def test_stream__as_large_as_its_header_says_is_shown() -> None:
    pytest.importorskip("gdcm", reason="the extra 'imaging' is not installed")
    values = frame_values(compressed(jpeg(8, 8), syntax=BASELINE))
    assert values.shape == (8, 8)
    assert float(values.mean()) == pytest.approx(90, abs=2)
