"""Pictures and curves beside the FHIR files: the same for any size, and linked by declaration."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from vitruvian.demo import lives, write_demo
from vitruvian.demo.render.dicom import ct_studies
from vitruvian.demo.render.wfdb import strips


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine lives: the second was in intensive care, the seventh had Covid-19."""
    out = tmp_path_factory.mktemp("beside") / "hospital"
    write_demo(out, patients=9)
    return out


def test_chest_ct__has_a_file_a_slice_and_its_truth(written: Path) -> None:
    files = sorted((written / "dicom" / "ct-0000007").iterdir())
    assert [path.name[:2] for path in files] == ["IM"] * 36 + ["SE"]
    assert {path.read_bytes()[128:132] for path in files} == {b"DICM"}
    (truth,) = (written / ".truth" / "imaging.ndjson").read_text("utf-8").splitlines()
    told = json.loads(truth)
    assert told["patient"] == "s1-p7"
    assert all(lesion["ml"] > 0 for lesion in told["lesions"])


def test_chest_ct__has_a_segmentation_with_the_voxels_of_each_lesion(written: Path) -> None:
    pydicom: Any = pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")
    folder = written / "dicom" / "ct-0000007"
    drawn, image = (pydicom.dcmread(folder / name) for name in ("SEG0001.dcm", "IM0001.dcm"))
    assert drawn.FrameOfReferenceUID == image.FrameOfReferenceUID
    assert (drawn.StudyInstanceUID, drawn.PatientID) == (image.StudyInstanceUID, image.PatientID)
    assert drawn.SeriesInstanceUID != image.SeriesInstanceUID
    counted = Counter[int]()
    frames = drawn.PerFrameFunctionalGroupsSequence
    for frame, pixels in zip(frames, drawn.pixel_array, strict=True):
        number = frame.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        counted[number] += int(pixels.sum())
    truth = json.loads((written / ".truth" / "imaging.ndjson").read_text("utf-8"))
    named = {each.SegmentNumber: each.SegmentLabel for each in drawn.SegmentSequence}
    voxels = {each["name"]: each["voxels"] for each in truth["lesions"]}
    assert {named[number]: count for number, count in counted.items()} == voxels


def test_pictures_and_curves__do_not_depend_on_how_many_lives_there_are(written: Path) -> None:
    seventh = next(life for life in lives(1, 60) if life.number == 7)
    (study,) = ct_studies(seventh)
    first = (written / "dicom" / "ct-0000007" / "IM0001.dcm").read_bytes()
    assert next(study.files()) == first
    second = next(life for life in lives(1, 60) if life.number == 2)
    (strip,) = strips(second)
    for name, data in strip.files():
        assert (written / "wfdb" / name).read_bytes() == data


def test_monitor_strip__is_linked_by_the_sheet_and_names_nobody(written: Path) -> None:
    second = next(life for life in lives(1, 2) if life.number == 2)
    sheet = (written / "wfdb" / "patients.csv").read_text("utf-8").splitlines()
    assert sheet[1].startswith("icu-0000002,")
    assert sheet[1].endswith(second.person.mrn)
    header = (written / "wfdb" / "icu-0000002.hea").read_text("utf-8")
    assert second.person.family not in header
    assert second.person.mrn not in header
