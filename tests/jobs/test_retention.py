"""Retention: nothing is due by chance, and nothing is erased by one person alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.lake.rows import arrow, event, lineage
from vitruvian.jobs.retention import Due, Life, due_of, look
from vitruvian.lake import Lake
from vitruvian.lake.erasing.eraser import Eraser
from vitruvian.lake.erasing.errors import OwnErasure
from vitruvian.lake.erasing.retention import NAME, BadRetention, Retention, Rule, read_retention
from vitruvian.trust import SYSTEM, Access

RULES = """
child_below_years = 18
hold = [14]

[[rule]]
kind = "adult"
years = 10
words = "made up for a test"

[[rule]]
kind = "child"
years = 10
until_age_years = 28
words = "made up for a test"

[[rule]]
kind = "deceased"
years = 8
words = "made up for a test"
"""


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOW = day("2026-06-01")
HOUSE = Retention(
    18,
    {
        "adult": Rule("adult", 10, None, "w"),
        "child": Rule("child", 10, 28, "w"),
        "deceased": Rule("deceased", 8, None, "w"),
    },
)


@pytest.mark.parametrize(
    "life",
    [
        Life(births=[day("1950-01-01")]),
        Life(last=day("1990-01-01")),
        Life(births=[day("1950-01-01")], last=day("2016-06-02")),
        Life(births=[day("1999-01-01")], last=day("2010-01-01")),
        Life(births=[day("1950-01-01"), day("2009-01-01")], last=day("2010-01-01")),
        Life(births=[day("1950-01-01")], deaths=[day("2018-06-02")], last=day("2001-01-01")),
        Life(births=[day("1950-01-01")], last=day("2050-01-01")),
    ],
    ids=[
        "no entry",
        "no birth",
        "a day short",
        "a child once",
        "disputed birth",
        "late death",
        "future",
    ],
)
def test_record__is_not_due(life: Life) -> None:
    assert due_of(HOUSE, 1, life, now=NOW) is None


@pytest.mark.parametrize(
    "life, kind, since",
    [
        (Life(births=[day("1950-01-01")], last=day("2016-06-01")), "adult", "2026-06-01"),
        (Life(births=[day("1990-01-01")], last=day("2005-01-01")), "child", "2018-01-01"),
        (
            Life(births=[day("1950-01-01")], dead=True, last=day("2016-06-01")),
            "deceased",
            "2024-06-01",
        ),
    ],
)
def test_record__is_due_since_the_day_the_rule_gives(life: Life, kind: str, since: str) -> None:
    due = due_of(HOUSE, 1, life, now=NOW)
    assert isinstance(due, Due)
    assert (due.kind, due.since) == (kind, day(since))


@given(
    some.datetimes(day("1900-01-01").replace(tzinfo=None), day("2026-01-01").replace(tzinfo=None))
)
def test_later_entry__never_makes_a_record_due_sooner(last: datetime) -> None:
    births, later = [day("1950-01-01")], NOW
    first = due_of(HOUSE, 1, Life(births=births, last=last.replace(tzinfo=UTC)), now=NOW)
    assert due_of(HOUSE, 1, Life(births=births, last=later), now=NOW) is None
    assert first is None or first.since >= last.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rule = 1",
        RULES + "more = 1",
        RULES.replace('"child"', '"adult"'),
        RULES.replace("= 10", "= 0"),
    ],
)
def test_rules__that_cannot_be_read_make_nothing_due(text: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(BadRetention):
        read_retention(tmp_path)


def test_hospital_without_rules__erases_nothing(tmp_path: Path) -> None:
    assert read_retention(tmp_path) is None


def patient(subject: int, born: str) -> dict[str, Any]:
    said = {"subject_id": subject, "version_id": subject, "birth_time_min": day(born)}
    return {**said, **lineage()}


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.create(tmp_path / "lake", site="s", clock=lambda: NOW) as made:
        (made.path / NAME).write_text(RULES)
        old, new = day("2010-01-01"), day("2020-01-01")
        with made.bulk(SYSTEM) as load:
            load.write(
                "patient", arrow("patient", [patient(n, "1950-01-01") for n in (11, 12, 14)])
            )
            load.write("event", arrow("event", [
                event(1, subject=11, time=old), event(2, subject=12, time=old),
                event(3, subject=12, time=new), event(4, subject=13, time=old),
                event(5, subject=14, time=old)]))  # fmt: skip
        for name, role in (("vega", "data steward"), ("rossi", "administrator")):
            made.accounts.create(name, display_name=name, role=role)
        yield made


def test_look__names_who_is_due_and_counts_who_cannot_be_told_and_changes_nothing(
    lake: Lake,
) -> None:
    rules = read_retention(lake.path)
    assert rules is not None
    found = look(lake, SYSTEM, rules)
    assert [one.person for one in found.due] == [11]
    assert (found.persons, found.held, found.untold) == (4, 1, 1)
    with lake.read(SYSTEM) as reader:
        assert reader.rows("event", subjects=[11]).num_rows == 1


def test_due__is_erased_only_when_a_second_person_approves(lake: Lake) -> None:
    rules = read_retention(lake.path)
    assert rules is not None
    asks = Access("vega", "data steward", "operations")
    (due,) = look(lake, asks, rules).due
    eraser = Eraser(lake)
    request = eraser.ask(asks, due.person, ground="no-longer-needed")
    with pytest.raises(OwnErasure):
        eraser.approve(asks, request.id)
    eraser.approve(Access("rossi", "administrator", "operations"), request.id)
    assert look(lake, SYSTEM, rules).due == ()
    with lake.read(SYSTEM) as reader:
        assert reader.rows("event", subjects=[12]).num_rows == 2
