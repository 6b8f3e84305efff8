"""What a mapping file may say, and what it is told when it says something else."""

from __future__ import annotations

import duckdb
import pytest

from tests.ingest.library.tables.samples import MAPPING
from vitruvian.ingest.engine.tables.clocks import create_clocks
from vitruvian.ingest.engine.tables.language.mapping import TableRule, read_mapping
from vitruvian.ingest.engine.tables.language.words import NotWords, Scope, parse_words
from vitruvian.ingest.errors import BadMapping


def said(words: object, **row: str | None) -> str | None:
    columns = ", ".join(f'?::VARCHAR AS "{name}"' for name in row) or "1 AS one"
    sql = f"SELECT {Scope().sql(parse_words(words))} FROM (SELECT {columns}) t"
    with duckdb.connect() as engine:
        found = engine.execute(sql, list(row.values())).fetchone()
    assert found is not None
    answer: str | None = found[0]
    return answer


@pytest.mark.parametrize("words", [None, [], {}, {"of": "{a}"}, {"map": {}}, "{a|shout}"])
def test_words__of_no_known_form_are_refused(words: object) -> None:
    with pytest.raises(NotWords):
        parse_words(words)


def test_template__with_an_empty_column_says_nothing() -> None:
    assert said("LOINC//{code}", code="2823-3") == "LOINC//2823-3"
    assert said("LOINC//{code}", code=None) is None
    assert said("LOINC//{code}", code="  ") is None


def test_template__literal_quotes_stay_text() -> None:
    assert said("it's '; DROP TABLE x; -- {a}", a="1") == "it's '; DROP TABLE x; -- 1"


def test_first__takes_the_first_that_says_anything() -> None:
    assert said(["{a}", "{b}", "none"], a=None, b="2") == "2"
    assert said(["{a}", "{b}", "none"], a=None, b="") == "none"


def test_list__falls_back_to_otherwise_and_an_empty_text_says_nothing() -> None:
    sex = {"of": "{sex}", "map": {"M": "male", "0": ""}, "otherwise": "other: {sex}"}
    assert said(sex, sex="M") == "male"
    assert said(sex, sex="X") == "other: X"
    assert said(sex, sex="0") is None


def test_filters__pad_and_cut_to_a_date() -> None:
    assert said("{y}-{m|pad2}", y="1950", m="2") == "1950-02"
    assert said("{y}-{m|pad2}", y="1950", m="12") == "1950-12"
    assert said("{born|date}", born="1998-04-09 00:00:00") == "1998-04-09"


@pytest.mark.parametrize(
    "before, after, told",
    [
        ("[mapping]", "[mapping", "not TOML"),
        ("[mapping]", "deep = " + "[" * 5_000, "nested too deep"),
        ('version = "1"', "", "version is missing"),
        ('time_zone = "Europe/Rome"', 'time_zone = "Rome"', "IANA"),
        ("known_delay_seconds = 600", "known_delay = 600", "'known_delay' is not known"),
        ("known_delay_seconds = 600", "known_delay_seconds = -1", "from 0 to a hundred years"),
        ("known_delay_seconds = 600", 'known_delay_seconds = "1"', "from 0 to a hundred years"),
        ('time_zone = "Europe/Rome"', 'title = "\\u0000"', "U+0000"),
        ("[mapping]", "mapping = 5\n[other]", "'other' is not known"),
        ('code = "LOINC//8867-4"', 'kode = "LOINC//8867-4"', "'kode' is not known"),
        ('columns = ["patient", "minute", "pulse"]', "", "columns is missing"),
        ('text = "{test}"', 'text = "{test|wards.name}"', "looks up 'wards'"),
    ],
)
def test_mapping__that_cannot_be_used_says_where(before: str, after: str, told: str) -> None:
    assert before in MAPPING
    with pytest.raises(BadMapping, match="The mapping cannot be used") as caught:
        read_mapping(MAPPING.replace(before, after, 1).encode())
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "text, start, until",
    [
        ("2024-01-15 12:00:00", "2024-01-15 11:00:00", None),
        ("2024-07-15T12:00:00", "2024-07-15 10:00:00", None),
        ("2024-07-15T12:00:00.5Z", "2024-07-15 12:00:00.5", None),
        ("2024-07-15 12:00:00-0500", "2024-07-15 17:00:00", None),
        ("2024-07-15", "2024-07-14 22:00:00", "2024-07-15 22:00:00"),
        ("2024-02", "2024-01-31 23:00:00", "2024-02-29 23:00:00"),
        ("2024", "2023-12-31 23:00:00", "2024-12-31 23:00:00"),
        ("7/15/2024 01:30:00 PM", "2024-07-15 11:30:00", None),
        ("7/15/2024", "2024-07-14 22:00:00", "2024-07-15 22:00:00"),
        ("yesterday", None, None),
        ("2024-02-30", None, None),
    ],
)
def test_clock__reads_times_in_the_declared_zone(
    text: str, start: str | None, until: str | None
) -> None:
    rule = TableRule(
        "x", ("a",), time_formats=("%m/%d/%Y %I:%M:%S %p",), date_formats=("%m/%d/%Y",)
    )
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        create_clocks(engine, rule, zone="Europe/Rome")
        found = engine.execute(
            "SELECT tab_from(?) = ?::TIMESTAMPTZ, tab_until(?) = ?::TIMESTAMPTZ",
            [text, start, text, until],
        ).fetchone()
    assert found == (start is not None or None, until is not None or None)
