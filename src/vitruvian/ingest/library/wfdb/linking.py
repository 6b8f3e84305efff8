"""Whom a recording is about: told by a sheet, never by its name alone.

::

    wfdb_record,identifier_system,patient_id
    p0042,https://ward.example/mrn,M-17

A recording is linked to the one person who has that number under that system.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.wfdb.rows import LABEL, RECORD, Origin
from vitruvian.record import table_named

SHEET = "WFDB/Patients"
HEAD = "wfdb_record,identifier_system,patient_id"
_NUMBERS = "SELECT subject_id, unnest(identifiers) AS i FROM patient WHERE site = ?"


def is_sheet(head: bytes) -> bool:
    """Whether bytes begin like a sheet of recordings and patients."""
    return head.removeprefix(b"\xef\xbb\xbf").startswith(HEAD.encode())


def sheet_row(data: bytes, origin: Origin) -> dict[str, Any]:
    """The sheet as a stored record that is about nobody by itself."""
    return {
        "version_id": stable_id(origin.site, SHEET, origin.sha256), "subject_id": None,
        "site": origin.site, "source_id": origin.source_id, "locator": "record 0",
        "known_at": origin.received_at, "known_at_basis": "stated", "record": 0,
        "resource_type": SHEET, "resource_id": origin.source_id,
        "content_hash": origin.sha256, "deleted": False, "bytes": data,
    }  # fmt: skip


def stored_hashes(reader: Any, kind: str, *, site: str) -> set[str]:
    """Hashes of the stored records of one kind."""
    found = reader.rows(
        "resource",
        columns=["content_hash"],
        where="resource_type = ? AND site = ?",
        params=[kind, site],
    )
    return set(found["content_hash"].to_pylist())


def declared(reader: Any, *, site: str) -> dict[str, tuple[str, str]]:
    """System and number of the patient of each recording, as the sheets declare them."""
    rows = reader.rows(
        "resource", columns=["bytes"], where="resource_type = ? AND site = ?", params=[SHEET, site]
    ).to_pylist()
    found = {}
    for row in rows:
        text = row["bytes"].decode("utf-8-sig", errors="replace")
        for line in csv.DictReader(io.StringIO(text)):
            said = [(line[name] or "").strip() for name in HEAD.split(",")]
            if all(said):
                found[said[0]] = (said[1], said[2])
    return found


def link_subjects(bulk: Any, *, site: str) -> None:
    """Link every recording that is nobody's yet to the one person its sheet declares."""
    reader = bulk.reader
    sheets = declared(reader, site=site)
    if not sheets:
        return
    rows = reader.query(_NUMBERS, tables=["patient"], params=[site]).to_pylist()
    persons = reader.persons()
    holders: dict[tuple[str | None, str | None], set[int]] = {}
    for row in rows:
        person = persons.get(row["subject_id"], row["subject_id"])
        key = (row["i"]["system"], row["i"]["value"])
        holders.setdefault(key, set()).add(person)
    links = []
    for row in rows:
        name = row["i"]["value"]
        if row["i"]["label"] != LABEL or row["subject_id"] in persons or name not in sheets:
            continue
        found = holders.get(sheets[name], set())
        if len(found) == 1:
            links.append(_link(row["subject_id"], next(iter(found)), site=site))
    if links:
        names = set(links[0])
        schema = pa.schema([e for e in table_named("person_link").schema if e.name in names])
        bulk.write("person_link", pa.Table.from_pylist(links, schema=schema))


def _link(subject: int, person: int, *, site: str) -> Mapping[str, Any]:
    return {
        "link_id": stable_id("WFDB/Link", str(subject), str(person)),
        "subject_id": subject,
        "site": site,
        "source_id": "sheet",
        "known_at": datetime.fromisoformat("1970-01-01T00:00:00+00:00"),
        "known_at_basis": "assumed",
        "person_id": person,
        "linked": True,
        "evidence": "declared by the site's sheet of recordings",
    }


__all__ = ["RECORD", "declared", "is_sheet", "link_subjects", "sheet_row", "stored_hashes"]
