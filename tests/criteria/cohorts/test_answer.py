"""A cohort over a lake: who is in, who they are, what two definitions split, what is withheld."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.criteria.test_over_a_lake import DOCTOR, START, event
from tests.criteria.test_persons_and_observation import LINEAGE, link
from tests.lakes import empty_lake
from vitruvian.criteria.cohorts import Answer, Asked, ask, compare, read_definition
from vitruvian.criteria.cohorts.kept.floor import Floor
from vitruvian.criteria.cohorts.kept.saved import Shelf
from vitruvian.criteria.cohorts.shown.breakdown import break_down
from vitruvian.criteria.cohorts.shown.export import as_csv, as_group, as_meds
from vitruvian.criteria.cohorts.why import why
from vitruvian.criteria.errors import (
    BrokenDefinition,
    NoSuchDefinition,
    NoSuchSite,
    OnlyOnDuckDB,
)
from vitruvian.criteria.over_lake.sites import require_site, sites_of
from vitruvian.lake import Lake

TASK = """
predicates:
  visit: {code: VISIT}
  drawn: {code: DRAWN}
  high: {code: K, value_min: 5, absence: {looked: [drawn]}}
trigger: visit
windows:
  day:
    start: trigger
    end: start + 24h
    start_inclusive: true
    end_inclusive: true
    has:
      high: (1, None)
"""


def patient(subject: int, sex: str, born: int) -> dict[str, Any]:
    said = {"subject_id": subject, "version_id": subject, "sex": sex, "family": "Quux"}
    return {**LINEAGE, **said, "birth_time_min": START.replace(year=born)}


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """1 is in, 2 is out, 3 is unknown; 4 and 5 are one person who is in twice."""
    with empty_lake(tmp_path / "lake", site="st-elsewhere") as made:
        visits = [event(subject, 0, "VISIT") for subject in (1, 2, 3, 4)]
        drawn = [event(2, 1, "DRAWN")]
        high = [event(subject, 2, "K", numeric_value=6.0) for subject in (1, 4)]
        again = [event(5, 48, "VISIT"), event(5, 49, "K", numeric_value=7.0)]
        rows = [*visits, *drawn, *high, *again]
        key = {"key": "Patient/p1", "resource_type": "Patient", "resource_id": "p1", "key_id": 1}
        made.append(
            DOCTOR,
            {
                "event": [{"event_id": n, **row} for n, row in enumerate(rows, start=1)],
                "patient": [
                    patient(1, "male", 1950),
                    patient(2, "male", 1960),
                    patient(3, "female", 1990),
                    patient(4, "female", 1985),
                ],
                "person_link": [link(5, 4, number=1)],
                "resource_key": [{**LINEAGE, **key, "subject_id": 1, "version_id": 1}],
            },
        )
        yield made


def asked(lake: Lake, text: str = TASK) -> Answer:
    with lake.read(DOCTOR) as reader:
        return ask(read_definition(text), Asked(reader, {}))


def test_cohort__counts_persons_once_and_keeps_those_nobody_can_tell_apart(lake: Lake) -> None:
    answer = asked(lake)
    assert answer.persons("in") == (1, 4)
    assert answer.persons("unknown") == (3,)
    assert (answer.triggers("in"), answer.triggers("unknown")) == (3, 1)


def test_steps__name_their_lines_and_end_with_who_is_in_for_sure(lake: Lake) -> None:
    steps = [(step.line, step.persons, step.triggers) for step in asked(lake).steps]
    assert steps == [(None, 4, None), (6, 4, 5), (14, 3, 4), (None, 2, 3)]


def test_pattern_that_cannot_be_read__is_told_with_its_line(lake: Lake) -> None:
    with pytest.raises(BrokenDefinition, match="Line 3"):
        asked(lake, TASK.replace("{code: VISIT}", "{code: {regex: '(?<=a)b'}}"))


def test_why__tells_every_line_and_the_events_behind(lake: Lake) -> None:
    with lake.read(DOCTOR) as reader:
        asking = Asked(reader, {})
        definition = read_definition(TASK)
        found = {person: why(definition, asking, person) for person in (1, 2, 3, 4, 9)}
    answers = {person: [one.answer for one in each.triggers] for person, each in found.items()}
    assert answers == {1: ["in"], 2: ["out"], 3: ["unknown"], 4: ["in", "in"], 9: []}
    assert found[1].triggers[0].lines[0].events == ("6",)
    assert found[3].triggers[0].lines[0].missing == ("drawn",)


def test_why__tells_the_numbers_with_their_units(lake: Lake) -> None:
    measured = f"""{TASK}
