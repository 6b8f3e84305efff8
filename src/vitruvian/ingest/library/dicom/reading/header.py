"""A header in the DICOM JSON model: every element but the pixels.

References
----------
DICOM PS3.18 annex F, DICOM JSON Model.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vitruvian.ingest.library.dicom.reading.part10 import is_directory, parse, unreadable_part
from vitruvian.ingest.library.dicom.reading.uids import repair

_IN_THE_HEADER_BYTES = 1024
_AVAILABLE_SYNTAX = "00083002"
_PIXEL_GROUP = 0x7FE0


@dataclass(frozen=True)
class Header:
    """The elements of one instance by their tags.

    ``elements`` is the DICOM JSON model; what is long and binary is a ``BulkDataURI``
    of the form ``blob:<sha256>``, which names the file it stands in.
    """

    elements: Mapping[str, Any]

    def values(self, tag: str) -> Sequence[Any]:
        """All values of an element; empty when it is absent or empty."""
        return self.elements.get(tag, {}).get("Value") or ()

    def text(self, tag: str) -> str:
        """The first value as text; empty when absent. A person's name is its alphabetic form."""
        first = next((each for each in self.values(tag) if each is not None), "")
        if isinstance(first, dict):
            first = next((first[key] for key in first if first[key]), "")
        return str(first).strip(" \0")

    def numbers(self, tag: str) -> list[float]:
        """The values that are numbers."""
        found = []
        for each in self.values(tag):
            try:
                found.append(float(each))
            except (TypeError, ValueError):
                continue
        return found

    def items(self, tag: str) -> Iterator[Header]:
        """The items of a sequence."""
        for each in self.values(tag):
            if isinstance(each, dict):
                yield Header(each)

    @property
    def as_bytes(self) -> bytes:
        """As it is stored."""
        text = json.dumps(self.elements, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return text.encode("utf-8", "replace")


@dataclass(frozen=True)
class ReadHeader:
    """A header, its file's hash, and the tags of elements that cannot be read."""

    header: Header
    sha256: str
    unreadable: tuple[str, ...]


def header_of(stored: bytes) -> Header:
    """A header from its stored form."""
    return Header(json.loads(stored))


def read_header(data: bytes, *, limit: int) -> ReadHeader | None:
    """The header of a DICOM file; None for a DICOMDIR.

    Parameters
    ----------
    data
        The whole file.
    limit
        The most bytes a deflated data set may unpack to.

    Raises
    ------
    SourceBroken
        When the file is cut short or cannot be read.
    """
    dataset = parse(data, limit=limit)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return None if is_directory(dataset) else _header_of(dataset, data)
        except Exception as fault:  # noqa: BLE001  a library meets hostile bytes: any failure refuses this file
            raise unreadable_part(fault) from None


def _header_of(dataset: Any, data: bytes) -> ReadHeader:
    sha256 = hashlib.sha256(data).hexdigest()
    repair(dataset, sha256=sha256)
    elements, unreadable = _elements(dataset, sha256=sha256)
    syntax = str(dataset.file_meta.get("TransferSyntaxUID", "") or "")
    elements[_AVAILABLE_SYNTAX] = {"vr": "UI", "Value": [syntax]}
    return ReadHeader(Header(elements), sha256, tuple(unreadable))


def _elements(dataset: Any, *, sha256: str) -> tuple[dict[str, Any], list[str]]:
    """The elements, and the tags of those that cannot be read."""
    found: dict[str, Any] = {}
    unreadable: list[str] = []
    elsewhere = {"BulkDataURI": f"blob:{sha256}"}
    for tag in sorted(dataset.keys()):
        name = f"{int(tag):08X}"
        if tag.group == _PIXEL_GROUP:
            found[name] = {"vr": dataset.get_item(tag).VR or "OW", **elsewhere}
            continue
        if tag.element == 0:
            continue  # group lengths are retired (PS3.5 section 7.2)
        try:
            found[name] = dataset[tag].to_json_dict(
                lambda _: elsewhere["BulkDataURI"], _IN_THE_HEADER_BYTES
            )
        except Exception:  # noqa: BLE001  a value that is none of its kind: it stays in the file
            found[name] = {"vr": "UN", **elsewhere}
            unreadable.append(name)
    return found, unreadable
