"""UIDs that are none, patients by declared authority, and an event's birth."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.library.dicom.samples import AUTHORITY, Slice, stack
from tests.ingest.support import PATIENT, SYSTEM, ndjson, rows, take
from vitruvian.ingest import trace
from vitruvian.lake import Lake
from vitruvian.picture import trace_event

pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")

from vitruvian.ingest.library.dicom.reading.uids import is_legal, legal_form

UUID_TEXT = "896911bf-1143-4c8d-8f04-f3cd1a7f6204"
SHEET = "issuer_of_patient_id,identifier_system\n{issuer}," + AUTHORITY + "\n"
KNOWN = {**PATIENT, "identifier": [{"system": AUTHORITY, "value": "M-1"}]}


@given(st.text(max_size=80))
def test_repaired_uid__is_legal_and_always_the_same(text: str) -> None:
    assert is_legal(legal_form(text))
    assert legal_form(text) == legal_form(text)


def test_uuid_text__becomes_the_standards_own_form() -> None:
    assert legal_form(UUID_TEXT) == f"2.25.{uuid.UUID(UUID_TEXT).int}"


def test_dirty_uids__are_repaired_reported_and_still_to_be_seen(lake: Lake, inbox: Path) -> None:
    files = [
        Slice(n, study=UUID_TEXT, series="", uid="").write(inbox, f"{n}.dcm") for n in (1, 2, 3)
    ]
    report = take(lake, *files)
    found = [p for source in report.sources for p in source.problems if p.code == "repaired-uid"]
    assert [problem.message.startswith("3 file(s)") for problem in found] == [True]
    (event,) = rows(lake, "event")
    assert event["flags"] == ["repaired-uid"]
    instances = rows(lake, "resource", where="resource_type = 'DICOM/Instance'")
    headers = [json.loads(row["bytes"]) for row in instances]
    assert {header["0020000D"]["Value"][0] for header in headers} == {legal_form(UUID_TEXT)}
    assert len({header["0020000E"]["Value"][0] for header in headers}) == 1
    before = headers[0]["04000561"]["Value"][0]["04000550"]["Value"][0]
    assert before["0020000D"]["Value"] == [UUID_TEXT]
    assert take(lake, *files).loaded == 0


def test_patient_id_without_authority__is_kept_alone_and_reported(lake: Lake, inbox: Path) -> None:
    report = take(lake, ndjson(inbox / "p.ndjson", KNOWN), *stack(inbox / "ct", issuer=""))
    said = [p.code for source in report.sources for p in source.problems]
    assert said == ["no-authority"]
    assert rows(lake, "person_link") == []
    assert len(rows(lake, "event", where="category = 'imaging'")) == 1


def test_local_issuer_without_a_sheet__is_not_linked(lake: Lake, inbox: Path) -> None:
    take(lake, ndjson(inbox / "p.ndjson", KNOWN), *stack(inbox / "ct", issuer="WARD"))
    assert rows(lake, "person_link") == []


@pytest.mark.parametrize("pictures_first", [True, False])
def test_declared_authority__links_in_any_order(
    lake: Lake, inbox: Path, *, pictures_first: bool
) -> None:
    patient, files = [ndjson(inbox / "p.ndjson", KNOWN)], stack(inbox / "ct")
    for some in (files, patient) if pictures_first else (patient, files):
        take(lake, *some)
    (link,) = rows(lake, "person_link")
    (person,) = rows(lake, "patient", where="birth_date = '1950-02-14' AND given = 'Test'",
                     columns=["subject_id"])[:1]  # fmt: skip
    with lake.read(SYSTEM) as reader:
        assert len(reader.subjects_of(link["person_id"])) == 2
    assert person["subject_id"] in {link["person_id"], link["subject_id"]}
    assert take(lake, ndjson(inbox / "q.ndjson", {**KNOWN, "id": "eve", "identifier": []})).loaded
    assert len(rows(lake, "person_link")) == 1


@pytest.mark.parametrize("issuer", ["WARD", ""])
def test_sheet_of_authorities__declares_local_and_missing_issuers(
    lake: Lake, inbox: Path, issuer: str
) -> None:
    take(lake, ndjson(inbox / "p.ndjson", KNOWN), *stack(inbox / "ct", issuer=issuer))
    assert rows(lake, "person_link") == []
    sheet = inbox / "authorities.csv"
    sheet.write_text(SHEET.format(issuer=issuer), "utf-8")
    assert take(lake, sheet).loaded == 1
    assert len(rows(lake, "person_link")) == 1


def test_number_that_two_persons_have__links_to_neither(lake: Lake, inbox: Path) -> None:
    twins = ndjson(inbox / "p.ndjson", KNOWN, {**KNOWN, "id": "eve"})
    take(lake, twins, *stack(inbox / "ct"))
    assert rows(lake, "person_link") == []


def test_file_without_patient__is_kept_and_belongs_to_nobody(lake: Lake, inbox: Path) -> None:
    report = take(lake, *stack(inbox, slices=1, patient=""))
    assert report.loaded == 1
    assert [p.code for p in report.sources[0].problems] == ["no-patient"]
    assert rows(lake, "event") == []


def test_event__is_traced_to_header_fields_and_told_again_from_its_file(
    lake: Lake, inbox: Path
) -> None:
    take(lake, *stack(inbox))
    (event,) = rows(lake, "event")
    with lake.read(SYSTEM) as reader:
        record, fresh = trace(reader, event["event_id"])
        told = trace_event(reader, event["event_id"])
    assert record["resource_type"] == "DICOM/Study"
    again = [row for row in fresh.to_pylist() if row["event_id"] == event["event_id"]]
    assert [row["text_value"] for row in again] == [event["text_value"]]
    assert told.recomputed == "same"
    assert '"StudyDescription": "CT chest"' in told.text
    assert told.text.count('"sha256"') == 4
    assert told.text[told.highlight_start : told.highlight_end].startswith('"study"')
