"""The subject of a packet as a row of ``patient``."""

from __future__ import annotations

from datetime import datetime

from vitruvian import terms
from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.phenopackets.mapping import said
from vitruvian.ingest.library.phenopackets.reading.moments import instant
from vitruvian.ingest.library.phenopackets.rows.events import Place, Row, Told, part

LABEL = "Phenopacket subject"


def subject_of(site: str, packet: Told) -> int:
    """The source identity of a packet's subject: subjects of the same id at one site are one."""
    return stable_id(site, "PHENOPACKETS/subject", str(part(packet, "subject")["id"]))


def born_of(packet: Told) -> datetime | None:
    """The day of birth, where it is told."""
    return instant(part(packet, "subject").get("dateOfBirth") or "")


def patient_row(packet: Told, place: Place) -> Row:
    """What is told of the subject."""
    subject = part(packet, "subject")
    vital = part(subject, "vitalStatus")
    others = subject.get("alternateIds")
    others = others if isinstance(others, list) else []
    values = [str(each) for each in (subject["id"], *others)]
    died = part(vital, "timeOfDeath").get("timestamp")
    return {
        "subject_id": place.subject_id, "version_id": place.version_id, **place.lineage,
        "locator": f"record {place.record} /subject",
        "birth_date": str(subject["dateOfBirth"])[:10] if place.born else None,
        "birth_time_min": place.born, "sex": said()["sex"].get(str(subject.get("sex"))),
        "deceased": {"DECEASED": True, "ALIVE": False}.get(str(vital.get("status"))),
        "death_time": str(died) if died else None,
        "identifiers": [{"system": None, "value": each, "label": LABEL} for each in values],
        "search_text": terms.fold(" ".join(values)),
    }  # fmt: skip
