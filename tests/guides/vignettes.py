"""The vignettes that guidelines bring, asked through the guideline's own engine.

`stay` says whether the patient is in hospital now, `visited` how many days ago a clinic saw them.
`hourly` charts the same every hour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from vitruvian.guides import Decision, Guide, decide
from vitruvian.guides.cases import AGE, STAY, VISITED, Cases, cases_of
from vitruvian.record import table_named

INSTANT = datetime(2026, 1, 15, 12, tzinfo=UTC)
PERSON = 7
COLUMNS = (
    *("event_id", "subject_id", "time", "time_min", "time_max", "end_time", "known_at", "code"),
    *("numeric_value", "unit", "comparator", "text_value", "value_code", "act", "status"),
    *("polarity", "certainty", "temporality", "experiencer", "body_site", "method"),
    "fact_key",
)
SCHEMA = pa.schema([table_named("event").schema.field(name) for name in COLUMNS])
PLAIN = {
    "act": "observed",
    "status": "final",
    "polarity": "affirmed",
    "certainty": "certain",
    "temporality": "current",
    "experiencer": "patient",
    "subject_id": PERSON,
}
AGE_FACT = AGE
vignettes_of = cases_of
SEEN_BY = (STAY, VISITED)


def events_of(paper: Cases, known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The patient's timeline."""
    return [
        event
        for name, value in known.items()
        if name not in SEEN_BY
        for event in repeated(event_of(name, value, paper.facts), paper.facts.get(name, {}))
    ]


def repeated(event: dict[str, Any], fact: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The event once an hour where the fact is charted `hourly = [from, until]` hours before."""
    if "hourly" not in fact:
        return [event]
    whens = [INSTANT - timedelta(hours=hour, minutes=30) for hour in range(*fact["hourly"])]
    return [{**event, "time": when, "known_at": when} for when in whens]


def event_of(name: str, value: Any, facts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """One event out of a fact and its value."""
    if name == AGE_FACT:
        born = INSTANT.replace(year=INSTANT.year - int(value))
        return {**PLAIN, "time": born, "known_at": born, "code": "MEDS_BIRTH"}
    said = {key: word for key, word in facts[name].items() if key not in {"hours", "hourly"}}
    when = INSTANT - timedelta(hours=facts[name].get("hours", 1))
    event = {**PLAIN, "time": when, "known_at": when, **said}
    if isinstance(value, bool):
        return event if value else {**event, "polarity": "negated"}
    return {**event, ("value_code" if isinstance(value, str) else "numeric_value"): value}


def visits_of(known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The patient's encounters."""
    found = []
    if VISITED in known:
        when = INSTANT - timedelta(days=known[VISITED])
        found.append((when, when + timedelta(minutes=20), "finished", "ACTCODE//AMB"))
    if STAY in known:
        start, end = INSTANT - timedelta(hours=40), INSTANT - timedelta(hours=30)
        stays = known[STAY]
        told = (start, None, "in-progress") if stays else (start, end, "finished")
        found.append((*told, "ACTCODE//IMP"))
    keys = ("start_time", "end_time", "status", "class_code")
    return [{**dict(zip(keys, each, strict=True)), "known_at": each[0]} for each in found]


class PaperReader:
    """A reader over one patient in memory, with the methods that guidelines ask of a lake."""

    def __init__(
        self, events: Sequence[Mapping[str, Any]], visits: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        self._visits = list(visits)
        rows = [{**event, "event_id": n, "fact_key": n} for n, event in enumerate(events, start=1)]
        self._connection = duckdb.connect(config={"threads": 1})
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.register("paper", pa.Table.from_pylist(rows, schema=SCHEMA))
        self._connection.execute("CREATE TABLE event AS FROM paper")

    def query(
        self, sql: str, *, tables: Sequence[str], subjects: Sequence[int] | None = None
    ) -> Any:
        """The answer of SQL over the events."""
        assert list(tables) == ["event"]
        assert subjects == [PERSON]
        return self._connection.execute(sql).to_arrow_table()

    def rows(self, table: str, *, subjects: Sequence[int], columns: Sequence[str]) -> Any:
        """The events."""
        assert list(subjects) == [PERSON]
        if table != "event":
            held = self._visits if table == "encounter" else []
            schema = pa.schema([table_named(table).schema.field(name) for name in columns])
            return pa.Table.from_pylist(held, schema=schema)
        listed = ", ".join(columns)
        return self._connection.execute(f"SELECT {listed} FROM event").to_arrow_table()

    def subjects_of(self, person_id: int) -> list[int]:
        """One person, one subject."""
        return [person_id]


def asked(
    guide: Guide, events: Sequence[Mapping[str, Any]], visits: Sequence[Mapping[str, Any]] = ()
) -> Decision:
    """What the guideline says of a patient on paper."""
    reader = PaperReader(events, visits)
    return decide(guide, reader, PERSON, instant=INSTANT, today=guide.card.review_by)


def asked_of(guide: Guide, paper: Cases, known: Mapping[str, Any]) -> Decision:
    """What the guideline says of whom these facts describe."""
    return asked(guide, events_of(paper, known), visits_of(known))
