"""The lesions of a phantom as a DICOM segmentation: one segment each, one bit a voxel.

References
----------
DICOM PS3.3 A.51 and C.8.20 (Segmentation), C.7.6.16 (functional groups), C.7.6.17 (dimensions);
PS3.5 section 8.1.1 (pixels of one bit are packed from the lowest bit on).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vitruvian.demo.render.dicom.encode import Element, part10, texts
from vitruvian.demo.render.dicom.phantom import PIXEL_MM, SIZE, SPACING_MM

if TYPE_CHECKING:
    from vitruvian.demo.render.dicom.phantom import Mask, Phantom

SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
_LESION, _ALTERED = ("52988006", "Lesion"), ("49755003", "Morphologically Altered Structure")
_LUNG = ("39607008", "Lung")
_SEGMENT, _POSITION = b"\x62\x00\x0b\x00", b"\x20\x00\x32\x00"
"""Tags as little endian writes them: Referenced Segment Number, Image Position (Patient)."""
_OF_SEGMENT, _OF_PLANE = b"\x62\x00\x0a\x00", b"\x20\x00\x13\x91"


def segmentation(
    chest: Phantom, shared: Sequence[Element], *, series: str, of: Sequence[Element]
) -> bytes:
    """A whole file with every lesion of a chest.

    Parameters
    ----------
    shared
        Whose it is, and of which study.
    series
        The unique identifier of the new series.
    of
        The series that it was drawn on, as `Referenced Series Sequence` has it.
    """
    masks = list(chest.masks())
    uid, dimensions = f"{series}.1", f"{series}.2"
    planes = sorted({mask.place[2] for mask in masks})
    own = [
        *_words(uid, series, len(masks)),
        *_numbers(),
        (0x00081115, "SQ", [of]),
        (0x00209221, "SQ", [texts({0x00209164: ("UI", dimensions)})]),
        (0x00209222, "SQ", [_index(dimensions, *each) for each in _DIMENSIONS]),
        (0x00620002, "SQ", [_segment(n, each.name) for n, each in enumerate(chest.lesions, 1)]),
        (0x52009229, "SQ", [_every_frame()]),
        (0x52009230, "SQ", [_frame(mask, planes.index(mask.place[2]) + 1) for mask in masks]),
        (0x7FE00010, "OB", b"".join(mask.bits for mask in masks)),
    ]
    return part10([*shared, *own], sop_class=SEGMENTATION, uid=uid)


def _words(uid: str, series: str, frames: int) -> list[Element]:
    return texts(
        {
            0x00080008: ("CS", "DERIVED\\PRIMARY"),
            0x00080016: ("UI", SEGMENTATION),
            0x00080018: ("UI", uid),
            0x00080060: ("CS", "SEG"),
            0x00080070: ("LO", "Vitruvian"),
            0x0008103E: ("LO", "Lesions (phantom)"),
            0x00081090: ("LO", "Phantom"),
            0x00181000: ("LO", "1"),
            0x00181020: ("LO", "1"),
            0x0020000E: ("UI", series),
            0x00200011: ("IS", "10"),
            0x00200013: ("IS", "1"),
            0x00280004: ("CS", "MONOCHROME2"),
            0x00280008: ("IS", str(frames)),
            0x00282110: ("CS", "00"),
            0x00620001: ("CS", "BINARY"),
            0x00700080: ("CS", "LESIONS"),
            0x00700081: ("LO", "Lesions"),
            0x00700084: ("PN", "Phantom"),
        }
    )


def _numbers() -> list[Element]:
    numbers = {
        0x00280002: 1, 0x00280010: SIZE, 0x00280011: SIZE, 0x00280100: 1,
        0x00280101: 1, 0x00280102: 0, 0x00280103: 0,
    }  # fmt: skip
    return [(tag, "US", number) for tag, number in numbers.items()]


_DIMENSIONS = ((_SEGMENT, _OF_SEGMENT), (_POSITION, _OF_PLANE))


def _index(dimensions: str, pointer: bytes, group: bytes) -> list[Element]:
    return [
        (0x00209164, "UI", dimensions),
        (0x00209165, "AT", pointer),
        (0x00209167, "AT", group),
    ]


def _segment(number: int, label: str) -> list[Element]:
    return [
        (0x00620004, "US", number),
        (0x00620005, "LO", label),
        (0x00620008, "CS", "AUTOMATIC"),
        (0x00620009, "LO", "phantom"),
        (0x00620003, "SQ", [_code(*_ALTERED)]),
        (0x0062000F, "SQ", [_code(*_LESION)]),
        (0x00082218, "SQ", [_code(*_LUNG)]),
    ]


def _code(code: str, meaning: str) -> list[Element]:
    """A concept of SNOMED CT, as DICOM names them (PS3.16 section 8.1)."""
    return texts({0x00080100: ("SH", code), 0x00080102: ("SH", "SCT"), 0x00080104: ("LO", meaning)})


def _every_frame() -> list[Element]:
    way = texts({0x00200037: ("DS", "1\\0\\0\\0\\1\\0")})
    size = texts(
        {
            0x00180050: ("DS", f"{SPACING_MM:g}"),
            0x00180088: ("DS", f"{SPACING_MM:g}"),
            0x00280030: ("DS", f"{PIXEL_MM:g}\\{PIXEL_MM:g}"),
        }
    )
    return [(0x00209116, "SQ", [way]), (0x00289110, "SQ", [size])]


def _frame(mask: Mask, plane: int) -> list[Element]:
    where = "\\".join(f"{each:g}" for each in mask.place)
    index: Element = (0x00209157, "UL", struct.pack("<II", mask.lesion, plane))
    return [
        (0x00209111, "SQ", [[index]]),
        (0x00209113, "SQ", [texts({0x00200032: ("DS", where)})]),
        (0x0062000A, "SQ", [[(0x0062000B, "US", mask.lesion)]]),
    ]
