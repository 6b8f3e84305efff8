"""The chest CT of a life, slice by slice, and the truth about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitruvian.demo.catalogue import hospital
from vitruvian.demo.render.dicom.drawing import segmentation
from vitruvian.demo.render.dicom.encode import Element, part10, texts
from vitruvian.demo.render.dicom.phantom import (
    GROUND_GLASS,
    INTERCEPT,
    LUNG,
    PIXEL_MM,
    SIZE,
    SLICES,
    SPACING_MM,
    Phantom,
    Point,
    phantom,
)
from vitruvian.demo.render.fhir.common import wall

if TYPE_CHECKING:
    from vitruvian.demo.life import Concept, ImagingStudy, Life

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
_SCHEMES = {"http://snomed.info/sct": "SCT", "http://loinc.org": "LN"}


@dataclass(frozen=True, slots=True)
class CtStudy:
    """One chest CT as it leaves the scanner."""

    life: Life
    study: ImagingStudy
    chest: Phantom

    @property
    def series_uid(self) -> str:
        """Of the series of thick slices that is sent; the thin ones stay at the scanner."""
        return f"{self.study.uid}.9"

    @property
    def accession(self) -> str:
        """The number of the order as radiology calls it."""
        return f"A{self.life.seed:02d}{self.life.number:07d}{self.study.uid.rsplit('.', 1)[-1]}"

    def files(self) -> Iterator[bytes]:
        """One file a slice, from the feet to the head."""
        shared = [*self._who(), *self._what(), *self._how()]
        for number, (place, pixels) in enumerate(self.chest.slices(), start=1):
            uid = self._image_uid(number)
            own = _slice(uid, number, place)
            pixel_data: Element = (0x7FE00010, "OW", pixels)
            yield part10([*shared, *own, pixel_data], sop_class=CT_IMAGE, uid=uid)

    def drawing(self) -> bytes:
        """Its lesions as a segmentation, which a reader of the study would find beside it."""
        shared = [*self._who(), *self._of_study()]
        images = [
            texts({0x00081150: ("UI", CT_IMAGE), 0x00081155: ("UI", self._image_uid(number))})
            for number in range(1, SLICES + 1)
        ]
        of: list[Element] = [(0x0008114A, "SQ", images), (0x0020000E, "UI", self.series_uid)]
        return segmentation(self.chest, shared, series=f"{self.study.uid}.10", of=of)

    def _image_uid(self, number: int) -> str:
        return f"{self.series_uid}.{number}"

    def truth(self) -> dict[str, Any]:
        """What is in the pictures; complete once all files were written."""
        chest = self.chest
        return {
            "patient": self.life.key,
            "study_uid": self.study.uid,
            "series_uid": self.series_uid,
            "lung_hounsfield": LUNG,
            "lung_ml": {name: chest.millilitres(name) for name in ("lung right", "lung left")},
            "lesions": [
                {
                    "name": lesion.name,
                    "centre_mm": lesion.centre,
                    "radii_mm": lesion.radii,
                    "hounsfield": GROUND_GLASS,
                    "voxels": chest.voxels.get(lesion.name, 0),
                    "ml": chest.millilitres(lesion.name),
                }
                for lesion in chest.lesions
            ],
        }

    def _who(self) -> list[Element]:
        person = self.life.person
        return texts(
            {
                0x00080005: ("CS", "ISO_IR 192"),
                0x00100010: ("PN", f"{person.family}^{'^'.join(person.given[:2])}"),
                0x00100020: ("LO", person.mrn),
                0x00100021: ("LO", hospital().mrn_system),
                0x00100030: ("DA", person.born.strftime("%Y%m%d")),
                0x00100040: ("CS", {"female": "F", "male": "M"}.get(person.sex, "O")),
            }
        )

    def _of_study(self) -> list[Element]:
        date, time, offset = _clock(wall(self.study.time))
        words = texts(
            {
                0x00080020: ("DA", date),
                0x00080023: ("DA", date),
                0x00080030: ("TM", time),
                0x00080033: ("TM", time),
                0x00080050: ("SH", self.accession),
                0x00080080: ("LO", hospital().name),
                0x00080201: ("SH", offset),
                0x00081030: ("LO", self.study.concept.text),
                0x0020000D: ("UI", self.study.uid),
                0x00200010: ("SH", self.accession),
                0x00200052: ("UI", f"{self.study.uid}.99"),
            }
        )
        return [*words, (0x00081032, "SQ", [_code(self.study.concept)])]

    def _what(self) -> list[Element]:
        words = texts(
            {
                0x00080060: ("CS", "CT"),
                0x0008103E: ("LO", "Lung, 8 mm (phantom)"),
                0x00180015: ("CS", "CHEST"),
                0x0020000E: ("UI", self.series_uid),
                0x00200011: ("IS", "9"),
            }
        )
        return [*self._of_study(), *words]

    def _how(self) -> list[Element]:
        words = texts(
            {
                0x00080008: ("CS", "ORIGINAL\\PRIMARY\\AXIAL"),
                0x00080016: ("UI", CT_IMAGE),
                0x00080070: ("LO", "Vitruvian"),
                0x00081090: ("LO", "Phantom"),
                0x00180050: ("DS", f"{SPACING_MM:g}"),
                0x00180060: ("DS", "120"),
                0x00181120: ("DS", "0"),
                0x00185100: ("CS", "HFS"),
                0x00200037: ("DS", "1\\0\\0\\0\\1\\0"),
                0x00280004: ("CS", "MONOCHROME2"),
                0x00280030: ("DS", f"{PIXEL_MM:g}\\{PIXEL_MM:g}"),
                0x00281050: ("DS", "-600"),
                0x00281051: ("DS", "1500"),
                0x00281052: ("DS", str(INTERCEPT)),
                0x00281053: ("DS", "1"),
                0x00281054: ("LO", "HU"),
            }
        )
        numbers = {
            0x00280002: 1, 0x00280010: SIZE, 0x00280011: SIZE, 0x00280100: 16,
            0x00280101: 16, 0x00280102: 15, 0x00280103: 0,
        }  # fmt: skip
        return [*words, *((tag, "US", number) for tag, number in numbers.items())]


def _slice(uid: str, number: int, place: Point) -> list[Element]:
    where = "\\".join(f"{each:g}" for each in place)
    return texts(
        {
            0x00080018: ("UI", uid),
            0x00200013: ("IS", str(number)),
            0x00200032: ("DS", where),
            0x00201041: ("DS", f"{place[2]:g}"),
        }
    )


def _code(concept: Concept) -> list[Element]:
    known = next(each for each in concept.codings if each.system in _SCHEMES)
    return texts(
        {
            0x00080100: ("SH", known.code),
            0x00080102: ("SH", _SCHEMES[known.system]),
            0x00080104: ("LO", known.display),
        }
    )


def _clock(said: str) -> tuple[str, str, str]:
    """Date, time and offset as DICOM writes them.

    Examples
    --------
    >>> _clock("2021-03-04T05:06:07+01:00")
    ('20210304', '050607', '+0100')
    """
    day, _, rest = said.partition("T")
    return day.replace("-", ""), rest[:8].replace(":", ""), rest[-6:].replace(":", "")


def ct_studies(life: Life) -> Iterator[CtStudy]:
    """The chest CTs of a life with Covid-19 pneumonia."""
    if "covid" in life.storylines:
        for study in life.imaging:
            if study.modality == "CT":
                yield CtStudy(life, study, phantom(life.seed * 10_000_000 + life.number))
