"""Frames of a DICOM object as numbers and as pictures.

References
----------
DICOM PS3.3 C.7.6.3 (Image Pixel), C.11.1 (Modality LUT), C.11.2 (VOI LUT), C.7.6.16.2.9 (Pixel
Value Transformation), C.7.6.16.2.10 (Frame VOI LUT); PS3.5 annex A.
ISO/IEC 15948 (PNG).
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from vitruvian.derive.images.errors import ImagingMissing, PixelsUnreadable

_ONE_PERCENT, _NINETY_NINE_PERCENT = 1, 99
_COLOUR_DIMENSIONS = 3
_GREY, _RGB = 0, 2


@dataclass(frozen=True)
class Window:
    """Which values are shown from black to white, in units of the modality (HU for CT)."""

    centre: float
    width: float


def library(name: str) -> Any:
    """An optional package of the extra ``imaging``.

    Raises
    ------
    ImagingMissing
        When it is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise ImagingMissing from None


def open_object(data: bytes) -> Any:
    """A DICOM file as a ``pydicom.Dataset``.

    Parameters
    ----------
    data
        The whole file, as the lake gives it.
    """
    pydicom = library("pydicom")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pydicom.dcmread(io.BytesIO(data))


def frame_values(dataset: Any, frame: int = 0) -> Any:
    """One frame in units of its modality: Hounsfield units for CT.

    Parameters
    ----------
    dataset
        From `open_object`.
    frame
        Which frame, from 0.

    Returns
    -------
    numpy.ndarray
        (rows, columns) float64, rescale slope and intercept or modality LUT applied;
        (rows, columns, 3) as stored for colour.

    Raises
    ------
    PixelsUnreadable
        When the pixels cannot be decoded.
    """
    values = decoded(dataset, frame)
    if values.ndim == _COLOUR_DIMENSIONS:
        return values
    pixels = library("pydicom.pixels")
    rescale = _of_frame(dataset, frame, "PixelValueTransformationSequence")
    return pixels.apply_modality_lut(values, rescale or dataset).astype("float64")


def _of_frame(dataset: Any, frame: int, group: str) -> Any:
    """A functional group of an enhanced object: of the frame, else of all frames; None without."""
    own = dataset.get("PerFrameFunctionalGroupsSequence") or []
    shared = dataset.get("SharedFunctionalGroupsSequence") or []
    for holder in (*own[frame : frame + 1], *shared[:1]):
        if items := holder.get(group):
            return items[0]
    return None


def decoded(dataset: Any, frame: int) -> Any:
    """One frame as stored: (rows, columns), or (rows, columns, 3) for colour.

    Raises
    ------
    PixelsUnreadable
        When the pixels cannot be decoded.
    """
    pixels = library("pydicom.pixels")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return pixels.pixel_array(dataset, index=frame)
        except Exception as fault:  # noqa: BLE001  decoders fail in many ways; the object is named to nobody
            raise PixelsUnreadable(type(fault).__name__) from None


def picture(dataset: Any, frame: int = 0, *, window: Window | None = None) -> bytes:
    """One frame as a PNG to look at; never to measure on.

    Parameters
    ----------
    dataset, frame
        As in `frame_values`.
    window
        What to show; by default the object's own first window, else its middle 98 per cent.
    """
    values = frame_values(dataset, frame)
    if values.ndim == _COLOUR_DIMENSIONS:
        return _png(values.astype("uint8"), colour=_RGB)
    told = _of_frame(dataset, frame, "FrameVOILUTSequence") or dataset
    shown = window or _own_window(told) or _whole(values)
    low = shown.centre - shown.width / 2
    grey = ((values - low) / max(shown.width, 1e-9) * 255).clip(0, 255)
    if dataset.get("PhotometricInterpretation") == "MONOCHROME1":
        grey = 255 - grey
    return _png(grey.round().astype("uint8"), colour=_GREY)


def _own_window(dataset: Any) -> Window | None:
    centre, width = dataset.get("WindowCenter"), dataset.get("WindowWidth")
    first = [each[0] if isinstance(each, list | tuple) or hasattr(each, "insert") else each
             for each in (centre, width)]  # fmt: skip
    try:
        return Window(float(first[0]), float(first[1]))
    except (TypeError, ValueError, IndexError):
        return None


def _whole(values: Any) -> Window:
    numpy = library("numpy")
    low, high = numpy.percentile(values, [_ONE_PERCENT, _NINETY_NINE_PERCENT])
    return Window((low + high) / 2, max(high - low, 1.0))


def _png(pixels: Any, *, colour: int) -> bytes:
    """Eight bits a sample, every row unfiltered."""
    rows, columns = pixels.shape[:2]
    header = struct.pack(">IIBBBBB", columns, rows, 8, colour, 0, 0, 0)
    lines = b"".join(b"\0" + row.tobytes() for row in pixels)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
