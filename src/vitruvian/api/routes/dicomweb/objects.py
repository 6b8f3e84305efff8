"""Objects as they leave: files with their repaired UIDs, frames, multipart bodies.

References
----------
DICOM PS3.18 sections 8.7 (media types) and 10.4 (WADO-RS); RFC 2387 (multipart/related).
"""

from __future__ import annotations

import io
import secrets
import warnings
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from fastapi import Response
from fastapi.responses import StreamingResponse

from vitruvian.api.routes.dicomweb.find import Found
from vitruvian.base.errors import BadInput, NotFound
from vitruvian.derive.images import open_object
from vitruvian.derive.images.pixels import expect_stream, frame_values, library
from vitruvian.lake.disk.blobs import Pieces

if TYPE_CHECKING:
    from vitruvian.lake import Reader

_EXPLICIT = "1.2.840.10008.1.2.1"
_UIDS = {
    "StudyInstanceUID": "0020000D", "SeriesInstanceUID": "0020000E",
    "SOPInstanceUID": "00080018", "FrameOfReferenceUID": "00200052",
}  # fmt: skip
_ORIGINAL = "04000561"
DICOM, OCTETS = "application/dicom", "application/octet-stream"
# What one request may take into memory: a file that is opened, the values of one frame, and the
# values of one frame that is made a picture, which are held several times over.
MOST_OPENED, MOST_OF_A_FRAME, MOST_SHOWN = 512 << 20, 256 << 20, 32 << 20
MOST_FRAMES = 1000
_ROWS, _COLUMNS, _SAMPLES, _BITS = "00280010", "00280011", "00280002", "00280100"


class NoSuchFrame(NotFound):
    """The object has no frame of that number."""

    def __init__(self) -> None:
        super().__init__("The object has no frame of that number. Expected 1 to NumberOfFrames.")


class BadFrameList(BadInput):
    """The list of frames is not a list of numbers."""

    def __init__(self) -> None:
        super().__init__(
            f"The list of frames cannot be read. Expected at most {MOST_FRAMES} numbers, each "
            "once, commas between."
        )


class FrameTooLarge(BadInput):
    """A frame has more values than are unpacked here at once."""

    status = 413

    def __init__(self) -> None:
        super().__init__(
            f"One frame of this object has more than {MOST_OF_A_FRAME >> 20} MiB, or more than "
            f"{MOST_SHOWN >> 20} million values to be made a picture. Retrieve the file as it was "
            "stored, and open it there."
        )


def dicom_file(reader: Reader, found: Found, *, as_stored: bool) -> Pieces:
    """The file to send: the very bytes, unless a UID was repaired or pixels must be unpacked.

    Parameters
    ----------
    reader
        The door.
    found
        The instance.
    as_stored
        Whether the asker takes any transfer syntax.
    """
    repaired = _ORIGINAL in found.header and _was_ours(found)
    syntax = str(found.header["00083002"]["Value"][0])
    compressed = bool(syntax) and library("pydicom.uid").UID(syntax).is_encapsulated
    if not repaired and (as_stored or not compressed):
        return reader.pieces(found.sha256)
    if compressed and not as_stored:
        expect_room(found.header, most=MOST_OPENED, frames=_number(found.header, "00280008"))
    whole = reader.blob(found.sha256, most=MOST_OPENED)
    data = _changed(found, whole, (repaired, compressed and not as_stored))
    return Pieces(len(data), iter((data,)))


def _changed(found: Found, data: bytes, wanted: tuple[bool, bool]) -> bytes:
    """The file with its UIDs as they are known here, with its pixels unpacked, or both."""
    repaired, unpacked = wanted
    dataset = open_object(data)
    if repaired:
        _give_uids(dataset, found)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if unpacked:
            expect_stream(dataset)
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
        found = [int(each) for each in said.split(",")]
    except ValueError:
        raise BadFrameList from None
    if len(found) > MOST_FRAMES or len(set(found)) < len(found):
        raise BadFrameList  # PS3.18: a list of non-duplicate frame numbers
    return found


def expect_room(header: Mapping[str, Any], *, most: int = MOST_OF_A_FRAME, frames: int = 1) -> None:
    """Raise `FrameTooLarge` before unpacking what would take more than so many bytes."""
    sides = [_number(header, tag) for tag in (_ROWS, _COLUMNS, _SAMPLES)]
    values = sides[0] * sides[1] * sides[2] * frames
    if values * -(-_number(header, _BITS) // 8) > most:
        raise FrameTooLarge


def expect_room_to_show(header: Mapping[str, Any]) -> None:
    """Raise `FrameTooLarge` for a frame with too many values to be made a picture."""
    if _number(header, _ROWS) * _number(header, _COLUMNS) * _number(header, _SAMPLES) > MOST_SHOWN:
        raise FrameTooLarge


def _number(header: Mapping[str, Any], tag: str) -> int:
    """A number of the header; 1 where it says none."""
    said = header.get(tag, {}).get("Value") or [1]
    return int(said[0] or 1)


def plain_frame(dataset: Any, number: int) -> bytes:
    """One frame, unpacked, little endian, as PS3.18 section 8.7.3.3.2 wants octets."""
    expect_frame(dataset, number)
    pixels = library("pydicom.pixels")
    bits = int(dataset.BitsAllocated)
    if bits == 1:
        return bytes(frame_values(dataset, number - 1).astype("uint8").tobytes())
    expect_stream(dataset, number - 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = pixels.pixel_array(dataset, index=number - 1, raw=True)
    return bytes(values.astype(values.dtype.newbyteorder("<")).tobytes())


def plain_pixels(dataset: Any) -> Pieces:
    """All frames, one after the other, each unpacked when its turn comes."""
    count = int(dataset.get("NumberOfFrames") or 1)
    frames = (plain_frame(dataset, each) for each in range(1, count + 1))
    first = next(frames)
    return Pieces(len(first) * count, chain([first], frames))


def expect_frame(dataset: Any, number: int) -> None:
    """Raise `NoSuchFrame` for a frame that is not there."""
    if "Rows" not in dataset or not 1 <= number <= int(dataset.get("NumberOfFrames") or 1):
        raise NoSuchFrame


def multipart(parts: Iterable[Pieces | bytes], *, kind: str) -> Response:
    """Parts of one kind, one after the other; a boundary that no part can hold.

    One part is in memory at a time. The first is made ready before the answer begins, so that what
    goes wrong with it is still told as a failure.
    """
    boundary = secrets.token_hex(16)
    ready = iter(parts)
    some = chain([next(ready)], ready)
    media = f'multipart/related; type="{kind}"; boundary={boundary}'
    return StreamingResponse(_body(some, kind, boundary), media_type=media)


def _body(parts: Iterable[Pieces | bytes], kind: str, boundary: str) -> Iterator[bytes]:
    said = f"; transfer-syntax={_EXPLICIT}" if kind == OCTETS else ""
    for part in parts:
        pieces = Pieces(len(part), iter((part,))) if isinstance(part, bytes) else part
        head = f"--{boundary}\r\nContent-Type: {kind}{said}\r\n"
        yield f"{head}Content-Length: {pieces.size}\r\n\r\n".encode()
        yield from pieces.data
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode()
