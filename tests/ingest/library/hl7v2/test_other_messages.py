"""Documents, orders, medicines, vaccines, appointments, statements."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.library.hl7v2.agreement import told_of
from tests.ingest.library.hl7v2.samples import PID, load, message
from tests.ingest.support import every_version, rows
from vitruvian.ingest.library.hl7v2.facts.message_facts import facts_of
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


# ------------------------------------------------------------------ deaths, accidents, referrals


def told(*segments: str) -> dict[str, dict[str, Any]]:
    """The events of one message by their code, without those of the person."""
    read = told_of(message("ADT^A03", PID, *segments))
    events = [fact.event for fact in facts_of(read, lambda _: "") if fact.slot[0] != "person"]
    return {event["code"]: dict(event) for event in events if event is not None}


def test_death__an_unanswered_question_is_no_answer() -> None:
    assert told("PDA|||||||||") == {}


def test_death__cause_certificate_autopsy_and_coroner_are_told() -> None:
    autopsy = "20240306101500+0100^20240306111500+0100"
    found = told(f"PDA|I21^Infarction^I10||Y|20240306091500+0100||N|{autopsy}||Y")
    assert found["ICD10//I21"]["state"] == "cause of death"
    answers = {code: one["text_value"] for code, one in found.items() if "text_value" in one}
    assert answers == {
        "SNOMED//308646001": "Yes", "LOINC//85699-7": "No", "LOINC//74497-9": "Yes",
    }  # fmt: skip
    assert found["SNOMED//308646001"]["time"].isoformat() == "2024-03-06T08:15:00+00:00"
    done = found["SNOMED//29240004"]
    assert (done["end_time"] - done["time"]).total_seconds() == 3600


def test_accident__keeps_its_own_words_and_its_day() -> None:
    (event,) = told("ACC|20240304||||Y|N||Fell from a ladder").values()
    assert (event["code"], event["text_value"]) == ("LOINC//11374-6", "Fell from a ladder")


def test_referral__is_ordered_and_says_why() -> None:
    (event,) = told("RF1|A^Accepted|R|MED^Medical|||R-1|20240305|||DIZZY^Dizziness").values()
    assert (event["act"], event["code"]) == ("ordered", "SNOMED//3457005")
    assert event["text_value"] == "Dizziness"


def test_appointment__of_two_services_keeps_both(lake: Lake, inbox: Path) -> None:
    sch = "SCH|A-1|||||CHECKUP|||||^^^20240401090000+0200^20240401093000+0200"
    services = ("AIS|1||58410-2^Count^LN", "AIS|2||42272-5^Chest^LN")
    load(lake, inbox, message("SIU^S12", sch, PID, *services))
    booked = {event["code"] for event in facts(lake, "encounter")}
    assert booked == {"LOINC//58410-2", "LOINC//42272-5"}
