"""Visits and accounts that go to another patient, and what every trigger of the list does."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.library.hl7v2.samples import PID, load, message, visit
from tests.ingest.support import SYSTEM, every_version, rows
from vitruvian.ingest import trace
from vitruvian.ingest.library.hl7v2.mapping import listed, visit_merge, visit_move, visit_rule
from vitruvian.lake import Lake

ADMIT, RESULT, MOVE, BACK = (f"202403{day}080000+0100" for day in ("04", "05", "06", "07"))
WRONG, RIGHT = PID, PID.replace("M-1", "M-2").replace("Ward^Test", "Berg^Other")
PV1 = "PV1|1|I|W1^R1^B1||||||||||||||||V-1^^^WARD"
MRG = "MRG|M-1^^^WARD^MR||K-1^^^WARD||V-1^^^WARD"


def with_account(pid: str, account: str = "K-1^^^WARD") -> str:
    return pid + "|" * 10 + account


def result(value: str, *, pid: str = WRONG, at: str = RESULT) -> bytes:
    obx = f"OBX|1|NM|2823-3^Potassium^LN||{value}|mmol/L^^UCUM|||||F|||20240305071500+0100"
    obr = "OBR|1|P-1|F-1|2823-3^Potassium^LN|||20240305071500+0100"
    return message("ORU^R01", pid, PV1, obr, obx, at=at)


def moved(trigger: str, *, mrg: str = MRG, pid: str = RIGHT, at: str = MOVE) -> bytes:
    more = [PV1] if trigger == "A45" else []
    return message(f"ADT^{trigger}", f"EVN|{trigger}|{at}", with_account(pid), mrg, *more, at=at)


def admitted() -> bytes:
    return message("ADT^A01", f"EVN|A01|{ADMIT}", with_account(WRONG), PV1, at=ADMIT)


def subject(lake: Lake, number: str) -> int:
    with lake.read(SYSTEM) as reader:
        found = reader.rows("patient").to_pylist()
    (one,) = [row for row in found if row["identifiers"][0]["value"] == number]
    return int(one["subject_id"])


def whose(lake: Lake, table: str, **asked: Any) -> list[int]:
    with lake.read(SYSTEM, **asked) as reader:
        found = reader.rows(table).to_pylist()
    if table == "event":
        found = [row for row in found if row["encounter_id"] is not None]
    return sorted(row["subject_id"] for row in found)


@pytest.mark.parametrize(
    "trigger, mrg",
    [
        ("A44", "MRG|M-1^^^WARD^MR"),
        ("A44", "MRG||||||"),
        ("A44", "MRG|M-2^^^WARD^MR||K-1^^^WARD"),
        ("A45", "MRG|M-1^^^WARD^MR||K-1^^^WARD"),
        ("A45", "MRG|||K-1^^^WARD||V-1^^^WARD"),
    ],
)
def test_move_that_does_not_say_what_or_from_whom__waits_in_quarantine(
    lake: Lake, inbox: Path, trigger: str, mrg: str
) -> None:
    load(lake, inbox, admitted(), moved(trigger, mrg=mrg))
    kinds = {row["resource_type"] for row in rows(lake, "resource")}
    assert kinds == {"HL7v2/ADT_A01", f"HL7v2/ADT_{trigger}#quarantined/move-not-mapped"}


@pytest.mark.parametrize("trigger", ["A44", "A45"])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_moved_visit__is_the_other_patients_with_its_results_in_whatever_order(
    lake: Lake, inbox: Path, trigger: str, order: tuple[int, ...]
) -> None:
    sent = (admitted(), result("5.9"), moved(trigger))
    load(lake, inbox, *(sent[place] for place in order))
    right = subject(lake, "M-2")
    assert whose(lake, "encounter") == [right]
    assert whose(lake, "location_stay") == [right]
    assert whose(lake, "event") == [right, right]
    (potassium,) = [e for e in rows(lake, "event") if e["code"] == "LOINC//2823-3"]
    assert potassium["numeric_value"] == 5.9
    assert potassium["time"] == datetime(2024, 3, 5, 6, 15, tzinfo=UTC)
    assert potassium["known_at"] == datetime(2024, 3, 6, 7, tzinfo=UTC)


def test_moved_visit__was_the_first_patients_before(lake: Lake, inbox: Path) -> None:
    load(lake, inbox, admitted(), result("5.9"), moved("A44"))
    wrong = subject(lake, "M-1")
    before = datetime(2024, 3, 5, 12, tzinfo=UTC)
    assert whose(lake, "encounter", known_at=before) == [wrong]
    assert whose(lake, "event", known_at=before) == [wrong, wrong]


def test_moved_visit__leaves_the_persons_as_they_are(lake: Lake, inbox: Path) -> None:
    load(lake, inbox, admitted(), result("5.9"), moved("A45"))
    names = {row["identifiers"][0]["value"]: row["family"] for row in rows(lake, "patient")}
    assert names == {"M-1": "Ward", "M-2": "Berg"}
    with lake.read(SYSTEM) as reader:
        assert reader.person_of(subject(lake, "M-1")) == subject(lake, "M-1")


def test_moved_messages__keep_nothing_of_the_other_person(lake: Lake, inbox: Path) -> None:
    load(lake, inbox, admitted(), result("5.9"), moved("A44"))
    right, wrong = subject(lake, "M-2"), subject(lake, "M-1")
    for row in rows(lake, "resource"):
        if row["subject_id"] == right and row["resource_type"].endswith("#moved"):
            assert b"Ward^Test" not in row["bytes"]
            assert b"M-1" not in row["bytes"]
        if row["subject_id"] == wrong:
            assert b"Berg" not in row["bytes"]


def test_moved_facts__are_told_again_from_the_bytes_kept_for_the_patient(
    lake: Lake, inbox: Path
) -> None:
    letter = message(
        "MDM^T02", with_account(WRONG), PV1, "TXA|1|DS|TX|20240305090000+0100||||||||D-1||||||AU",
        "OBX|1|TX|18842-5^Summary^LN||Well.||||||F", at=RESULT, control="letter",
    )  # fmt: skip
    load(lake, inbox, admitted(), result("5.9"), letter, moved("A44"))
    right = subject(lake, "M-2")
    mine = [row for row in rows(lake, "event") if row["subject_id"] == right]
    assert len(mine) == 5  # visit, potassium, letter, and birth and sex of the person
    with lake.read(SYSTEM) as reader:
        for event in mine:
            record, told = trace(reader, event["event_id"])
            assert record["subject_id"] == right
            (again,) = [row for row in told.to_pylist() if row["event_id"] == event["event_id"]]
            for name in ("subject_id", "code", "time", "known_at", "numeric_value", "locator"):
                assert again[name] == event[name]


def test_visit_moved_by_mistake__comes_back(lake: Lake, inbox: Path) -> None:
    again = moved("A44", mrg=MRG.replace("M-1", "M-2"), pid=WRONG, at=BACK)
    load(lake, inbox, admitted(), result("5.9"), moved("A44"), again)
    wrong = subject(lake, "M-1")
    assert whose(lake, "encounter") == [wrong]
    assert whose(lake, "event") == [wrong, wrong]


def test_another_visit_of_the_patient__stays(lake: Lake, inbox: Path) -> None:
    other = message(
        "ADT^A01", f"EVN|A01|{ADMIT}", with_account(WRONG, "K-9^^^WARD"),
        PV1.replace("V-1", "V-9"), at=ADMIT, control="other",
    )  # fmt: skip
    load(lake, inbox, admitted(), other, moved("A44"))
    assert whose(lake, "encounter") == sorted([subject(lake, "M-1"), subject(lake, "M-2")])


def test_message_about_a_moved_visit_that_comes_late__goes_where_the_visit_is(
    lake: Lake, inbox: Path
) -> None:
    load(lake, inbox, admitted(), moved("A44"), result("5.9"), result("4.1", at=BACK))
    values = {
        (row["subject_id"], row["numeric_value"])
        for row in rows(lake, "event") if row["code"] == "LOINC//2823-3"
    }  # fmt: skip
    # the one sent after the move says itself whose it is
    assert values == {(subject(lake, "M-2"), 5.9), (subject(lake, "M-1"), 4.1)}


def test_number_that_changes_with_the_move__is_part_of_the_new_one(lake: Lake, inbox: Path) -> None:
    moves = message("ADT^A45", with_account(RIGHT, "K-2"), MRG, PV1.replace("V-1", "V-2"), at=MOVE)
    load(lake, inbox, admitted(), moves)
    parts = [row["part_of_id"] for row in rows(lake, "encounter")]
    assert len(parts) == 2
    assert sum(part is not None for part in parts) == 1


def test_visit_that_changes_its_account_only__stays_with_its_patient(
    lake: Lake, inbox: Path
) -> None:
    moves = message("ADT^A45", with_account(WRONG, "K-2"), MRG, PV1, at=MOVE)
    load(lake, inbox, admitted(), moves)
    assert whose(lake, "encounter") == [subject(lake, "M-1")]
    assert not any("#" in row["resource_type"] for row in every_version(lake, "resource"))


# ------------------------------------------------------------------ leaving for a time


def stays(lake: Lake) -> list[tuple[Any, ...]]:
    return sorted(
        (row["location_text"], row["start_time"].day, row["end_time"] and row["end_time"].day)
        for row in rows(lake, "location_stay")
    )


def tracked(trigger: str, *, at: str, place: str = "W1^R1^B1", **fields: str) -> bytes:
    said = ["PV1", "1", "I", place, *[""] * 15, "V-1^^^WARD", *[""] * 24]
    for number, value in fields.items():
        said[int(number[1:])] = value
    return message(f"ADT^{trigger}", f"EVN|{trigger}|{at}", PID, "|".join(said), at=at)


def test_departure_to_a_pending_place__ends_the_stay_until_the_arrival(
    lake: Lake, inbox: Path
) -> None:
    load(lake, inbox, visit("A01", at=ADMIT), tracked("A09", at=RESULT, f42="W2^R7^B1"))
    assert stays(lake) == [("W1, R1, B1", 4, 5)]
    load(lake, inbox, tracked("A10", at=MOVE, place="W2^R7^B1"))
    assert stays(lake) == [("W1, R1, B1", 4, 5), ("W2, R7, B1", 6, None)]


def test_departure_to_a_temporary_place__keeps_the_bed(lake: Lake, inbox: Path) -> None:
    away = tracked("A09", at=RESULT, f11="XRAY")
    there = tracked("A10", at=MOVE, place="XRAY", f11="XRAY")
    load(lake, inbox, visit("A01", at=ADMIT), away, there)
    assert stays(lake) == [("W1, R1, B1", 4, None)]
    assert [row["status"] for row in rows(lake, "encounter")] == ["in-progress"]


def test_departure_to_a_new_place__is_a_move(lake: Lake, inbox: Path) -> None:
    load(lake, inbox, visit("A01", at=ADMIT), tracked("A09", at=RESULT, place="W3", f6="W1^R1^B1"))
    assert stays(lake) == [("W1, R1, B1", 4, 5), ("W3", 5, None)]


@pytest.mark.parametrize("fields", [{"f42": "W2^R7^B1"}, {"place": "W3"}])
def test_cancelled_departure__leaves_the_patient_in_bed(
    lake: Lake, inbox: Path, fields: dict[str, str]
) -> None:
    away = tracked("A09", at=RESULT, **fields)
    load(lake, inbox, visit("A01", at=ADMIT), away, tracked("A33", at=MOVE))
    assert stays(lake) == [("W1, R1, B1", 4, None)]


def test_update__changes_what_is_said_of_the_visit_and_moves_nobody(
    lake: Lake, inbox: Path
) -> None:
    update = message("ADT^A08", PID, "PV1|1|O|W9||||||||||||||||V-1^^^WARD", at=MOVE)
    load(lake, inbox, visit("A01", at=ADMIT), update)
    assert [row["class_code"] for row in rows(lake, "encounter")] == ["ACTCODE//AMB"]
    assert stays(lake) == [("W1, R1, B1", 4, None)]


# ------------------------------------------------------------------ the whole list

TRIGGERS = [f"A{n:02}" for n in (*range(1, 14), 24, 37, *range(40, 48))]


def effect(trigger: str) -> str:
    """What the mapping says of a trigger, in one word."""
    if visit_move(trigger):
        return "moves a visit"
    for what in ("merge", "link", "unlink", "move"):
        if trigger in listed("identity", what):
            return f"persons: {what}"
    if visit_merge(trigger):
        return "merges visits"
    return "visit" if visit_rule(trigger) else "tells"


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_every_trigger_of_the_list__has_a_stated_effect(trigger: str) -> None:
    expected = {
        **dict.fromkeys((f"A{n:02}" for n in range(1, 14)), "visit"),
        "A08": "tells", "A24": "persons: link", "A37": "persons: unlink",
        "A40": "persons: merge", "A41": "merges visits", "A42": "merges visits",
        "A43": "persons: move", "A44": "moves a visit", "A45": "moves a visit",
        "A46": "persons: merge", "A47": "persons: merge",
    }  # fmt: skip
    assert effect(trigger) == expected[trigger]
