"""Whose a sample is: by a sheet, which is a declared authority; never by its name.

A sample that no sheet links is a subject of its own until a sheet comes; then it becomes one
person with the patient, and unlinking restores it exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.vcf.reading.sheet import EVERY, SPECIMEN, SheetRow, sheet_row
from vitruvian.ingest.library.vcf.rows.records import SHEET

_BY_IDENTIFIER = """
SELECT DISTINCT p.subject_id, i.system, i.value
FROM patient p, unnest(p.identifiers) AS u(i)
WHERE p.site = ? AND i.value IN (SELECT unnest(?::VARCHAR[]))
"""


@dataclass(frozen=True)
class Told:
    """A line of a sheet, and where it came from."""

    row: SheetRow
    data: bytes
    lineage: Mapping[str, Any]
    record: int
    source_number: int | None = None


class Patients:
    """The subjects that patients named in sheets are."""

    def __init__(self, reader: Any, rows: Iterable[SheetRow], *, site: str) -> None:
        self._site, self._reader = site, reader
        self._persons: Mapping[int, int] = reader.persons()
        values = sorted({row.patient for row in rows if not row.patient.startswith("Patient/")})
        self._found: dict[str, list[tuple[str | None, int]]] = {}
        if values:
            found = reader.query(_BY_IDENTIFIER, tables=["patient"], params=[site, values])
            for each in found.to_pylist():
                named = (each["system"], each["subject_id"])
                self._found.setdefault(each["value"], []).append(named)

    def subject_of(self, row: SheetRow) -> int | None:
        """The subject of a line's patient; None when there is none, or more than one person."""
        if row.patient.startswith("Patient/"):
            return stable_id(self._site, row.patient)
        if row.patient.split("/")[0] == SPECIMEN:
            return self._one_of(self._by_specimen(row))
        named = self._found.get(row.patient, ())
        return self._one_of(subject for system, subject in named if row.system in (None, system))

    def _by_specimen(self, row: SheetRow) -> list[int]:
        """Whose a specimen is, by its id or by an identifier, as its FHIR resource says."""
        key = row.patient if "/" in row.patient else f"{SPECIMEN}?{row.system}|{row.sample}"
        columns = ["subject_id", "key", "site"]
        found = self._reader.look_up("resource_key", keys=[stable_id(key)], columns=columns)
        return [
            each["subject_id"]
            for each in found.to_pylist()
            if (each["key"], each["site"]) == (key, self._site) and each["subject_id"] is not None
        ]

    def _one_of(self, found: Iterable[int]) -> int | None:
        subjects = sorted(set(found))
        persons = {self._persons.get(subject, subject) for subject in subjects}
        return subjects[0] if len(persons) == 1 else None

    def person_of(self, subject_id: int) -> int:
        """The person a subject is."""
        return self._persons.get(subject_id, subject_id)


def stored_rows(reader: Any, *, site: str) -> list[Told]:
    """Lines of sheets that earlier loads brought, oldest first."""
    rows = reader.rows(
        "resource",
        columns=["bytes", "source_id", "known_at", "known_at_basis", "record", "recorded_at"],
        where="site = ? AND resource_type = ?",
        params=[site, SHEET],
    ).to_pylist()
    found = []
    for each in sorted(rows, key=lambda row: (row["recorded_at"], row["record"])):
        read = sheet_row(each["bytes"])
        if isinstance(read, SheetRow):
            names = ("source_id", "known_at", "known_at_basis")
            lineage = {"site": site, **{name: each[name] for name in names}}
            found.append(Told(read, each["bytes"], lineage, each["record"]))
    return found


def line_for(told: Sequence[Told], sample: str, *, file: str | None) -> Told | None:
    """The last line said about a sample; one that names this file comes before one of any file.

    A line about every sample is the last resort, and then speaks of this one.
    """
    own = [each for each in told if each.row.sample == sample]
    if not own:
        own = [
            replace(each, row=replace(each.row, sample=sample))
            for each in told
            if each.row.sample == EVERY
        ]
    named = [each for each in own if each.row.file is not None and each.row.file == file]
    of_any = [each for each in own if each.row.file is None]
    return next(reversed(named or of_any), None)


def late_link(told: Told, assay: Mapping[str, Any], person_id: int) -> dict[str, Any]:
    """The row of ``person_link`` that makes a sample loaded earlier one person with a patient."""
    return {
        **told.lineage,
        "link_id": stable_id("VCF/link", str(assay["assay_id"]), str(person_id)),
        "subject_id": assay["subject_id"],
        "locator": f"record {told.record}",
        "person_id": person_id,
        "linked": True,
        "evidence": "declared by a sheet of samples",
    }
