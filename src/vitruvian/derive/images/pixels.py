"""Frames of a DICOM object as numbers and as pictures.

References
----------
DICOM PS3.3 C.7.6.3 (Image Pixel), C.11.1 (Modality LUT), C.11.2 (VOI LUT), C.7.6.16.2.9 (Pixel
Value Transformation), C.7.6.16.2.10 (Frame VOI LUT); PS3.5 annex A.
ISO/IEC 10918-1 table B.1 and B.2.2 (JPEG frame header), 14495-1 C.2.2 (JPEG-LS), 15444-1 A.5.1
(JPEG 2000 image size), 15948 (PNG).
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
_JPEG, _SIZ, _JP2 = b"\xff\xd8", b"\xff\x4f\xff\x51", b"jP  "
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}
_LARGER = "a compressed frame is larger than the header says"
_ALONE = frozenset({0x00, 0x01, *range(0xD0, 0xDA), 0xFF})  # markers without a length


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


def expect_stream(dataset: Any, frame: int | None = None) -> None:
    """Raise before decoding what would unpack to more samples than the header tells.

    Parameters
    ----------
    dataset
        Any object; pixels that are not compressed always pass.
    frame
        Which frame, from 0; None for all of them.

    Raises
    ------
    PixelsUnreadable
        When a compressed frame says that it is larger than the object, or is not where it should.
    """
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    if syntax is None or not syntax.is_encapsulated or "PixelData" not in dataset:
        return
    encaps, count = library("pydicom.encaps"), int(dataset.get("NumberOfFrames") or 1)
    told = int(dataset.Rows) * int(dataset.Columns) * int(dataset.get("SamplesPerPixel") or 1)
    try:
        if frame is None:
            streams = encaps.generate_frames(dataset.PixelData, number_of_frames=count)
        else:
            streams = [encaps.get_frame(dataset.PixelData, frame, number_of_frames=count)]
        larger = any(_samples(one) > told for one in streams)
    except (ValueError, struct.error) as fault:
        raise PixelsUnreadable(type(fault).__name__) from None
    if larger:
        raise PixelsUnreadable(_LARGER)


def _samples(stream: bytes) -> int:
    """How many samples a JPEG, JPEG-LS or JPEG 2000 stream says it holds; 0 for another."""
    if stream.startswith(_SIZ) or stream[4:8] == _JP2:
        at = stream.index(_SIZ) + len(_SIZ)
        right, bottom, left, top = struct.unpack_from(">4I", stream, at + 4)
        (samples,) = struct.unpack_from(">H", stream, at + 36)
        return int(max(0, right - left) * max(0, bottom - top) * samples)
    at = stream.find(b"\xff", 2) if stream.startswith(_JPEG) else -1
    while 0 <= at < len(stream) - 1:
        marker = stream[at + 1]
        if marker in _FRAME_HEADERS:
            rows, columns, samples = struct.unpack_from(">HHB", stream, at + 5)
            return int(rows) * int(columns) * int(samples)
        skipped = 1 if marker in _ALONE else 2 + struct.unpack_from(">H", stream, at + 2)[0]
        at = stream.find(b"\xff", at + skipped)
    return 0


def decoded(dataset: Any, frame: int) -> Any:
    """One frame as stored: (rows, columns), or (rows, columns, 3) for colour.

    Raises
    ------
    PixelsUnreadable
        When the pixels cannot be decoded.
    """
    expect_stream(dataset, frame)
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
