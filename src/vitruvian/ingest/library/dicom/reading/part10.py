"""A DICOM file taken apart, and whether all of it is there.

References
----------
DICOM PS3.10 section 7 (file format), PS3.5 section 7 (encoding), annex A (transfer syntaxes).
"""

from __future__ import annotations

import io
import warnings
import zlib
from typing import Any

import pydicom
from pydicom import config as pydicom_config
from pydicom.dataelem import RawDataElement

from vitruvian.ingest.errors import Bomb, Malformed, SourceBroken, Truncated

PREFIX_AT, META_AT = 128, 132
_META_LENGTH = slice(140, 144)
_DIRECTORY = "1.2.840.10008.1.3.10"
_DEFLATED = "1.2.840.10008.1.2.1.99"
_UNDEFINED = 0xFFFFFFFF
_HEADER_BYTES = 8
_PIXELS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
_KIND = "DICOM file"


def is_part10(head: bytes) -> bool:
    """Whether bytes begin like a DICOM file: preamble, prefix, and a meta header."""
    return head[PREFIX_AT:META_AT] == b"DICM" and head[META_AT : META_AT + 2] == b"\x02\x00"


def is_directory(dataset: Any) -> bool:
    """Whether it is a DICOMDIR, which only lists the files beside it."""
    return str(dataset.file_meta.get("MediaStorageSOPClassUID", "")) == _DIRECTORY


def parse(data: bytes, *, limit: int) -> Any:
    """The data set of a DICOM file, its values not looked at yet.

    Parameters
    ----------
    data
        The whole file.
    limit
        The most bytes a deflated data set may unpack to.

    Returns
    -------
    Any
        A ``pydicom.FileDataset``.

    Raises
    ------
    Truncated
        When an element, a sequence or the pixels end too early.
    Malformed
        When it cannot be read as DICOM.
    """
    pydicom_config.settings.reading_validation_mode = pydicom_config.IGNORE
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            dataset = _read(data, limit=limit)
            _expect_all_of_it(dataset, data)
            _expect_pixels(dataset)
        except SourceBroken:
            raise
        except EOFError:
            raise Truncated(_KIND) from None
        except Exception as fault:  # noqa: BLE001  a library meets hostile bytes: any failure refuses this file
            raise unreadable_part(fault) from None
    if any("end of file" in str(each.message).lower() for each in heard):
        raise Truncated(_KIND)
    return dataset


def unreadable_part(fault: Exception) -> Malformed:
    """What a failure of the library is told as: never its words, which may hold values."""
    return Malformed(_KIND, f"{type(fault).__name__} in its data set")


def _read(data: bytes, *, limit: int) -> Any:
    meta_end = _META_LENGTH.stop + int.from_bytes(data[_META_LENGTH], "little")
    if _DEFLATED.encode() in data[META_AT:meta_end]:
        _expect_no_bomb(data, meta_end, limit)
    return pydicom.dcmread(io.BytesIO(data))


def _expect_no_bomb(data: bytes, start: int, limit: int) -> None:
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    unpacking.decompress(data[start:], limit)
    if unpacking.unconsumed_tail:
        what = f"its data set unpacks to more than {limit:,} bytes"
        raise Bomb(what)
    if not unpacking.eof:
        raise Truncated(_KIND)


def _expect_all_of_it(dataset: Any, data: bytes) -> None:
    """The last element ends where the file ends."""
    if not dataset.keys():
        raise Truncated(_KIND)
    for each in dataset.values():
        if isinstance(each, RawDataElement) and _is_short(each):
            raise Truncated(_KIND)
    last = dataset.get_item(max(dataset.keys()))
    deflated = str(dataset.file_meta.get("TransferSyntaxUID", "")) == _DEFLATED
    if deflated or not isinstance(last, RawDataElement) or last.length == _UNDEFINED:
        return
    rest = data[last.value_tell + last.length :]
    if rest.strip(b"\0"):
        raise Truncated(_KIND)


def _is_short(element: RawDataElement) -> bool:
    return element.length not in {0, _UNDEFINED} and len(element.value or b"") < element.length


def _expect_pixels(dataset: Any) -> None:
    """An image has pixels, and uncompressed ones fill its matrix."""
    if "Rows" not in dataset or is_directory(dataset):
        return
    held = next((tag for tag in _PIXELS if tag in dataset), None)
    if held is None:
        raise Truncated(_KIND)
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    if syntax is None or syntax.is_encapsulated:
        return
    element = dataset.get_item(held)
    bits = int(dataset.get("BitsAllocated") or 0)
    samples = int(dataset.get("SamplesPerPixel") or 1) * int(dataset.get("NumberOfFrames") or 1)
    if str(dataset.get("PhotometricInterpretation")) == "YBR_FULL_422":
        return  # two of three samples are shared between pixels
    wanted = (int(dataset.Rows or 0) * int(dataset.Columns or 0) * samples * bits + 7) // 8
    if len(element.value or b"") < wanted:
        raise Truncated(_KIND)
