"""Small segmentations and structure sets on stacks of slices, written with pydicom."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.ingest.library.dicom.samples import AUTHORITY

pydicom: Any = pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")
numpy: Any = pytest.importorskip("numpy", reason="the extra 'imaging' is not installed")

SEGMENTATION, STRUCTURES = "1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.481.3"
Box = tuple[range, range, range]
"""Slices, rows and columns."""


@dataclass(frozen=True)
class On:
    """The pictures that are drawn on: their names, where the first pixel lies, how many there are."""

    study: str
    series: str
    space: str | None = None
    corner_mm: tuple[float, float, float] = (-10.0, -10.0, 2.0)
    step_mm: float = 2.0
    side: int = 8
    who: dict[str, str] = field(
        default_factory=lambda: {"PatientID": "M-1", "IssuerOfPatientID": AUTHORITY}
    )

    def dataset(self, sop_class: str, uid: str, **said: Any) -> Any:
        """What every object says."""
        made = pydicom.Dataset()
        made.file_meta = pydicom.dataset.FileMetaDataset()
        made.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
        made.SOPClassUID, made.SOPInstanceUID, made.StudyDate = sop_class, uid, "20240305"
        made.StudyInstanceUID = self.study
        for keyword, value in (self.who | said).items():
            setattr(made, keyword, value)
        return made


def segmentation(on: On, segments: dict[str, Box], *, series: str, kind: str = "BINARY") -> bytes:
    """A segmentation of one bit a pixel, one frame a slice and segment."""
    made = on.dataset(SEGMENTATION, f"{series}.1", Modality="SEG", SeriesInstanceUID=series,
                      SegmentationType=kind, SeriesDescription="Lungs by a model")  # fmt: skip
    if on.space:
        made.FrameOfReferenceUID = on.space
    made.ReferencedSeriesSequence = [item(SeriesInstanceUID=on.series)]
    made.SegmentSequence = [
        item(SegmentNumber=n, SegmentLabel=name, SegmentAlgorithmType="AUTOMATIC",
             SegmentedPropertyTypeCodeSequence=[item(CodeValue="1", CodeMeaning=f"{name} tissue")])
        for n, name in enumerate(segments, start=1)
    ]  # fmt: skip
    frames = [(n, at, box) for n, box in enumerate(segments.values(), start=1) for at in box[0]]
    made.Rows = made.Columns = on.side
    made.NumberOfFrames, made.SamplesPerPixel = len(frames), 1
    made.PhotometricInterpretation, made.PixelRepresentation = "MONOCHROME2", 0
    made.BitsAllocated, made.BitsStored, made.HighBit = 1, 1, 0
    made.SharedFunctionalGroupsSequence = [
        item(
            PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
            PixelMeasuresSequence=[item(PixelSpacing=[1, 1], SliceThickness=on.step_mm)],
        )
    ]
    made.PerFrameFunctionalGroupsSequence = [_frame(on, segment, at) for segment, at, _ in frames]
    pixels = numpy.concatenate([_mask(on, box).ravel() for _, _, box in frames])
    data = numpy.packbits(pixels, bitorder="little").tobytes()
    made.PixelData = data + b"\0" * (len(data) % 2)
    return as_file(made)


def _frame(on: On, segment: int, at: int) -> Any:
    x, y, z = on.corner_mm
    return item(
        PlanePositionSequence=[item(ImagePositionPatient=[x, y, z + at * on.step_mm])],
        SegmentIdentificationSequence=[item(ReferencedSegmentNumber=segment)],
    )


def _mask(on: On, box: Box) -> Any:
    mask = numpy.zeros((on.side, on.side), "uint8")
    mask[box[1].start : box[1].stop, box[2].start : box[2].stop] = 1
    return mask


def structures(on: On, contours: dict[str, Sequence[Sequence[float]]], *, series: str) -> bytes:
    """A structure set: closed contours by name, three numbers a point."""
    made = on.dataset(STRUCTURES, f"{series}.1", Modality="RTSTRUCT", SeriesInstanceUID=series,
                      StructureSetLabel="Contours by hand")  # fmt: skip
    made.StructureSetROISequence = [
        item(ROINumber=n, ROIName=name, ReferencedFrameOfReferenceUID=on.space or "9.9")
        for n, name in enumerate(contours, start=1)
    ]
    made.ROIContourSequence = [
        item(ReferencedROINumber=n, ROIDisplayColor=[0, 200, 83], ContourSequence=[
            item(ContourGeometricType="CLOSED_PLANAR", NumberOfContourPoints=len(points) // 3,
                 ContourData=list(points)) for points in each])
        for n, each in enumerate(contours.values(), start=1)
    ]  # fmt: skip
    return as_file(made)


def item(**said: Any) -> Any:
    """An item of a sequence."""
    made = pydicom.Dataset()
    for keyword, value in said.items():
        setattr(made, keyword, value)
    return made


def as_file(dataset: Any) -> bytes:
    """As it is stored."""
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()
