"""Observations: values, units, corrections, and what repeats."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.library.hl7v2.samples import PID, batch, load, message, potassium, write
from tests.ingest.support import PATIENT as FHIR_PATIENT
from tests.ingest.support import every_version, ndjson, rows, take
from tests.ingest.support import potassium as fhir_potassium
from vitruvian.ingest import trace
from vitruvian.lake import Lake
from vitruvian.trust import Access

LATER = "20240305140000+0100"


def results(lake: Lake, **wanted: Any) -> list[dict[str, Any]]:
    return [
        row for row in rows(lake, "event", **wanted) if row["category"] in {"laboratory", "vital"}
    ]


def one_obx(lake: Lake, inbox: Path, obx: str) -> dict[str, Any]:
    load(lake, inbox, message("ORU^R01", PID, "OBR|1||F-9|X^Panel^L|||20240305", obx))
    (event,) = results(lake)
    return event


def test_potassium__keeps_value_unit_range_and_both_clocks(lake: Lake, inbox: Path) -> None:
    load(lake, inbox, potassium("4.10", flag="N"))
    (event,) = results(lake)
    assert event["code"] == "LOINC//2823-3"
    assert (event["numeric_value"], event["value_as_sent"]) == (4.1, "4.10")
    assert (event["unit"], event["range_low"], event["range_high"]) == ("mmol/L", 3.5, 5.1)
    assert event["interpretation"] == "N"
    assert event["time"] == datetime(2024, 3, 5, 6, 15, tzinfo=UTC)
    assert event["known_at"] == datetime(2024, 3, 5, 9, 40, tzinfo=UTC)
    assert (event["utc_offset"], event["known_at_basis"]) == (60, "stated")


def test_same_potassium_by_fhir_and_by_oru__has_one_fact_key(lake: Lake, inbox: Path) -> None:
    take(lake, ndjson(inbox / "a.ndjson", FHIR_PATIENT, fhir_potassium("k")))
    load(lake, inbox, potassium("4.1"))
    assert len({event["fact_key"] for event in results(lake)}) == 1
    assert len(results(lake)) == 2


@pytest.mark.parametrize(
    "obx, said",
    [
        ("OBX|1|NM|2823-3^K^LN||4.1|mmol/L", (4.1, None, None)),
        ("OBX|1|ST|2823-3^K^LN||<0.5|mmol/L", (0.5, "<", None)),
        ("OBX|1|SN|2823-3^K^LN||>=^90|mmol/L", (90.0, ">=", None)),
        ("OBX|1|SN|2823-3^K^LN||^1^:^128", (None, None, "1:128")),
        ("OBX|1|ST|2823-3^K^LN||12 or so|mmol/L", (None, None, "12 or so")),
        ("OBX|1|NM|2823-3^K^LN||haemolysed|mmol/L", (None, None, "haemolysed")),
        ("OBX|1|CWE|600-7^Culture^LN||112283007^E. coli^SCT", (None, None, "E. coli")),
    ],
)
def test_value__is_read_by_its_type(
    lake: Lake, inbox: Path, obx: str, said: tuple[float | None, str | None, str | None]
) -> None:
    event = one_obx(lake, inbox, obx)
    assert (event["numeric_value"], event["comparator"], event["text_value"]) == said


def test_report_in_lines__is_a_note_with_its_escapes_resolved(lake: Lake, inbox: Path) -> None:
    lines = (r"OBX|1|FT|18748-4^Report^LN||a\.br\b\T\c", "OBX|2|TX|18748-4^Report^LN||end")
    load(lake, inbox, message("ORU^R01", PID, "OBR|1||F-9|X^Panel^L|||20240305", *lines))
    assert [note["text"] for note in rows(lake, "note")] == ["a\nb&c\nend"]


def test_correction__takes_the_place_of_the_first_and_both_are_kept(
    lake: Lake, inbox: Path
) -> None:
    load(lake, inbox, potassium("4.1"), potassium("6.1", status="C", at=LATER))
    (event,) = results(lake)
    assert (event["numeric_value"], event["status"]) == (6.1, "corrected")
    assert (
        len([row for row in every_version(lake, "event") if row["category"] == "laboratory"]) == 2
    )


def test_correction__is_not_known_before_it_was_sent(lake: Lake, inbox: Path) -> None:
    load(lake, inbox, potassium("4.1"), potassium("6.1", status="C", at=LATER))
    me = Access(who="system", role="system", purpose="operations")
    noon = datetime(2024, 3, 5, 11, tzinfo=UTC)
    with lake.read(me, known_at=noon) as reader:
        then = reader.rows("event", where="category = 'laboratory'").to_pylist()
    assert [event["numeric_value"] for event in then] == [4.1]


def test_correction_that_arrives_first__still_stands(lake: Lake, inbox: Path) -> None:
    load(lake, inbox, potassium("6.1", status="C", at=LATER), potassium("4.1"))
    assert [event["numeric_value"] for event in results(lake)] == [6.1]


@pytest.mark.parametrize(
    "status, said",
    [("D", "entered-in-error"), ("W", "wrong-patient"), ("X", "cancelled"), ("P", "preliminary")],
)
def test_status__of_a_later_message_is_the_one_that_holds(
    lake: Lake, inbox: Path, status: str, said: str
) -> None:
    load(lake, inbox, potassium("4.1"), potassium("4.1", status=status, at=LATER))
    assert [event["status"] for event in results(lake)] == [said]


def test_delete_mark_as_value__takes_the_result_back(lake: Lake, inbox: Path) -> None:
    load(lake, inbox, potassium("4.1"), potassium('""', at=LATER))
    assert [event["status"] for event in results(lake)] == ["entered-in-error"]


def test_message_sent_again__adds_nothing(lake: Lake, inbox: Path) -> None:
    load(lake, inbox, potassium("4.1"))
    report = take(lake, batch(inbox / "again.hl7", potassium("4.1"), potassium("4.1")))
    assert (report.loaded, report.skipped) == (0, 2)


def test_control_id_used_twice__is_two_messages(lake: Lake, inbox: Path) -> None:
    again = message("ORU^R01", PID, "OBX|1|NM|8867-4^Rate^LN||72|/min", control="1")
    other = message("ORU^R01", PID, "OBX|1|NM|8867-4^Rate^LN||73|/min", control="1")
    report = take(lake, write(inbox / "a.hl7", again, other))
    assert report.loaded == 2


def test_message_about_two_patients__keeps_a_record_for_each(lake: Lake, inbox: Path) -> None:
    second = PID.replace("M-1", "M-2")
    obx = "OBX|1|NM|2823-3^K^LN||{}|mmol/L|||||F|||20240305"
    report = take(
        lake,
        write(inbox / "a.hl7", message("ORU^R01", PID, obx.format(4), second, obx.format(5))),
    )
    assert (report.offered, report.loaded) == (1, 1)
    assert len({event["subject_id"] for event in results(lake)}) == 2
    assert all(row["bytes"].count(b"PID|") == 1 for row in rows(lake, "resource"))


def test_event__is_told_again_from_its_own_bytes(lake: Lake, inbox: Path) -> None:
    load(lake, inbox, potassium("4.1"))
    (event,) = results(lake)
    with lake.read(Access(who="system", role="system", purpose="operations")) as reader:
        record, fresh = trace(reader, event["event_id"])
    again = next(row for row in fresh.to_pylist() if row["event_id"] == event["event_id"])
    stamped = {"recorded_at", "load_id"}
    assert {k: v for k, v in again.items() if k not in stamped} == {
        k: v for k, v in event.items() if k not in stamped
    }
    assert record["bytes"] == potassium("4.1").rstrip(b"\r")
    assert event["locator"] == "record 0 /OBX/1/5"


def test_amended_result__is_corrected_and_keeps_a_range_beside_words(
    lake: Lake, inbox: Path
) -> None:
    obx = "OBX|1|ST|2823-3^Potassium^LN||haemolysed||3.5-5.1||||A"
    event = one_obx(lake, inbox, obx)
    assert (event["status"], event["range_text"]) == ("corrected", "3.5-5.1")
