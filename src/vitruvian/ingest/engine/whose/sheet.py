"""A sheet of three columns that tells whose data these are.

::

    open_mhealth_user,identifier_system,patient_id
    rider-17,https://ward.example/mrn,M-17

The first column is named by the format. Who is named there becomes the one person who has
that number under that system, whichever was loaded first; a name alone links nobody.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from vitruvian.base.ids import stable_id
from vitruvian.ingest.engine.adapter import LoadContext, Source
from vitruvian.record import table_named

_BOM = b"\xef\xbb\xbf"
_NUMBERS = "SELECT subject_id, source_id, unnest(identifiers) AS i FROM patient WHERE site = ?"
_LINK = ("system", "patient")


@dataclass(frozen=True)
class Sheet:
    """The sheet of one format.

    ``column`` is the name of its first column, ``label`` that of the identifiers it speaks of,
    ``kind`` what such a sheet is called where it is stored.
    """

    column: str
    label: str
    kind: str

    @property
    def head(self) -> str:
        """Its first line."""
        return f"{self.column},identifier_system,patient_id"

    def is_sheet(self, head: bytes) -> bool:
        """Whether bytes begin like this sheet."""
        return head.removeprefix(_BOM).startswith(self.head.encode())

    def names(self, data: bytes) -> dict[str, tuple[str, str]]:
        """System and number of the patient, by what the first column says."""
        found = {}
        for line in csv.DictReader(io.StringIO(data.decode("utf-8-sig", errors="replace"))):
            said = [(line.get(name) or "").strip() for name in self.head.split(",")]
            if all(said):
                found[said[0]] = (said[1], said[2])
        return found

    def row(self, data: bytes, source: Source, context: LoadContext) -> dict[str, Any]:
        """The sheet as a stored record that is about nobody by itself."""
        return {
            "version_id": stable_id(context.site, self.kind, source.sha256), "subject_id": None,
            "site": context.site, "source_id": source.source_id, "locator": "record 0",
            "known_at": datetime.fromisoformat(context.received_at), "known_at_basis": "stated",
            "record": 0, "resource_type": self.kind, "resource_id": source.source_id,
            "content_hash": source.sha256, "deleted": False, "bytes": data,
        }  # fmt: skip

    def stored(self, reader: Any, *, site: str) -> dict[str, bytes]:
        """The sheets that are stored, by the hash of their bytes."""
        rows = reader.rows(
            "resource",
            columns=["content_hash", "bytes"],
            where="resource_type = ? AND site = ?",
            params=[self.kind, site],
        ).to_pylist()
        return {row["content_hash"]: row["bytes"] for row in rows}

    def declared(self, sheets: Iterable[bytes]) -> dict[str, tuple[str, str]]:
        """What several sheets say together."""
        return {name: whose for data in sheets for name, whose in self.names(data).items()}

    def link(self, bulk: Any, *, site: str) -> None:
        """Link every subject that is nobody's yet to the one person whom a sheet declares."""
        reader = bulk.reader
        declared = self.declared(self.stored(reader, site=site).values())
        if not declared:
            return
        rows = reader.query(_NUMBERS, tables=["patient"], params=[site]).to_pylist()
        persons = reader.persons()
        holders = _holders(rows, persons)
        links: dict[int, dict[str, Any]] = {}
        for row in rows:
            if row["i"]["label"] != self.label or row["subject_id"] in persons:
                continue
            whose = declared.get(row["i"]["value"]) or declared.get(row["source_id"])
            found = holders.get(whose, set()) if whose else set()
            if len(found) == 1:
                links[row["subject_id"]] = self._link(row["subject_id"], next(iter(found)), site)
        write_rows(bulk, "person_link", list(links.values()))

    def _link(self, subject: int, person: int, site: str) -> dict[str, Any]:
        return {
            "link_id": stable_id(self.kind, str(subject), str(person)),
            "subject_id": subject,
            "site": site,
            "source_id": "sheet",
            "known_at": datetime.fromisoformat("1970-01-01T00:00:00+00:00"),
            "known_at_basis": "assumed",
            "person_id": person,
            "linked": True,
            "evidence": f"declared by the site's sheet of {self.column}",
        }


def _holders(
    rows: Iterable[Mapping[str, Any]], persons: Mapping[int, int]
) -> dict[tuple[str, str], set[int]]:
    """The persons who have each number."""
    held: dict[tuple[str, str], set[int]] = {}
    for row in rows:
        person = persons.get(row["subject_id"], row["subject_id"])
        held.setdefault((row["i"]["system"], row["i"]["value"]), set()).add(person)
    return held


def write_rows(bulk: Any, table: str, rows: list[dict[str, Any]]) -> None:
    """Rows as Arrow with the types of their table."""
    if not rows:
        return
    names = {name for row in rows for name in row}
    schema = pa.schema([each for each in table_named(table).schema if each.name in names])
    bulk.write(table, pa.Table.from_pylist(rows, schema=schema))
