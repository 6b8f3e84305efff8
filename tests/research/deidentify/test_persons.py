"""What a zone keeps of a person that several records tell of: one shift, and no age over 89."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("re2", reason="google-re2 comes with the extra `notes`")

from tests.lake.rows import START, arrow, event, lineage, link
from vitruvian.lake import Lake
from vitruvian.research.deidentify.rows import Wanted, ZoneReport, deidentify
from vitruvian.trust import SYSTEM

WANTED = Wanted("heart-1", "ethics approval 2026/17", date(2199, 1, 1), fewest=2)
YEAR = timedelta(days=365.25)
Rows = list[dict[str, Any]]


def birth(event_id: int, *, subject: int, years: float) -> dict[str, Any]:
    born = START - years * YEAR
    return event(event_id, subject=subject, code="MEDS_BIRTH", category="other", time=born)


def patient(subject: int, *, years: float) -> dict[str, Any]:
    born = START - years * YEAR
    told = {"birth_date": born.date().isoformat(), "birth_time_min": born}
    return {"subject_id": subject, "version_id": subject, **told, **lineage()}


def zone_of(lake: Lake, to: Path, **tables: Rows) -> tuple[Mapping[str, Rows], ZoneReport]:
    """The rows of a zone made of some rows, and what its maker reports."""
    with lake.bulk(SYSTEM) as load:
        for name, rows in tables.items():
            load.write(name, arrow(name, rows))
    report = deidentify(lake, to / "zone", WANTED, access=SYSTEM, key=to / "key")
    with Lake.open(to / "zone") as zone, zone.read(SYSTEM) as reader:
        return {name: reader.rows(name).to_pylist() for name in ("event", "patient")}, report


@pytest.mark.parametrize("years, told", [(89.0, True), (89.9, True), (90.1, False), (101, False)])
def test_birth__is_told_up_to_an_age_of_89(
    lake: Lake, tmp_path: Path, years: float, told: bool
) -> None:
    made, report = zone_of(
        lake,
        tmp_path,
        event=[birth(1, subject=1, years=years), event(2, subject=1)],
        patient=[patient(1, years=years)],
    )
    assert ("MEDS_BIRTH" in {row["code"] for row in made["event"]}) is told
    assert [row["birth_date"] is not None for row in made["patient"]] == [told]
    assert [row["birth_time_min"] is not None for row in made["patient"]] == [told]
    assert report.over_89 == (0 if told else 1)


def test_birth_in_one_record_and_old_age_in_another__are_one_person_s(
    lake: Lake, tmp_path: Path
) -> None:
    made, report = zone_of(
        lake,
        tmp_path,
        event=[birth(1, subject=1, years=95), event(2, subject=2)],
        patient=[patient(1, years=95), patient(2, years=95)],
        person_link=[link(1, subject=2, person=1)],
    )
    assert [row["code"] for row in made["event"]] != []
    assert "MEDS_BIRTH" not in {row["code"] for row in made["event"]}
    assert [row["birth_date"] for row in made["patient"]] == [None, None]
    assert report.over_89 == 1


def test_birth_that_only_the_patient_s_record_tells__counts_too(lake: Lake, tmp_path: Path) -> None:
    made, _ = zone_of(lake, tmp_path, event=[event(2, subject=1)], patient=[patient(1, years=92)])
    assert [row["birth_date"] for row in made["patient"]] == [None]


def test_every_person_s_dates__move_by_days_of_their_own_and_never_stay(
    lake: Lake, tmp_path: Path
) -> None:
    """Each person is known again by the minute of their records, which stays."""
    rows = [
        event(10 * person + number, subject=person, time=clock(person) + timedelta(days=day))
        for person in range(1, 21)
        for number, day in enumerate((0, 5, 400))
    ]
    made, _ = zone_of(lake, tmp_path, event=rows)
    moved: dict[int, set[timedelta]] = {}
    for row in made["event"]:
        person = row["time"].minute
        days = {row["time"] - clock(person) - timedelta(days=day) for day in (0, 5, 400)}
        moved[person] = moved[person] & days if person in moved else days
    assert sorted(moved) == list(range(1, 21))
    shifts = [shift for (shift,) in moved.values()]
    assert all(
        1 <= abs(shift.days) <= 364 and shift % timedelta(days=1) == timedelta() for shift in shifts
    )
    assert len(set(shifts)) > 10


def clock(person: int) -> datetime:
    return datetime(2020, 1, 1, 12, person, tzinfo=UTC)


def coded(event_id: int, code: str, words: str, *, subject: int) -> dict[str, Any]:
    system, _, bare = code.partition("//")
    codings = [{"system": system, "code": bare, "display": words}]
    return event(event_id, subject=subject, code=code, code_text=words, codings=codings)


def test_code_of_too_few_persons__is_hidden_in_every_column(lake: Lake, tmp_path: Path) -> None:
    """Two records of one person are one person."""
    rare, shared = "ICD10CM//E75.21", "ICD10CM//I10"
    made, _ = zone_of(
        lake,
        tmp_path,
        event=[
            coded(1, rare, "Fabry disease", subject=1),
            coded(2, rare, "Fabry disease", subject=2),
            coded(3, shared, "Hypertension", subject=1),
            coded(4, shared, "Hypertension", subject=3),
        ],
        person_link=[link(1, subject=2, person=1)],
    )
    assert not [row for row in made["event"] if "E75" in str(row) or "Fabry" in str(row)]
    kept = [row for row in made["event"] if row["code"] == shared]
    assert [row["code_text"] for row in kept] == ["Hypertension"] * 2
    assert [row["codings"] for row in kept] == [
        [{"system": "ICD10CM", "code": "I10", "display": None}]
    ] * 2


def test_answer_of_too_few_persons__is_hidden_with_its_words(lake: Lake, tmp_path: Path) -> None:
    """The question is asked of many; a variant is left to the project's basis."""

    def answer(event_id: int, code: str, words: str, *, subject: int) -> dict[str, Any]:
        return event(event_id, subject=subject, value_code=code, text_value=words)

    made, report = zone_of(
        lake,
        tmp_path,
        event=[
            answer(1, "SNOMED//16652001", "Fabry disease", subject=1),
            answer(2, "SNOMED//38341003", "Hypertension", subject=2),
            answer(3, "SNOMED//38341003", "Hypertension", subject=3),
            answer(4, "VCF//7-140753336-A-T", "missense", subject=4),
        ],
    )
    assert not [row for row in made["event"] if "16652001" in str(row) or "Fabry" in str(row)]
    told = {(row["value_code"], row["text_value"]) for row in made["event"]}
    assert ("SNOMED//38341003", "Hypertension") in told
    assert ("RARE//laboratory", None) in told
    assert "VCF//7-140753336-A-T" in {code for code, _ in told}
    assert report.rare["event.value_code"] == 2


