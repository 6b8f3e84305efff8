"""What reports, segmentations and structure sets say, against other people's readers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.ingest.support import SYSTEM, rows, take
from vitruvian.lake import Lake
from vitruvian.picture import trace_event

pydicom: Any = pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")


def of_kind(folder: Path, modality: str) -> list[Path]:
    """The files of one modality, as the library alone reads them."""
    found = []
    for path in sorted(folder.rglob("*.dcm")):
        header = pydicom.dcmread(path, stop_before_pixels=True, force=True)
        if str(header.get("Modality", "")) == modality:
            found.append(path)
    return found


def numbers(dataset: Any) -> list[tuple[str, float]]:
    """Every number of a content tree, by walking it plainly."""
    found = []
    for item in dataset.get("ContentSequence") or []:
        if item.ValueType == "NUM" and item.get("MeasuredValueSequence"):
            code = item.ConceptNameCodeSequence[0].CodeValue
            found.append((str(code), float(item.MeasuredValueSequence[0].NumericValue)))
        found += numbers(item)
    return found


@pytest.mark.real_data
def test_report__gives_each_number_it_measured(lake: Lake, real_data: Path) -> None:
    path = real_data / "imaging" / "dcmqi" / "sr-example" / "sr.dcm"
    take(lake, path)
    expected = numbers(pydicom.dcmread(path))
    found = rows(lake, "event", where="numeric_value IS NOT NULL")
    told = sorted((each["codings"][0]["code"], float(each["value_as_sent"])) for each in found)
    assert told == sorted(expected)
    assert len(told) > 10
    assert {each["category"] for each in found} == {"imaging"}
    assert all(each["unit"] for each in found)


@pytest.mark.real_data
def test_segmentation__gives_each_segment(lake: Lake, real_data: Path) -> None:
    path = real_data / "imaging" / "dcmqi" / "sr-example" / "seg.dcm"
    take(lake, path)
    expected = [str(each.SegmentLabel) for each in pydicom.dcmread(path).SegmentSequence]
    found = rows(lake, "event", where="starts_with(text_value, 'segment')")
    assert sorted(each["text_value"] for each in found) == sorted(f"segment: {e}" for e in expected)


@pytest.mark.real_data
def test_structure_set__gives_each_structure(lake: Lake, real_data: Path) -> None:
    (path, *_) = of_kind(real_data / "imaging" / "rt-utils", "RTSTRUCT")
    take(lake, path)
    expected = [str(each.ROIName) for each in pydicom.dcmread(path).StructureSetROISequence]
    found = rows(lake, "event", where="code = 'DICOM//structure'")
    assert sorted(each["text_value"].rpartition(",")[0] for each in found) == sorted(expected)


@pytest.mark.real_data
def test_contents__are_told_again_from_their_files(lake: Lake, real_data: Path) -> None:
    folder = real_data / "imaging" / "dcmqi" / "sr-example"
    take(lake, folder / "sr.dcm", folder / "seg.dcm")
    with lake.read(SYSTEM) as reader:
        told = [trace_event(reader, each["event_id"]) for each in rows(lake, "event")]
    assert {each.recomputed for each in told} == {"same"}