measure:
  highest: {{of: high, window: day, take: max, unit: mmol/L}}
  hits: {{of: high, window: day, take: count, unit: mmol/L}}
"""
    with lake.read(DOCTOR) as reader:
        (one,) = why(read_definition(measured), Asked(reader, {}), 1).triggers
    assert set(one.measures) == {"highest", "hits"}
    assert one.units == {"highest": "mmol/L"}


def test_breakdown__counts_each_person_once_at_the_first_trigger(lake: Lake) -> None:
    with lake.read(DOCTOR) as reader:
        found = break_down(ask(read_definition(TASK), Asked(reader, {})), reader)
    assert {bar.name: bar.by_sex for bar in found.sex} == {
        "female": {"female": 1},
        "male": {"male": 1},
    }
    ages = {bar.name: bar.total for bar in found.age}
    assert (ages["30 to 39"], ages["70 to 79"], ages["40 to 49"]) == (1, 1, 0)
    assert [(bar.name, bar.total) for bar in found.year] == [("2020", 2)]


def test_comparison__lists_who_differs_under_the_line_that_split_them(lake: Lake) -> None:
    with lake.read(DOCTOR) as reader:
        stricter = TASK.replace("value_min: 5", "value_min: 6.5")
        found = compare(read_definition(TASK), read_definition(stricter), Asked(reader, {}))
    (group,) = found.groups
    assert (group.first, group.second, group.line, group.of) == ("in", "unknown", 14, "second")
    assert [each.person_id for each in group.listed] == ["1", "4"]
    assert (group.persons, group.triggers) == (2, 2)


def test_two_dates__list_whom_later_knowledge_changed(lake: Lake) -> None:
    late = event(3, 2, "K", numeric_value=6.0, known_at=START + timedelta(days=30))
    lake.append(DOCTOR, {"event": [{"event_id": 99, **late}]})
    definition, then = read_definition(TASK), START + timedelta(days=10)
    with lake.read(DOCTOR) as now, lake.read(DOCTOR, known_at=then) as before:
        sides = Asked(now, {}), Asked(before, {})
        found = compare(definition, definition, sides[0], of_first=sides[1])
        same = compare(definition, definition, sides[0], of_first=Asked(now, {}))
    (group,) = found.groups
    assert (group.first, group.second, group.line, group.of) == ("unknown", "in", 14, "first")
    assert [each.person_id for each in group.listed] == ["3"]
    assert same.groups == ()


@pytest.fixture
def two_sites(tmp_path: Path) -> Iterator[Lake]:
    """1 and 2 are known to both hospitals, 3 to the second one; only the first saw 2 high."""
    with empty_lake(tmp_path / "two", site="east") as made:
        rows = [event(n, 0, "VISIT", site=site) for n in (1, 2) for site in ("east", "west")]
        rows += [event(n, 1, "DRAWN", site=site) for n in (1, 2) for site in ("east", "west")]
        rows += [event(1, 2, "K", numeric_value=6.0, site=site) for site in ("east", "west")]
        rows += [
            event(2, 2, "K", numeric_value=6.0, site="east"),
            event(3, 0, "VISIT", site="west"),
        ]
        people = [
            {**patient(n, "male", 1950), "site": site, "version_id": n * 10 + place}
            for n in (1, 2, 3)
            for place, site in enumerate(("east", "west"))
            if (n, site) != (3, "east")
        ]
        numbered = [{"event_id": n, **row} for n, row in enumerate(rows, start=1)]
        made.append(DOCTOR, {"event": numbered, "patient": people})
        yield made


def test_two_sites__list_whom_what_they_told_splits(two_sites: Lake) -> None:
    definition = read_definition(TASK)
    with two_sites.read(DOCTOR) as reader:
        east, west = Asked(reader, {}, "east"), Asked(reader, {}, "west")
        found = compare(definition, definition, west, of_first=east)
        members = {site.site: ask(definition, site).persons("in") for site in (east, west)}
        assert sites_of(reader) == ("east", "west")
    assert members == {"east": (1, 2), "west": (1,)}
    told = [(g.first, g.second, [each.person_id for each in g.listed]) for g in found.groups]
    assert sorted(told) == [("in", "out", ["2"]), ("no trigger", "unknown", ["3"])]


def test_site_that_nobody_told_of__is_refused(two_sites: Lake) -> None:
    with two_sites.read(DOCTOR) as reader, pytest.raises(NoSuchSite):
        require_site(reader, "north")


def test_site__cannot_be_asked_of_a_plain_connection() -> None:
    with duckdb.connect() as connection, pytest.raises(OnlyOnDuckDB, match="single sites"):
        ask(read_definition(TASK), Asked(connection, {}, "east"))


MORTALITY = """
predicates: {visit: {code: VISIT}, high: {code: K, value_min: 5}}
trigger: visit
windows:
  day: {start: trigger, end: start + 12h, start_inclusive: true, end_inclusive: true, index_timestamp: end}
  after: {start: day.end, end: start + 5d, start_inclusive: false, end_inclusive: true, label: high}
