"""Objects as they leave: files with their repaired UIDs, frames, multipart bodies.

References
----------
DICOM PS3.18 sections 8.7 (media types) and 10.4 (WADO-RS); RFC 2387 (multipart/related).
"""

from __future__ import annotations

import io
import secrets
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import Response

from vitruvian.api.routes.dicomweb.find import Found
from vitruvian.base.errors import BadInput, NotFound
from vitruvian.derive.images import open_object
from vitruvian.derive.images.pixels import frame_values, library

_EXPLICIT = "1.2.840.10008.1.2.1"
_UIDS = {
    "StudyInstanceUID": "0020000D", "SeriesInstanceUID": "0020000E",
    "SOPInstanceUID": "00080018", "FrameOfReferenceUID": "00200052",
}  # fmt: skip
_ORIGINAL = "04000561"
DICOM, OCTETS = "application/dicom", "application/octet-stream"


class NoSuchFrame(NotFound):
    """The object has no frame of that number."""

    def __init__(self) -> None:
        super().__init__("The object has no frame of that number. Expected 1 to NumberOfFrames.")


class BadFrameList(BadInput):
    """The list of frames is not a list of numbers."""

    def __init__(self) -> None:
        super().__init__("The list of frames cannot be read. Expected numbers, commas between.")


def dicom_file(found: Found, data: bytes, *, as_stored: bool) -> bytes:
    """The file to send: the very bytes, unless a UID was repaired or pixels must be unpacked.

    Parameters
    ----------
    found
        The instance.
    data
        Its file.
    as_stored
        Whether the asker takes any transfer syntax.
    """
    repaired = _ORIGINAL in found.header and _was_ours(found)
    syntax = str(found.header["00083002"]["Value"][0])
    compressed = bool(syntax) and library("pydicom.uid").UID(syntax).is_encapsulated
    if not repaired and (as_stored or not compressed):
        return data
    dataset = open_object(data)
    if repaired:
        _give_uids(dataset, found)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if compressed and not as_stored:
            dataset.decompress()
        out = io.BytesIO()
        dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _was_ours(found: Found) -> bool:
    items = found.header[_ORIGINAL].get("Value") or []
    return any((each.get("04000563", {}).get("Value") or [""])[0] == "Vitruvian" for each in items)


def _give_uids(dataset: Any, found: Found) -> None:
    """The UIDs under which the object is known here, and what they were before."""
    for keyword, tag in _UIDS.items():
        if value := found.header.get(tag, {}).get("Value"):
            setattr(dataset, keyword, value[0])
    pydicom = library("pydicom")
    notes = pydicom.Dataset.from_json({_ORIGINAL: found.header[_ORIGINAL]})
    dataset.OriginalAttributesSequence = notes.OriginalAttributesSequence
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID


def frame_numbers(said: str) -> list[int]:
    """The frames asked for, from 1.

    Examples
    --------
    >>> frame_numbers("1,3")
    [1, 3]
    """
    try:
        return [int(each) for each in said.split(",")]
    except ValueError:
        raise BadFrameList from None


def plain_frame(dataset: Any, number: int) -> bytes:
    """One frame, unpacked, little endian, as PS3.18 section 8.7.3.3.2 wants octets."""
    expect_frame(dataset, number)
    pixels = library("pydicom.pixels")
    bits = int(dataset.BitsAllocated)
    if bits == 1:
        return bytes(frame_values(dataset, number - 1).astype("uint8").tobytes())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = pixels.pixel_array(dataset, index=number - 1, raw=True)
    return bytes(values.astype(values.dtype.newbyteorder("<")).tobytes())


def expect_frame(dataset: Any, number: int) -> None:
    """Raise `NoSuchFrame` for a frame that is not there."""
    if "Rows" not in dataset or not 1 <= number <= int(dataset.get("NumberOfFrames") or 1):
        raise NoSuchFrame


def multipart(parts: Iterable[bytes], *, kind: str, locations: Sequence[str] = ()) -> Response:
    """Parts of one kind in one body; a boundary that no part can hold."""
    boundary = secrets.token_hex(16)
    said = f"; transfer-syntax={_EXPLICIT}" if kind == OCTETS else ""
    body = bytearray()
    for number, part in enumerate(parts):
        place = f"\r\nContent-Location: {locations[number]}" if locations else ""
        head = f"--{boundary}\r\nContent-Type: {kind}{said}{place}\r\n"
        body += f"{head}Content-Length: {len(part)}\r\n\r\n".encode() + part + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    media = f'multipart/related; type="{kind}"; boundary={boundary}'
    return Response(bytes(body), media_type=media)
