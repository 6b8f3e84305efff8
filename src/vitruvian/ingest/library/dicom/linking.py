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

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.dicom.study.instance import Origin
from vitruvian.ingest.library.dicom.study.record import STUDY
from vitruvian.record import table_named

SHEET = "DICOM/Authorities"
HEAD = "issuer_of_patient_id,identifier_system"
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")


def is_sheet(head: bytes) -> bool:
    """Whether bytes begin like a sheet of authorities."""
    return head.removeprefix(b"\xef\xbb\xbf").startswith(HEAD.encode())


def sheet_row(data: bytes, origin: Origin, *, sha256: str) -> dict[str, Any]:
    """The sheet as a stored record that is about nobody."""
    return {
        "version_id": stable_id(origin.site, SHEET, sha256), "subject_id": None,
        "site": origin.site, "source_id": origin.source_id, "locator": "record 0",
        "known_at": origin.received_at, "known_at_basis": "stated", "record": 0,
        "resource_type": SHEET, "resource_id": origin.source_id, "content_hash": sha256,
        "deleted": False, "bytes": data,
    }  # fmt: skip


def _stored(reader: Any, *, site: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = reader.rows(
        "resource",
        columns=["content_hash", "bytes", "recorded_at"],
        where="resource_type = ? AND site = ?",
        params=[SHEET, site],
    ).to_pylist()
    return sorted(rows, key=lambda row: row["recorded_at"])


def sheets_held(reader: Any, *, site: str) -> set[str]:
    """Hashes of the sheets that are stored."""
    return {row["content_hash"] for row in _stored(reader, site=site)}


def authorities(reader: Any, more: Iterable[bytes], *, site: str) -> dict[str, str]:
    """Identifier systems by issuer, as the stored sheets and those at hand declare them."""
    found: dict[str, str] = {}
    for data in [*(row["bytes"] for row in _stored(reader, site=site)), *more]:
        text = data.decode("utf-8-sig", errors="replace")
        for row in csv.DictReader(io.StringIO(text)):
            if system := (row["identifier_system"] or "").strip():
                found[(row["issuer_of_patient_id"] or "").strip()] = system
    return found


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
    persons, declared = reader.persons(), authorities(reader, (), site=site)
    holders: dict[tuple[str, str], set[int]] = {}
    for row in rows:
        if not row["dicom"] and row["issuer"]:
            person = persons.get(row["subject_id"], row["subject_id"])
            holders.setdefault((row["issuer"], row["number"]), set()).add(person)
    links: dict[int, dict[str, Any]] = {}
    for row in rows:
        if not row["dicom"] or row["subject_id"] in persons:
            continue
        system = system_of(row["issuer"] or "", declared)
        found = holders.get((system or "", row["number"]), set())
        if len(found) == 1:
            links[row["subject_id"]] = _link(row, found.copy().pop(), system=str(system), site=site)
    if links:
        bulk.write("person_link", _as_table(list(links.values())))


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


def _as_table(rows: list[dict[str, Any]]) -> pa.Table:
    names = set(rows[0])
    schema = table_named("person_link").schema
    return pa.Table.from_pylist(rows, schema=pa.schema([e for e in schema if e.name in names]))
