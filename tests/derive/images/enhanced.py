"""A small enhanced CT: one object of several frames, each with its own place and rescale."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

import pytest

pydicom: Any = pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")

ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
ROWS, COLUMNS = 4, 6


@dataclass(frozen=True)
class EnhancedCt:
    """What a test says of it; frame n holds 100 * n + the number of the pixel."""

    places_mm: tuple[float, ...] = (6.0, 0.0, 3.0)
    slopes: tuple[float, ...] = (1.0, 2.0, 0.5)
    intercepts: tuple[float, ...] = (-1024.0, -1000.0, 10.0)
    shared_rescale: tuple[float, float] | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def hounsfield(self, frame: int, row: int, column: int) -> float:
        """By plain arithmetic."""
        stored = 100 * frame + row * COLUMNS + column
        slope, intercept = self.shared_rescale or (self.slopes[frame], self.intercepts[frame])
        return stored * slope + intercept

    def dataset(self) -> Any:
        """As pydicom has it."""
        made = pydicom.Dataset()
        made.file_meta = pydicom.dataset.FileMetaDataset()
        made.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
        made.SOPClassUID, made.SOPInstanceUID = ENHANCED_CT, "1.2.826.0.1.31.1.1"
        made.StudyInstanceUID, made.SeriesInstanceUID = "1.2.826.0.1.31", "1.2.826.0.1.31.1"
        made.FrameOfReferenceUID = "1.2.826.0.1.31.9"
        made.Modality, made.PatientID, made.StudyDate = "CT", "M-31", "20240305"
        made.Rows, made.Columns, made.NumberOfFrames = ROWS, COLUMNS, len(self.places_mm)
        made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
        made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 16, 15, 0
        made.SharedFunctionalGroupsSequence = [self._shared()]
        made.PerFrameFunctionalGroupsSequence = [
            self._of_frame(n) for n in range(len(self.places_mm))
        ]
        stored = (
            100 * frame + pixel
            for frame in range(len(self.places_mm))
            for pixel in range(ROWS * COLUMNS)
        )
        made.PixelData = b"".join(each.to_bytes(2, "little") for each in stored)
        for keyword, said in self.more.items():
            setattr(made, keyword, said)
        return made

    def data(self) -> bytes:
        """As a file."""
        out = io.BytesIO()
        self.dataset().save_as(out, enforce_file_format=True)
        return out.getvalue()

    def _shared(self) -> Any:
        groups = pydicom.Dataset()
        groups.PixelMeasuresSequence = [_item(PixelSpacing=[0.5, 0.75], SliceThickness=3)]
        groups.PlaneOrientationSequence = [_item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])]
        if self.shared_rescale:
            groups.PixelValueTransformationSequence = [_rescale(*self.shared_rescale)]
        return groups

    def _of_frame(self, frame: int) -> Any:
        groups = pydicom.Dataset()
        place = [-1.5, -1.0, self.places_mm[frame]]
        groups.PlanePositionSequence = [_item(ImagePositionPatient=place)]
        groups.FrameVOILUTSequence = [_item(WindowCenter=40 + frame, WindowWidth=400)]
        if not self.shared_rescale:
            said = _rescale(self.slopes[frame], self.intercepts[frame])
            groups.PixelValueTransformationSequence = [said]
        return groups


def _rescale(slope: float, intercept: float) -> Any:
    return _item(RescaleSlope=slope, RescaleIntercept=intercept, RescaleType="HU")


def _item(**said: Any) -> Any:
    made = pydicom.Dataset()
    for keyword, value in said.items():
        setattr(made, keyword, value)
    return made
