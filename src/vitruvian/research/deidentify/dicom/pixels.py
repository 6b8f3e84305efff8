"""What a picture itself may tell: text burned into it, and a face.

References
----------
DICOM PS3.15 2024b, E.3.1 (Clean Pixel Data), E.3.2 (Clean Recognizable Visual Features).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from vitruvian.derive.images.pixels import expect_stream
from vitruvian.research.deidentify.dicom.profile import options
from vitruvian.research.deidentify.errors import TextReaderAbsent

Box = tuple[int, int, int, int]
FindText = Callable[[Any], list[Box]]
"""Boxes (left, top, right, bottom; pixels, end exclusive) around text in an 8-bit picture."""

_MARGIN = 3
_NATIVE = (
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.2",
)
_THIN_MM = 3.0
_WHITE = 255.0


def may_hold_text(dataset: Any) -> bool:
    """Whether text may be burned into the pixels, by what the header says."""
    told = options()["burned_in"]
    burned = str(dataset.get("BurnedInAnnotation", "")).upper()
    if "PixelData" not in dataset:
        return False
    suspect = str(dataset.get("Modality", "")) in told["modalities"].split()
    suspect = suspect or str(dataset.get("SOPClassUID", "")) in told["sop_classes"].split()
    kinds = [str(one).upper() for one in dataset.get("ImageType", None) or ()]
    suspect = suspect or ("SECONDARY" in kinds[1:2] and "SCREEN SAVE" in kinds)
    return burned == "YES" or (suspect and burned != "NO")


def may_show_a_face(dataset: Any) -> bool:
    """Whether slices of a head are thin enough to be put together into a face."""
    told = options()["faces"]
    if str(dataset.get("Modality", "")) not in told["modalities"].split():
        return False
    words = " ".join(
        str(dataset.get(key, ""))
        for key in ("BodyPartExamined", "StudyDescription", "SeriesDescription", "ProtocolName")
    ).lower()
    thick = float(dataset.get("SliceThickness", None) or 0)
    return thick <= _THIN_MM and any(word in words for word in told["words"].split())


def text_finder() -> FindText:
    """RapidOCR, whose models lie in its wheel.

    Raises
    ------
    TextReaderAbsent
        When it is not installed.
    """
    try:
        reader: Any = import_module("rapidocr_onnxruntime").RapidOCR()
    except ImportError:
        raise TextReaderAbsent from None

    def find_text(picture: Any) -> list[Box]:
        # Where it is, not what it says: words that cannot be read by a machine can be by people.
        found, _ = reader(picture, use_cls=False, use_rec=False)
        boxes = [np.array(one) for one in found or []]
        return [
            (int(b[:, 0].min()), int(b[:, 1].min()), int(b[:, 0].max()) + 1, int(b[:, 1].max()) + 1)
            for b in boxes
        ]

    return find_text


def blank_text(dataset: Any, find_text: FindText) -> int:
    """Paint over all text of all frames, in place; how many boxes were painted.

    Compressed pixels are unpacked and stored as they are.
    """
    if str(dataset.file_meta.TransferSyntaxUID) not in _NATIVE:
        expect_stream(dataset)
        dataset.decompress()
    pixels = np.array(dataset.pixel_array)
    colour = int(dataset.get("SamplesPerPixel", 1)) > 1
    frames = pixels.reshape((-1, *pixels.shape[-3 if colour else -2 :]))
    painted = 0
    for frame in frames:
        for box in find_text(_as_picture(frame)):
            left, top, right, bottom = (max(0, edge) for edge in _wider(box))
            frame[top:bottom, left:right] = frame.min()
            painted += 1
    if painted:
        dataset.PixelData = pixels.tobytes()
        dataset["PixelData"].VR = "OW" if pixels.dtype.itemsize > 1 else "OB"
        if colour:
            dataset.PlanarConfiguration = 0
    return painted


def _wider(box: Box) -> Box:
    return box[0] - _MARGIN, box[1] - _MARGIN, box[2] + _MARGIN, box[3] + _MARGIN


def _as_picture(frame: Any) -> Any:
    """Any frame as 8-bit colour, stretched over its own range."""
    values = frame.astype(np.float64)
    low, high = values.min(), values.max()
    scaled = (values - low) * (_WHITE / max(1.0, high - low))
    picture = scaled.astype(np.uint8)
    return picture if picture.ndim > 2 else np.stack([picture] * 3, axis=-1)  # noqa: PLR2004