"""


def test_labels__are_as_meds_wants_them_and_leave_out_whom_nobody_can_tell(lake: Lake) -> None:
    schema = pytest.importorskip("meds", reason="meds, the oracle, is not installed").LabelSchema
    labels = pq.read_table(io.BytesIO(as_meds(asked(lake, MORTALITY))))
    schema.validate(labels)
    hour = timedelta(hours=1)
    told = [tuple(row.values()) for row in labels.to_pylist()]
    first, second = (START.replace(tzinfo=None) + hours * hour for hours in (12, 60))
    assert told == [
        *((1, first, False), (2, first, False), (3, first, False)),
        *((4, first, True), (4, second, False)),
    ]
    members = pq.read_table(io.BytesIO(as_meds(asked(lake))))
    schema.validate(members)
    assert members.column_names == ["subject_id", "prediction_time"]
    assert members.column("subject_id").to_pylist() == [1, 4, 4]


def test_csv__has_one_line_a_trigger(lake: Lake) -> None:
    rows = list(csv.DictReader(as_csv(asked(lake)).splitlines()))
    assert [(row["person_id"], row["verdict"]) for row in rows] == [
        ("1", "in"),
        ("3", "unknown"),
        ("4", "in"),
        ("4", "in"),
    ]
    assert rows[1]["unknown"] == "windows.day.has.high"


def test_group__names_patients_as_their_source_does(lake: Lake) -> None:
    with lake.read(DOCTOR) as reader:
        answer = ask(read_definition(TASK), Asked(reader, {}))
        group = as_group(answer, reader, at=START)
    assert (group["resourceType"], group["quantity"]) == ("Group", 2)
    assert group["member"] == [
        {"entity": {"reference": "Patient/p1"}},
        {"entity": {"identifier": {"system": "urn:vitruvian:person", "value": "4"}}},
    ]


def test_small_counts__are_withheld_and_others_rounded(lake: Lake) -> None:
    with lake.read(DOCTOR) as reader:
        answer = ask(read_definition(TASK), Asked(reader, {}))
        bars = break_down(answer, reader)
        definitions = (read_definition(TASK), read_definition(TASK.replace("5", "6.5")))
        comparison = compare(*definitions, Asked(reader, {}))
    floor = Floor(3)
    assert [step.persons for step in floor.steps(answer)] == [3, 3, 3, None]
    assert {bar.total for bar in floor.breakdown(bars).sex} == {None}
    assert all(group.listed == () for group in floor.comparison(comparison).groups)
    assert Floor(0).steps(answer) == answer.steps


@pytest.mark.parametrize("number", range(40))
def test_rounded_count__never_tells_a_small_difference(number: int) -> None:
    one, other = Floor(5).count(number), Floor(5).count(number + 1)
    assert one is None or other is None or abs(one - other) in {0, 5}


def test_saved_definition__keeps_every_version_of_its_owner(tmp_path: Path) -> None:
    hours = iter(range(9))
    shelf = Shelf(tmp_path, clock=lambda: START + timedelta(hours=next(hours)))
    first = shelf.save("rossi", name="salt", title="Salt", text="a")
    again = shelf.save("rossi", name="salt", title="Salt", text="a")
    second = shelf.save("rossi", name="salt", title="Salt", text="b")
    assert (first.version, again.id, second.version) == (1, first.id, 2)
    assert [one.text for one in shelf.of("rossi")] == ["b", "a"]
    assert shelf.of("vega") == ()
    with pytest.raises(NoSuchDefinition):
        shelf.get("vega", int(first.id))
    assert shelf.get("rossi", int(first.id)).text == "a"
    shelf.close()


def test_floor__is_that_of_the_role_until_the_site_sets_another(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    assert shelf.floor("clinician").sees_patients
    assert shelf.floor("researcher").least == 10
    shelf.set_floor("researcher", least=25)
    assert shelf.floor("researcher").least == 25
    shelf.close()
