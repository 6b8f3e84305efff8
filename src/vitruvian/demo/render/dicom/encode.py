"""Elements of a DICOM file in explicit little endian, written without any library.

So that what reads DICOM here is not tested against itself.

References
----------
DICOM PS3.5 section 7.1 (element structure), PS3.10 section 7.1 (meta information).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
_MAKER = "2.25.309817462055713064284901726580013249188"
_LONG = {"OB", "OW", "SQ", "UN", "UT"}
_BINARY = {"US": "<H", "SS": "<h", "UL": "<I", "FD": "<d"}

Element = tuple[int, str, Any]
"""Tag, value representation, and a text, number, bytes or list of items."""


def part10(elements: Sequence[Element], *, sop_class: str, uid: str) -> bytes:
    """A whole file: preamble, prefix, meta header, data set."""
    meta: list[Element] = [
        (0x00020001, "OB", b"\x00\x01"),
        (0x00020002, "UI", sop_class),
        (0x00020003, "UI", uid),
        (0x00020010, "UI", EXPLICIT_LITTLE_ENDIAN),
        (0x00020012, "UI", _MAKER),
    ]
    body = data_set(meta)
    length = data_set([(0x00020000, "UL", len(body))])
    return bytes(128) + b"DICM" + length + body + data_set(elements)


def data_set(elements: Sequence[Element]) -> bytes:
    """Elements in the order of their tags."""
    return b"".join(_element(*each) for each in sorted(elements, key=lambda each: each[0]))


def _element(tag: int, kind: str, value: Any) -> bytes:
    content = _content(kind, value)
    start = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + kind.encode()
    if kind in _LONG:
        return start + struct.pack("<HI", 0, len(content)) + content
    return start + struct.pack("<H", len(content)) + content


def _content(kind: str, value: Any) -> bytes:
    if kind == "SQ":
        items = (data_set(item) for item in value)
        return b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, len(each)) + each for each in items)
    if isinstance(value, bytes):
        return value + b"\0" * (len(value) % 2)
    if kind in _BINARY:
        return struct.pack(_BINARY[kind], value)
    content = str(value).encode()
    return content + (b"\0" if kind == "UI" else b" ") * (len(content) % 2)


def texts(words: Mapping[int, tuple[str, str]]) -> list[Element]:
    """Elements that hold text, by their tags."""
    return [(tag, kind, text) for tag, (kind, text) in words.items()]
