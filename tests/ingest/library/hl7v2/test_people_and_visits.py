"""Persons, merges, visits and stays over the messages that tell of them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.library.hl7v2.samples import PID, load, message, visit
from tests.ingest.support import rows
from vitruvian.lake import Lake
from vitruvian.trust import Access

ADMIT, MOVE, LEAVE, BACK = (f"202403{day}080000+0100" for day in ("04", "05", "06", "07"))
JOURNEY = (
    visit("A01", at=ADMIT),
    visit("A02", at=MOVE, place="W2^R7^B1"),
    visit("A03", at=LEAVE, place="W2^R7^B1"),
)


def instant(day: int) -> datetime:
    return datetime(2024, 3, day, 7, tzinfo=UTC)


def stays(lake: Lake) -> list[tuple[Any, ...]]:
    found = [
        (s["location_text"], s["start_time"], s["end_time"]) for s in rows(lake, "location_stay")
    ]
    return sorted(found, key=lambda stay: stay[1])


def test_cancelled_admission__leaves_no_stay_and_says_cancelled(lake: Lake, inbox: Path) -> None:
    load(lake, inbox, visit("A01", at=ADMIT), visit("A11", at=MOVE))
    assert [row["status"] for row in rows(lake, "encounter")] == ["cancelled"]
    assert stays(lake) == []
    assert [event for event in rows(lake, "event") if event["category"] == "encounter"] == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_journey__is_the_same_in_whatever_order_it_arrives(
    lake: Lake, inbox: Path, order: tuple[int, ...]
) -> None:
    load(lake, inbox, *(JOURNEY[place] for place in order))
    (encounter,) = rows(lake, "encounter")
    assert (encounter["status"], encounter["class_code"]) == ("finished", "ACTCODE//IMP")
    assert (encounter["start_time"], encounter["end_time"]) == (instant(4), instant(6))
    assert stays(lake) == [
        ("W1, R1, B1", instant(4), instant(5)),
        ("W2, R7, B1", instant(5), instant(6)),
    ]


def test_cancelled_discharge__opens_the_visit_again(lake: Lake, inbox: Path) -> None:
    load(lake, inbox, *JOURNEY, visit("A13", at=BACK, place="W2^R7^B1"))
    (encounter,) = rows(lake, "encounter")
    assert (encounter["status"], encounter["end_time"]) == ("in-progress", None)
    assert stays(lake)[-1] == ("W2, R7, B1", instant(5), None)


def test_cancelled_transfer__takes_the_patient_back(lake: Lake, inbox: Path) -> None:
    load(lake, inbox, *JOURNEY[:2], visit("A12", at=LEAVE))
    assert stays(lake) == [("W1, R1, B1", instant(4), None)]


def test_visit__is_seen_as_it_was_known_then(lake: Lake, inbox: Path) -> None:
    load(lake, inbox, *JOURNEY)
    me = Access(who="system", role="system", purpose="operations")
    with lake.read(me, known_at=instant(5)) as reader:
        (encounter,) = reader.rows("encounter").to_pylist()
    assert (encounter["status"], encounter["end_time"]) == ("in-progress", None)


def test_empty_field__changes_nothing_and_two_quotes_delete(lake: Lake, inbox: Path) -> None:
    load(
        lake,
        inbox,
        message("ADT^A08", PID, at=ADMIT),
        message("ADT^A08", "PID|1||M-1^^^WARD^MR||||||", at=MOVE),
        message("ADT^A08", 'PID|1||M-1^^^WARD^MR||Ward^Other||""|', at=LEAVE),
    )
    (person,) = rows(lake, "patient")
    assert (person["family"], person["given"]) == ("Ward", "Other")
    assert (person["sex"], person["birth_date"]) == ("female", None)


def test_death__is_an_event_with_its_precision(lake: Lake, inbox: Path) -> None:
    dead = PID + "|" * 21 + "20240306|Y"
    load(lake, inbox, message("ADT^A08", dead, at=BACK))
    (death,) = [event for event in rows(lake, "event") if event["code"] == "MEDS_DEATH"]
    assert death["time"] == datetime(2024, 3, 5, 23, tzinfo=UTC)
    assert death["time_max"] == datetime(2024, 3, 6, 23, tzinfo=UTC)
    assert rows(lake, "patient")[0]["deceased"] is True


def test_merge__makes_two_subjects_one_person_and_unlink_parts_them(
    lake: Lake, inbox: Path
) -> None:
    old = PID.replace("M-1", "M-0")
    load(
        lake,
        inbox,
        message("ADT^A08", old, at=ADMIT),
        message("ADT^A40", PID, "MRG|M-0^^^WARD^MR", at=MOVE),
    )
    me = Access(who="system", role="system", purpose="operations")
    subjects = {row["identifiers"][0]["value"]: row["subject_id"] for row in rows(lake, "patient")}
    with lake.read(me) as reader:
        assert reader.person_of(subjects["M-0"]) == subjects["M-1"]
    load(lake, inbox, message("ADT^A37", PID, old, at=LEAVE))
    with lake.read(me) as reader:
        assert reader.person_of(subjects["M-0"]) == subjects["M-0"]


def test_moved_identifier__leaves_what_it_was_linked_to(lake: Lake, inbox: Path) -> None:
    wrong, moved, right = (PID.replace("M-1", number) for number in ("M-0", "M-1", "M-2"))
    load(
        lake,
        inbox,
        *(message("ADT^A08", each, at=ADMIT) for each in (wrong, moved, right)),
        message("ADT^A24", wrong, moved, at=MOVE),
        message("ADT^A43", right, "MRG|M-1^^^WARD^MR", at=LEAVE),
    )
    subjects = {row["identifiers"][0]["value"]: row["subject_id"] for row in rows(lake, "patient")}
    with lake.read(Access(who="system", role="system", purpose="operations")) as reader:
        assert reader.person_of(subjects["M-1"]) == subjects["M-2"]
        assert reader.person_of(subjects["M-0"]) == subjects["M-0"]


def test_moved_identifier_of_old_messages__goes_to_the_patient_of_pid_2(
    lake: Lake, inbox: Path
) -> None:
    right = PID.replace("M-1", "M-2")
    load(lake, inbox, *(message("ADT^A08", each, at=ADMIT) for each in (PID, right)))
    subjects = {row["identifiers"][0]["value"]: row["subject_id"] for row in rows(lake, "patient")}
    both = PID.replace("PID|1||", "PID|1|M-2^^^WARD^MR|")
    load(lake, inbox, message("ADT^A43", both, "MRG|M-1^^^WARD^MR|||M-0^^^WARD^MR", at=MOVE))
    with lake.read(Access(who="system", role="system", purpose="operations")) as reader:
        assert reader.person_of(subjects["M-1"]) == subjects["M-2"]


@pytest.mark.parametrize(
    "trigger, mrg",
    [("A42", "MRG|M-1^^^WARD^MR||||V-1^^^WARD"), ("A50", "MRG|M-1^^^WARD^MR||||V-1^^^WARD")],
)
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_merged_visit__is_a_part_of_the_one_that_holds_and_keeps_its_stays(
    lake: Lake, inbox: Path, trigger: str, mrg: str, order: tuple[int, int]
) -> None:
    pv1 = "PV1|1|I|W1^R1^B1||||||||||||||||V-2^^^WARD"
    sent = (visit("A01", at=ADMIT), message(f"ADT^{trigger}", PID, mrg, pv1, at=MOVE))
    load(lake, inbox, *(sent[place] for place in order))
    first, second = sorted(rows(lake, "encounter"), key=lambda row: row["part_of_id"] is None)
    assert first["part_of_id"] == second["encounter_id"]
    assert second["part_of_id"] is None
    assert [stay["encounter_id"] for stay in rows(lake, "location_stay")] == [first["encounter_id"]]


def test_merged_account__is_a_part_of_the_one_that_holds(lake: Lake, inbox: Path) -> None:
    def told(trigger: str, account: str, *more: str, at: str) -> bytes:
        pid = PID + "|" * 10 + account
        return message(f"ADT^{trigger}", pid, *more, "PV1|1|I|W1^R1^B1", at=at)

    load(
        lake,
        inbox,
        told("A01", "K-1", at=ADMIT),
        told("A41", "K-2", "MRG|M-1^^^WARD^MR||K-1", at=MOVE),
    )
    parts = {row["encounter_id"]: row["part_of_id"] for row in rows(lake, "encounter")}
    (old,) = [number for number, whole in parts.items() if whole is not None]
    assert parts[parts[old]] is None


def test_arrival__is_where_the_patient_now_is(lake: Lake, inbox: Path) -> None:
    load(lake, inbox, visit("A01", at=ADMIT), visit("A10", at=MOVE, place="W2^R7^B1"))
    assert stays(lake) == [
        ("W1, R1, B1", instant(4), instant(5)),
        ("W2, R7, B1", instant(5), None),
    ]


def test_time_without_zone__is_in_the_zone_of_the_site_in_all_seasons(
    lake: Lake, inbox: Path
) -> None:
    obx = "OBX|1|NM|8867-4^Rate^LN||72|/min|||||F|||{}"
    winter, summer = obx.format("20240115080000"), obx.format("20240715080000")
    load(lake, inbox, message("ORU^R01", PID, winter, summer, at="20240716080000+0200"))
    hours = {event["time"].hour for event in rows(lake, "event") if event["category"] == "vital"}
    assert hours == {7, 6}
