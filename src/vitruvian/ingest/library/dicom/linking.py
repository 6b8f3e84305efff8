"""Which patient a DICOM patient id means: by a declared authority, never by likeness.

A patient id is a number that somebody gave. Who gave it is told by the header (Issuer of
Patient ID) or declared by the site in a sheet::

    issuer_of_patient_id,identifier_system
    WARD-PACS,https://ward.example/mrn
    ,https://ward.example/mrn

The second line speaks for headers without an issuer. A subject is linked to the one person
who has the same number under the same system; none or several give no link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.engine.storing.rows import write_rows
from vitruvian.ingest.engine.whose.kept import KeptSheet
from vitruvian.ingest.engine.whose.links import holders
from vitruvian.ingest.library.dicom.study.record import STUDY

SHEET = KeptSheet("issuer_of_patient_id,identifier_system", "DICOM/Authorities")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")


def authorities(sheets: Iterable[bytes]) -> dict[str, str]:
    """Identifier systems by issuer, as sheets declare them; the last one holds."""
    lines = (line for data in sheets for line in SHEET.lines(data))
    return {issuer: system for issuer, system in lines if system}


def system_of(issuer: str, declared: Mapping[str, str]) -> str | None:
    """The identifier system of an issuer: as declared, or its own name when that is an address.

    Examples
    --------
    >>> system_of("WARD", {"WARD": "https://ward.example/mrn"})
    'https://ward.example/mrn'
    >>> system_of("urn:oid:1.2.3", {}), system_of("WARD", {}), system_of("", {})
    ('urn:oid:1.2.3', None, None)
    """
    if issuer in declared:
        return declared[issuer]
    return issuer if _URI.fullmatch(issuer) else None


_NUMBERS = f"""
    SELECT p.subject_id, i.system AS issuer, i.value AS number, r.version_id IS NOT NULL AS dicom,
        p.source_id, p.known_at
    FROM (SELECT *, unnest(identifiers) AS i FROM patient WHERE site = ?) p
    LEFT JOIN resource r ON r.version_id = p.version_id AND r.resource_type = '{STUDY}'
"""


def link_subjects(bulk: Any, *, site: str) -> None:
    """Link every DICOM subject that is nobody's yet to the one person with its number."""
    reader = bulk.reader
    if not _any_study(reader, site=site):
        return
    rows = reader.query(_NUMBERS, tables=["patient", "resource"], params=[site]).to_pylist()
    persons, declared = reader.persons(), authorities(SHEET.stored(reader, site=site).values())
    others = (row for row in rows if not row["dicom"] and row["issuer"])
    held = holders(((row["subject_id"], (row["issuer"], row["number"])) for row in others), persons)
    links: dict[int, dict[str, Any]] = {}
    for row in rows:
        if not row["dicom"] or row["subject_id"] in persons:
            continue
        system = system_of(row["issuer"] or "", declared)
        found = held.get((system, row["number"]), set())
        if len(found) == 1:
            links[row["subject_id"]] = _link(row, found.copy().pop(), system=str(system), site=site)
    write_rows(bulk, "person_link", list(links.values()))


def _any_study(reader: Any, *, site: str) -> bool:
    found = reader.query(
        "SELECT 1 FROM resource WHERE resource_type = ? AND site = ? LIMIT 1",
        tables=["resource"],
        params=[STUDY, site],
    )
    return bool(found.num_rows)


def _link(row: Mapping[str, Any], person: int, *, system: str, site: str) -> dict[str, Any]:
    return {
        "link_id": stable_id("DICOM/Link", str(row["subject_id"]), str(person), system),
        "subject_id": row["subject_id"],
        "site": site,
        "source_id": row["source_id"],
        "known_at": row["known_at"],
        "known_at_basis": "assumed",
        "person_id": person,
        "linked": True,
        "evidence": f"the same number under the declared authority {system}",
    }
