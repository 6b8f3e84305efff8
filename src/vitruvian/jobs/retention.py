"""Whose record has been kept for as long as the hospital says, and no longer has to be.

The periods are the hospital's, in `retention.toml` in the folder of its lake: none is built in,
because each country and each kind of hospital has its own. A record is due as a whole, counted
from its last entry, or from death where the person is dead; a kind of data may have a period of
its own, which `retention_by_kind` looks at. Nothing is erased here: what is due
can be asked for, and each erasure is then approved by somebody else, as every erasure is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal  # rows of Arrow

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vitruvian.base.errors import BadInput
from vitruvian.lake import Lake, Reader
from vitruvian.trust import Access
from vitruvian.trust.own_record import birthday

NAME = "retention.toml"
Kind = Literal["adult", "child", "deceased"]
DataKind = Literal["record", "note", "image", "signal", "audit"]
# When anything happened to somebody, table by table: the last of it is what a period counts from.
LAST = {
    "event": "max(coalesce(end_time, time))",
    "encounter": "max(coalesce(end_time, start_time))",
    "note": "max(time)",
    "image": "max(time)",
}


class BadRetention(BadInput):
    """The hospital's rules of retention cannot be used."""

    def __init__(self, *, why: str) -> None:
        super().__init__(
            f"The file {NAME} in the lake's folder cannot be used: {why}. Nothing is due by rules "
            "that cannot be read. Mend it as the page on erasing says."
        )


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class _Rule(_Words):
    kind: Kind
    years: int = Field(ge=1, le=200)
    until_age_years: int | None = Field(default=None, ge=18, le=120)
    words: str = Field(min_length=1)


class _Data(_Words):
    kind: DataKind
    years: int = Field(ge=1, le=200)
    words: str = Field(min_length=1)


class _File(_Words):
    child_below_years: int = Field(ge=1, le=30)
    rule: list[_Rule] = Field(min_length=1)
    data: list[_Data] = []
    hold: list[int] = []


@dataclass(frozen=True)
class Rule:
    """How long one kind of record is kept.

    Parameters
    ----------
    years
        After the last entry, or after death.
    until_age_years
        And not before the person would be this old; None where age does not matter.
    words
        The law or the rule of the house.
    """

    kind: Kind
    years: int
    until_age_years: int | None
    words: str


@dataclass(frozen=True)
class DataRule:
    """How long one kind of data is kept, whoever it is about.

    Parameters
    ----------
    years
        After what it tells of happened.
    words
        The law or the rule of the house.
    """

    kind: DataKind
    years: int
    words: str


@dataclass(frozen=True)
class Retention:
    """The rules of a hospital, and the persons nobody may erase, such as for a court."""

    child_below_years: int
    rules: Mapping[Kind, Rule]
    hold: frozenset[int] = frozenset()
    data: Mapping[DataKind, DataRule] = field(default_factory=dict)


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


def read_retention(folder: Path) -> Retention | None:
    """The rules in a lake's folder; None where the hospital states none.

    Raises
    ------
    BadRetention
        When the file cannot be read, or says one kind twice.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        said = _File.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise BadRetention(why="it is not TOML in UTF-8") from None
    except ValidationError as error:
        places = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise BadRetention(why=places) from None
    rules = {one.kind: Rule(**one.model_dump()) for one in said.rule}
    if len(rules) < len(said.rule):
        raise BadRetention(why="one kind of record has two rules")
    data = {one.kind: DataRule(**one.model_dump()) for one in said.data}
    if len(data) < len(said.data):
        raise BadRetention(why="one kind of data has two rules")
    return Retention(said.child_below_years, rules, frozenset(said.hold), data)


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
