"""One instance of a study: its header, where it came from, and whom it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.dicom.mapping import kind_of, rejection_titles
from vitruvian.ingest.library.dicom.reading.header import Header
from vitruvian.ingest.library.dicom.reading.moments import Zone, moment, study_moment

INSTANCE = "DICOM/Instance"
STUDY_UID, SERIES_UID, INSTANCE_UID = "0020000D", "0020000E", "00080018"
PATIENT_ID, ISSUER, ISSUER_MORE = "00100020", "00100021", "00100024"
UNIVERSAL_ID, UNIVERSAL_TYPE = "00400032", "00400033"
_SOP_CLASS, _ORIGINAL = "00080016", "04000561"
_TITLE, _CODE = "0040A043", "00080100"
_EVIDENCE, _SERIES, _OBJECTS, _OBJECT = "0040A375", "00081115", "00081199", "00081155"
_CONTENT = ("00080023", "00080033")


@dataclass(frozen=True)
class Origin:
    """Where instances come from and which zone holds for their times."""

    site: str
    source_id: str
    zone: Zone
    received_at: datetime


@dataclass(frozen=True)
class Instance:
    """One instance; ``sha256`` is the address of its file."""

    header: Header
    sha256: str
    origin: Origin

    @cached_property
    def uid(self) -> str:
        """Its SOP instance UID."""
        return self.header.text(INSTANCE_UID)

    @cached_property
    def study_uid(self) -> str:
        """Of this study."""
        return self.header.text(STUDY_UID)

    @cached_property
    def series_uid(self) -> str:
        """Of this series."""
        return self.header.text(SERIES_UID)

    @cached_property
    def kind(self) -> str:
        """What it is: image, segmentation, structure set, report, key objects, ..."""
        return kind_of(self.header.text(_SOP_CLASS))

    @cached_property
    def subject_id(self) -> int | None:
        """The source identity that its patient id names; None without one."""
        patient = self.header.text(PATIENT_ID)
        if not patient:
            return None
        return stable_id(self.origin.site, "DICOM/Patient", issuer_of(self.header), patient)

    @cached_property
    def version_id(self) -> int:
        """Of this instance with these bytes."""
        return stable_id(self.origin.site, INSTANCE, self.uid, self.sha256)

    @cached_property
    def known_at(self) -> datetime:
        """When the care team could look at it: DICOM does not say, so the study's time is assumed.

        Where only a day is told it is the end of that day, and never later than it came here.
        """
        pairs = moment(self.header, _CONTENT, self.origin.zone) if self.rejects else None
        found = pairs or study_moment(self.header, self.origin.zone)
        if found is None:
            return self.origin.received_at
        return min(found.until or found.start, self.origin.received_at)

    @cached_property
    def rejects(self) -> frozenset[str]:
        """Instances that this one takes out of use, when it is a rejection note."""
        titles = {item.text(_CODE) for item in self.header.items(_TITLE)}
        if self.kind != "key objects" or not titles & rejection_titles():
            return frozenset()
        return frozenset(
            target.text(_OBJECT)
            for study in self.header.items(_EVIDENCE)
            for series in study.items(_SERIES)
            for target in series.items(_OBJECTS)
        )

    @property
    def was_repaired(self) -> bool:
        """Whether its UIDs are not those that were sent."""
        return bool(self.header.values(_ORIGINAL))

    @property
    def lineage(self) -> dict[str, Any]:
        """Columns that every row made of it has."""
        return {
            "site": self.origin.site,
            "source_id": self.origin.source_id,
            "known_at": self.known_at,
            "known_at_basis": "assumed",
        }

    @property
    def place(self) -> tuple[bool, float, float, str]:
        """Where it stands in its study: images first, then by series and instance number."""
        numbers = [(self.header.numbers(tag) or [float("inf")])[0] for tag in _NUMBERS]
        return self.kind != "image", numbers[0], numbers[1], self.uid


_NUMBERS = ("00200011", "00200013")


def issuer_of(header: Header) -> str:
    """Who gave the patient id, as sent: its universal name before its local one; "" if untold.

    References
    ----------
    DICOM PS3.3 table 10-18, HL7v2 Hierarchic Designator.
    """
    for more in header.items(ISSUER_MORE):
        universal, kind = more.text(UNIVERSAL_ID), more.text(UNIVERSAL_TYPE).upper()
        if universal:
            return f"urn:oid:{universal}" if kind == "ISO" else universal
    return header.text(ISSUER)


def instance_of(row: Mapping[str, Any], header: Header, origin: Origin) -> Instance:
    """A stored instance."""
    return Instance(header, str(row["content_hash"]), origin)
