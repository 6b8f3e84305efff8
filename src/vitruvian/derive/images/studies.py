"""The imaging studies of one person, with their series and the reports that speak of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from vitruvian.derive.images.reports import Names, study_references

if TYPE_CHECKING:
    from vitruvian.lake import Reader

Row = Mapping[str, Any]
_STORED = "DICOM/Study"
_REPORTS = ("DiagnosticReport", "DocumentReference")
_BESIDE = ("ImagingStudy", "ServiceRequest")
_OF_VERSION = "version_id IN (SELECT unnest(?::BIGINT[]))"
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_NO_PICTURES = {"SR", "KO", "PR", "SEG", "RTSTRUCT", "RWV", "DOC", "REG"}


@dataclass(frozen=True)
class ImagingReport:
    """A report beside its pictures, and what joins the two."""

    title: str
    time: datetime | None
    status: str | None
    text: str | None
    event_id: str | None
    note_id: str | None
    joined_by: str


@dataclass(frozen=True)
class ImagingSeries:
    """One series; `stored` says whether its objects are here or only told of.

    `findings` are codes of what is wrong with its geometry, empty when nothing is.
    """

    series_uid: str
    modality: str | None
    description: str | None
    body_site: str | None
    instance_count: int | None
    stored: bool
    has_pictures: bool
    findings: list[str]


@dataclass(frozen=True)
class ImagingStudy:
    """One study, newest first in lists; `time` is None when nobody said when."""

    study_uid: str
    time: datetime | None
    description: str | None
    accession: str | None
    modalities: list[str]
    series: list[ImagingSeries]
    reports: list[ImagingReport]


def studies_of(reader: Reader, person_id: int) -> list[ImagingStudy]:
    """Every imaging study of a person, with the reports that speak of it, newest first."""
    subjects = reader.subjects_of(person_id)
    rows: list[Row] = reader.rows("image", subjects=subjects).to_pylist()
    records = _records(reader, subjects)
    stored = {row["version_id"]: json.loads(row["bytes"]) for row in records
              if row["resource_type"] == _STORED}  # fmt: skip
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        if row["study_uid"]:
            grouped.setdefault(row["study_uid"], []).append(row)
    found = [_study(uid, some, stored) for uid, some in grouped.items()]
    if found:
        found = _with_reports(reader, found, records, subjects)
    return sorted(found, key=lambda each: each.time or _EARLIEST, reverse=True)


def _records(reader: Reader, subjects: Sequence[int]) -> list[Row]:
    kinds = [_STORED, *_REPORTS, *_BESIDE]
    rows: list[Row] = reader.rows(
        "resource",
        subjects=subjects,
        columns=["version_id", "resource_type", "resource_id", "bytes"],
        where="resource_type IN (SELECT unnest(?::VARCHAR[])) "
        "OR starts_with(resource_type, 'HL7v2/')",
        params=[kinds],
    ).to_pylist()
    return rows


def _study(uid: str, rows: Sequence[Row], stored: Mapping[int, Any]) -> ImagingStudy:
    """One study out of what the files say and what other records say of it; files first."""
    ours = sorted(rows, key=lambda row: row["version_id"] not in stored)
    series: dict[str, ImagingSeries] = {}
    for row in ours:
        series.setdefault(row["series_uid"] or "", _series(row, stored.get(row["version_id"])))
    told = stored.get(ours[0]["version_id"], {}).get("study", {})
    return ImagingStudy(
        study_uid=uid,
        time=next((row["time"] for row in ours if row["time"]), None),
        description=told.get("StudyDescription") or next(_said(ours, "description"), None),
        accession=next(_said(ours, "accession"), None),
        modalities=list(dict.fromkeys(_said(ours, "modality"))),
        series=[each for key, each in series.items() if key],
        reports=[],
    )


def _said(rows: Sequence[Row], column: str) -> Iterator[str]:
    return (str(row[column]) for row in rows if row[column])


def _series(row: Row, record: Any) -> ImagingSeries:
    inside = [] if record is None else record["series"]
    own: Row = next(
        (each for each in inside if each.get("SeriesInstanceUID") == row["series_uid"]), {}
    )
    return ImagingSeries(
        series_uid=row["series_uid"] or "",
        modality=row["modality"],
        description=row["description"],
        body_site=row["body_site"],
        instance_count=row["instance_count"],
        stored=record is not None,
        has_pictures=record is not None and row["modality"] not in _NO_PICTURES,
        findings=list(own.get("geometry", [])),
    )


# ------------------------------------------------------------------ reports


def _with_reports(
    reader: Reader, studies: Sequence[ImagingStudy], records: Sequence[Row], subjects: Sequence[int]
) -> list[ImagingStudy]:
    notes: list[Row] = reader.rows("note", subjects=subjects).to_pylist()
    of_notes = _bytes_of(reader, subjects, [row["version_id"] for row in notes])
    names = {each.study_uid: _names(each, records) for each in studies}
    joined = {uid: _joined(said, records, notes, of_notes) for uid, said in names.items()}
    versions = sorted({version for found in joined.values() for version in found})
    told = _told(reader, subjects, versions, notes)
    return [replace(each, reports=_in_order(joined[each.study_uid], told)) for each in studies]


def _bytes_of(reader: Reader, subjects: Sequence[int], versions: list[int]) -> dict[int, bytes]:
    rows: list[Row] = reader.rows(
        "resource", subjects=subjects, columns=["version_id", "bytes"],
        where=_OF_VERSION, params=[versions],
    ).to_pylist()  # fmt: skip
    return {row["version_id"]: row["bytes"] for row in rows}


def _names(study: ImagingStudy, records: Sequence[Row]) -> Names:
    accessions = frozenset(filter(None, [study.accession]))
    beside = [
        (f"{row['resource_type']}/{row['resource_id']}", json.loads(row["bytes"]))
        for row in records
        if row["resource_type"] in _BESIDE
    ]
    return study_references(Names(study.study_uid, accessions), beside)


def _joined(
    names: Names, records: Sequence[Row], notes: Sequence[Row], of_notes: Mapping[int, bytes]
) -> dict[int, str]:
    """The versions of records that speak of the study, and by what."""
    found: dict[int, str] = {}
    for row in records:
        how = None
        if row["resource_type"] in _REPORTS:
            how = names.in_fhir(json.loads(row["bytes"]))
        elif row["resource_type"].startswith("HL7v2/"):
            how = names.in_message(row["bytes"])
        if how:
            found[row["version_id"]] = how
    for row in notes:
        if row["version_id"] not in found:
            record = of_notes.get(row["version_id"], b"")
            if how := names.in_note(row["text"] or "", record):
                found[row["version_id"]] = how
    return found


def _told(
    reader: Reader, subjects: Sequence[int], versions: list[int], notes: Sequence[Row]
) -> dict[int, ImagingReport]:
    """What those records say, as the timeline and the notes tell it."""
    events: list[Row] = reader.rows(
        "event", subjects=subjects, where=f"category IN ('imaging', 'document') AND {_OF_VERSION}",
        params=[versions],
    ).to_pylist()  # fmt: skip
    of_note = {row["version_id"]: row for row in notes}
    found: dict[int, ImagingReport] = {}
    for event in sorted(events, key=lambda row: row["act"] != "observed"):
        note = of_note.get(event["version_id"])
        found.setdefault(event["version_id"], _report(event, note))
    return found


def _report(event: Row, note: Row | None) -> ImagingReport:
    return ImagingReport(
        title=(note and note["title"]) or event["code_text"] or "Report",
        time=event["time"] or (note["time"] if note else None),
        status=event["status"],
        text=(note and note["text"]) or event["text_value"],
        event_id=str(event["event_id"]),
        note_id=str(note["note_id"]) if note else None,
        joined_by="",
    )


def _in_order(joined: Mapping[int, str], told: Mapping[int, ImagingReport]) -> list[ImagingReport]:
    found = [replace(told[version], joined_by=how) for version, how in joined.items()
             if version in told]  # fmt: skip
    return sorted(found, key=lambda each: each.time or _EARLIEST)
