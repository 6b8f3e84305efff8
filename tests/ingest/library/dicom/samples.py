"""Small CT files, written element by element without the library that reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vitruvian.demo.render.dicom.encode import Element, data_set, part10, texts

CT = "1.2.840.10008.5.1.4.1.1.2"
KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"
STUDY, SERIES = "1.2.826.0.1.7", "1.2.826.0.1.7.1"
AUTHORITY = "https://ward.example/mrn"


@dataclass(frozen=True)
class Slice:
    """One axial slice; what a test does not say is in order."""

    number: int = 1
    z: float | None = None
    study: str = STUDY
    series: str = SERIES
    uid: str | None = None
    patient: str = "M-1"
    issuer: str = AUTHORITY
    fill: int = 100
    side: int = 8
    more: dict[int, tuple[str, str]] = field(default_factory=dict)

    @property
    def instance_uid(self) -> str:
        return f"{self.series}.{self.number}" if self.uid is None else self.uid

    def elements(self) -> list[Element]:
        z = self.number * 2.0 if self.z is None else self.z
        words = {
            0x00080016: ("UI", CT),
            0x00080018: ("UI", self.instance_uid),
            0x00080020: ("DA", "20240305"),
            0x00080030: ("TM", "071500"),
            0x00080050: ("SH", "ACC-1"),
            0x00080060: ("CS", "CT"),
            0x00080201: ("SH", "+0100"),
            0x00081030: ("LO", "CT chest"),
            0x0008103E: ("LO", "Lung"),
            0x00100010: ("PN", "Ward^Test"),
            0x00100020: ("LO", self.patient),
            0x00100021: ("LO", self.issuer),
            0x00100030: ("DA", "19500214"),
            0x00100040: ("CS", "F"),
            0x00180015: ("CS", "CHEST"),
            0x0020000D: ("UI", self.study),
            0x0020000E: ("UI", self.series),
            0x00200011: ("IS", "1"),
            0x00200013: ("IS", str(self.number)),
            0x00200032: ("DS", f"-10\\-10\\{z:g}"),
            0x00200037: ("DS", "1\\0\\0\\0\\1\\0"),
            0x00280004: ("CS", "MONOCHROME2"),
            0x00280030: ("DS", "1\\1"),
            0x00281052: ("DS", "-1024"),
            0x00281053: ("DS", "1"),
            **self.more,
        }
        numbers: list[Element] = [
            (0x00280002, "US", 1), (0x00280010, "US", self.side), (0x00280011, "US", self.side),
            (0x00280100, "US", 16), (0x00280101, "US", 16), (0x00280102, "US", 15),
            (0x00280103, "US", 0),
        ]  # fmt: skip
        pixels = (self.fill + self.number).to_bytes(2, "little") * self.side**2
        return [*texts(words), *numbers, (0x7FE00010, "OW", pixels)]

    def data(self) -> bytes:
        return part10(self.elements(), sop_class=CT, uid=self.instance_uid)

    def write(self, folder: Path, name: str | None = None) -> Path:
        path = folder / (name or f"{self.number}-{self.fill}")
        path.write_bytes(self.data())
        return path


def stack(folder: Path, *, slices: int = 4, **said: Any) -> list[Path]:
    folder.mkdir(exist_ok=True)
    return [Slice(number, **said).write(folder) for number in range(1, slices + 1)]


def rejection_note(*instances: str, title: str = "113001", uid: str = f"{STUDY}.9.1") -> bytes:
    """A key object note (IHE RAD TF-3 4.66) that takes instances out of use."""
    code = texts({0x00080100: ("SH", title), 0x00080102: ("SH", "DCM"), 0x00080104: ("LO", "No")})
    targets = [texts({0x00081150: ("UI", CT), 0x00081155: ("UI", each)}) for each in instances]
    series: list[Element] = [*texts({0x0020000E: ("UI", SERIES)}), (0x00081199, "SQ", targets)]
    study: list[Element] = [*texts({0x0020000D: ("UI", STUDY)}), (0x00081115, "SQ", [series])]
    words = {
        0x00080016: ("UI", KEY_OBJECTS),
        0x00080018: ("UI", uid),
        0x00080020: ("DA", "20240305"),
        0x00080023: ("DA", "20240306"),
        0x00080060: ("CS", "KO"),
        0x00100020: ("LO", "M-1"),
        0x00100021: ("LO", AUTHORITY),
        0x0020000D: ("UI", STUDY),
        0x0020000E: ("UI", f"{STUDY}.9"),
    }
    elements: list[Element] = [
        *texts(words),
        (0x0040A043, "SQ", [code]),
        (0x0040A375, "SQ", [study]),
    ]
    return part10(elements, sop_class=KEY_OBJECTS, uid=uid)


def samples(folder: Path) -> list[Path]:
    return stack(folder, slices=3, side=64)


__all__ = ["Slice", "data_set", "rejection_note", "samples", "stack"]
