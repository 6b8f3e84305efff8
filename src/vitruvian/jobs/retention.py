"""Whose record has been kept for as long as the hospital says, and no longer has to be.

The periods are the hospital's, in `retention.toml` in the folder of its lake: none is built in,
because each country and each kind of hospital has its own. A record is due as a whole, counted
from its last entry, or from death where the person is dead; a kind of data may have a period of
its own, which `retention_by_kind` looks at. Nothing is erased here: what is due can be asked for,
and each erasure is then approved by somebody else, as every erasure is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any  # rows of Arrow

from vitruvian.lake import Lake, Reader
from vitruvian.lake.erasing.retention import Kind, Retention
from vitruvian.trust import Access
from vitruvian.trust.own_record import birthday

# When anything happened to somebody, table by table: the last of it is what a period counts from.
LAST = {
    "event": "max(coalesce(end_time, time))",
    "encounter": "max(coalesce(end_time, start_time))",
    "note": "max(time)",
    "image": "max(time)",
}


@dataclass
class Life:
    """What is known of when a person lived and was seen."""

    births: list[datetime] = field(default_factory=list)
    deaths: list[datetime] = field(default_factory=list)
    dead: bool = False
    last: datetime | None = None


@dataclass(frozen=True)
class Due:
    """One person whose record is due: of which kind, last entry, since when."""

    person: int
    kind: Kind
    last: datetime
    since: datetime
    words: str


@dataclass(frozen=True)
class Found:
    """What is due, and of how many persons it cannot be told."""

    due: tuple[Due, ...]
    persons: int
    held: int
    untold: int


def due_of(retention: Retention, person: int, life: Life, *, now: datetime) -> Due | None:
    """Whether a record is due by now; None when it is not, or when nobody can tell.

    Parameters
    ----------
    retention
        The rules.
    person
        Whose record.
    life
        What is known. A person without an entry or a birth is never due: unknown is not old.
    now
        The present.
    """
    if life.last is None or not life.births:
        return None
    kind = _kind(retention, life)
    rule = retention.rules.get(kind)
    if rule is None:
        return None
    # Of sources that disagree, the one that keeps the record longer counts.
    begins = max([life.last, *life.deaths])
    since = birthday(begins, years=rule.years)
    if rule.until_age_years is not None:
        since = max(since, birthday(max(life.births), years=rule.until_age_years))
    return Due(person, kind, life.last, since, rule.words) if since <= now else None


def _kind(retention: Retention, life: Life) -> Kind:
    if life.dead or life.deaths:
        return "deceased"
    grown = birthday(max(life.births), years=retention.child_below_years)
    return "child" if life.last is not None and life.last < grown else "adult"


def look(lake: Lake, access: Access, retention: Retention) -> Found:
    """Everybody whose record is due now; nothing is changed.

    Parameters
    ----------
    lake
        Any lake.
    access
        Who asks.
    retention
        The rules of its hospital.
    """
    now = lake.clock()
    with lake.read(access) as reader:
        lives = _lives(reader)
    told = [(person, life) for person, life in lives.items() if person not in retention.hold]
    found = (due_of(retention, person, life, now=now) for person, life in told)
    due = sorted((one for one in found if one is not None), key=lambda one: (one.since, one.person))
    untold = sum(life.last is None or not life.births for _, life in told)
    return Found(tuple(due), len(lives), len(lives) - len(told), untold)


def _lives(reader: Reader) -> dict[int, Life]:
    persons = reader.persons()
    lives: dict[int, Life] = {}

    def of(subject: int) -> Life:
        return lives.setdefault(persons.get(subject, subject), Life())

    for row in _rows(reader, "patient", "subject_id, birth_time_min, deceased"):
        life = of(row["subject_id"])
        life.births += _known([row["birth_time_min"]])
        life.dead = life.dead or bool(row["deceased"])
    wanted = "subject_id, time FROM event WHERE code = 'MEDS_DEATH'"
    for row in reader.query(f"SELECT {wanted}", tables=["event"]).to_pylist():
        of(row["subject_id"]).deaths += _known([row["time"]])
        of(row["subject_id"]).dead = True
    for table, newest in LAST.items():
        sql = f'SELECT subject_id, {newest} AS last FROM "{table}" GROUP BY ALL'
        for row in reader.query(sql, tables=[table]).to_pylist():
            if row["subject_id"] is not None:
                life = of(row["subject_id"])
                life.last = max(_known([life.last, row["last"]]), default=None)
    return lives


def _rows(reader: Reader, table: str, columns: str) -> Iterator[dict[str, Any]]:
    yield from reader.rows(table, columns=columns.split(", ")).to_pylist()


def _known(times: Iterable[datetime | None]) -> list[datetime]:
    return [one.astimezone(UTC) for one in times if one is not None]