def test_records_of_one_person__move_by_the_same_days(lake: Lake, tmp_path: Path) -> None:
    made, _ = zone_of(
        lake,
        tmp_path,
        event=[event(number, subject=number) for number in range(1, 7)],
        person_link=[link(number, subject=number, person=1) for number in range(2, 7)],
    )
    assert len(made["event"]) == 6
    assert len({row["time"] for row in made["event"]}) == 1
    assert len({row["subject_id"] for row in made["event"]}) == 1


def test_dates_as_they_were_sent__move_with_the_instants(lake: Lake, tmp_path: Path) -> None:
    told = patient(1, years=50) | {"death_time": "2019-05-17"}
    made, _ = zone_of(
        lake, tmp_path, event=[event(1, subject=1, time_as_sent="2020-01-01")], patient=[told]
    )
    (seen,), (person,) = made["event"], made["patient"]
    moved = (seen["time"] - START).days
    assert moved != 0
    assert seen["time_as_sent"] == (date(2020, 1, 1) + timedelta(days=moved)).isoformat()
    assert person["death_time"] == (date(2019, 5, 17) + timedelta(days=moved)).isoformat()
    born = date.fromisoformat(str(told["birth_date"]))
    assert person["birth_date"] == (born + timedelta(days=moved)).isoformat()


def test_words_of_a_result__name_nobody_and_a_number_stays(lake: Lake, tmp_path: Path) -> None:
    told = patient(1, years=50) | {"family": "Quillfeather", "given": "Wendeline"}
    made, _ = zone_of(
        lake,
        tmp_path,
        event=[
            event(1, subject=1, text_value="Wendeline Quillfeather was told; no growth."),
            event(2, subject=1, value_as_sent="as Quillfeather said"),
            event(3, subject=1, value_as_sent="4.10", numeric_value=4.1),
            event(4, subject=2),  # so that the code is not rare
        ],
        patient=[told],
    )
    assert not [
        row for row in made["event"] if "Quillfeather" in str(row) or "Wendeline" in str(row)
    ]
    (words,) = [row["text_value"] for row in made["event"] if row["text_value"]]
    assert words.endswith(" was told; no growth.")
    assert [row["value_as_sent"] for row in made["event"] if row["value_as_sent"]] == ["4.10"]
