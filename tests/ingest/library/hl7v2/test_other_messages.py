"""Documents, orders, medicines, vaccines, appointments, statements."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.library.hl7v2.samples import PID, load, message
from tests.ingest.support import every_version, rows
from vitruvian.lake import Lake

LATER = "20240306104000+0100"


def facts(lake: Lake, category: str) -> list[dict[str, Any]]:
    return [event for event in rows(lake, "event") if event["category"] == category]


def letter(trigger: str, number: str, text: str, *, at: str, parent: str = "") -> bytes:
    txa = f"TXA|1|DS^Discharge summary|TX|20240305090000+0100||||||||{number}|{parent}||||AU"
    return message(f"MDM^{trigger}", PID, txa, f"OBX|1|TX|18842-5^Summary^LN||{text}||||||F", at=at)


def test_cancelled_document__is_no_longer_shown(lake: Lake, inbox: Path) -> None:
    load(
        lake,
        inbox,
        letter("T02", "D-1", "Well.", at="20240305"),
        letter("T11", "D-1", "Well.", at=LATER),
    )
    assert [note["status"] for note in rows(lake, "note")] == ["entered-in-error"]
    assert len(every_version(lake, "note")) == 2


def test_replaced_document__leaves_only_the_new_one(lake: Lake, inbox: Path) -> None:
    load(
        lake,
        inbox,
        letter("T02", "D-1", "Well.", at="20240305"),
        letter("T10", "D-2", "Not well.", at=LATER, parent="D-1"),
    )
    (note,) = rows(lake, "note")
    assert (note["text"], note["title"]) == ("Not well.", "Discharge summary")
    (event,) = facts(lake, "document")
    assert event["version_id"] == note["version_id"]
    assert event["version_id"] in {row["version_id"] for row in rows(lake, "resource")}


def test_pdf__is_kept_as_a_blob(lake: Lake, inbox: Path) -> None:
    data = base64.b64encode(b"%PDF-1.7 made up").decode()
    obx = f"OBX|1|ED|18842-5^Summary^LN||^application^pdf^Base64^{data}||||||F"
    load(lake, inbox, message("MDM^T02", PID, "TXA|1|DS|ED|20240305||||||||D-1", obx))
    (note,) = rows(lake, "note")
    assert (note["media_type"], note["text"]) == ("application/pdf", None)
    assert len(note["blob_sha256"]) == 64


@pytest.mark.parametrize("control, status", [("NW", "final"), ("CA", "cancelled")])
def test_order__is_ordered_and_not_observed(
    lake: Lake, inbox: Path, control: str, status: str
) -> None:
    obr = "OBR|1|P-1||24331-1^Lipid panel^LN||||||||||||||||||||LAB"
    load(lake, inbox, message("OML^O21", PID, f"ORC|{control}|P-1|||||||20240305080000", obr))
    (event,) = [event for event in rows(lake, "event") if event["act"] == "ordered"]
    assert (event["code"], event["status"], event["category"]) == (
        "LOINC//24331-1", status, "laboratory",
    )  # fmt: skip


def test_prescription__keeps_dose_and_route(lake: Lake, inbox: Path) -> None:
    rxe = "RXE||6809^Metformin^RXNORM|500||mg^mg^UCUM||twice a day"
    load(lake, inbox, message("RDE^O11", PID, "ORC|NW|P-7", rxe, "RXR|PO^Oral"))
    (event,) = facts(lake, "medication")
    assert (event["code"], event["act"]) == ("RXNORM//6809", "ordered")
    assert event["dose_text"] == "500 mg, Oral, twice a day"


@pytest.mark.parametrize(
    "code, completion, acts",
    [("88^influenza^CVX", "CP", ["administered"]), ("88^influenza^CVX", "RE", ["not-done"]), ("998^none^CVX", "CP", [])],
)  # fmt: skip
def test_vaccine__refused_is_not_given_and_none_is_none(
    lake: Lake, inbox: Path, code: str, completion: str, acts: list[str]
) -> None:
    rxa = f"RXA|0|1|20240305|20240305|{code}|0.5|mL^mL^UCUM" + "|" * 13 + completion
    load(lake, inbox, message("VXU^V04", PID, "ORC|RE||F-1", rxa))
    assert [event["act"] for event in facts(lake, "immunisation")] == acts


def test_appointment_cancelled__says_so(lake: Lake, inbox: Path) -> None:
    sch = "SCH|A-1|B-1|||||ROUTINE^Check||||^^^20240401090000+0200^20240401093000+0200"
    load(lake, inbox, message("SIU^S12", sch, PID, at="20240305"))
    assert [(e["act"], e["status"]) for e in facts(lake, "encounter")] == [("planned", "final")]
    load(lake, inbox, message("SIU^S15", sch, PID, at=LATER))
    assert [(e["act"], e["status"]) for e in facts(lake, "encounter")] == [("planned", "cancelled")]


def test_appointment__is_at_the_time_of_tq1_before_that_of_sch_11(lake: Lake, inbox: Path) -> None:
    sch = "SCH|A-1|B-1|||||ROUTINE^Check||||^^^20240401090000+0200^20240401093000+0200"
    tq1 = "TQ1|||||||20240402090000+0200|20240402093000+0200"
    load(lake, inbox, message("SIU^S12", sch, tq1, PID, at="20240305"))
    (event,) = facts(lake, "encounter")
    assert (event["time"].day, event["end_time"].day) == (2, 2)


def test_appointment_deleted__was_a_mistake(lake: Lake, inbox: Path) -> None:
    sch = "SCH|A-1|B-1|||||ROUTINE^Check||||^^^20240401090000+0200^20240401093000+0200"
    load(lake, inbox, message("SIU^S12", sch, PID, at="20240305"))
    load(lake, inbox, message("SIU^S17", sch, PID, at=LATER))
    assert [event["status"] for event in facts(lake, "encounter")] == ["entered-in-error"]


def test_no_known_allergy__is_negated(lake: Lake, inbox: Path) -> None:
    load(
        lake,
        inbox,
        message(
            "ADT^A08",
            PID,
            "AL1|1|DA|^No known drug allergies",
            "AL1|2|DA|70618^Penicillin^RXNORM|SV|rash",
        ),
    )
    found = {event["code_text"]: event["polarity"] for event in facts(lake, "allergy")}
    assert found == {"No known drug allergies": "negated", "Penicillin": "affirmed"}


def test_diagnosis__deleted_by_its_action_code(lake: Lake, inbox: Path) -> None:
    dg1 = "DG1|1||E10.9^Diabetes mellitus type 1^I10||20240301|F"
    load(lake, inbox, message("ADT^A08", PID, dg1, at="20240305"))
    assert [(e["code"], e["status"]) for e in facts(lake, "problem")] == [("ICD10//E10.9", "final")]
    load(lake, inbox, message("ADT^A08", PID, dg1 + "|" * 15 + "D", at=LATER))
    assert [event["status"] for event in facts(lake, "problem")] == ["entered-in-error"]


def test_repeated_statement__is_stored_once(lake: Lake, inbox: Path) -> None:
    dg1 = "DG1|1||E10.9^Diabetes mellitus type 1^I10||20240301|F"
    load(lake, inbox, *(message("ADT^A08", PID, dg1, at=f"2024030{day}") for day in (5, 6, 7)))
    assert len([e for e in every_version(lake, "event") if e["category"] == "problem"]) == 1
