"""Who they are: sex, age at the trigger, and calendar year, of those in a cohort."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from vitruvian.criteria.cohorts.answer import Answer

SEXES = ("female", "male", "other", "unknown")
BAND_YEARS = 10
OLDEST_BAND = 90
YEAR_DAYS = 365.2425
UNKNOWN = "unknown"

_PEOPLE = """SELECT subject_id, min(sex) AS sex, min(birth_time_min) AS born FROM patient
    WHERE subject_id IN (SELECT unnest(?::BIGINT[])) GROUP BY subject_id"""


class PatientReader(Protocol):
    """What a reader of the lake can do for us."""

    # Any: pyarrow ships no types
    def query(self, sql: str, *, tables: Sequence[str], params: Sequence[object] = ()) -> Any:
        """The answer of our own SQL over tables as the door shows them."""

    def persons(self) -> dict[int, int]:
        """The person of every subject that is linked to another one."""


@dataclass(frozen=True)
class Bar:
    """One bar: how many persons of each sex; None where a count is withheld."""

    name: str
    total: int | None
    by_sex: Mapping[str, int | None]


@dataclass(frozen=True)
class Breakdown:
    """Persons in the cohort by sex, by age at their first trigger, and by its year."""

    sex: tuple[Bar, ...]
    age: tuple[Bar, ...]
    year: tuple[Bar, ...]


@dataclass(frozen=True)
class _Person:
    sex: str
    born: datetime | None
    first: datetime


def break_down(answer: Answer, reader: PatientReader) -> Breakdown:
    """The persons in a cohort by sex, age and year; a person counts once, at the first trigger."""
    firsts: dict[int, datetime] = {}
    for each in answer.members:
        if each.verdict == "in":
            person = int(each.person_id)
            firsts[person] = min(each.trigger, firsts.get(person, each.trigger))
    people = list(_people(firsts, reader))
    ages = [(_age_band(one), one.sex) for one in people]
    bands = [_band(low) for low in range(0, OLDEST_BAND + 1, BAND_YEARS)]
    years = sorted({str(one.first.year) for one in people})
    return Breakdown(
        sex=_bars(((one.sex, one.sex) for one in people), SEXES),
        age=_bars(ages, [*bands, UNKNOWN]),
        year=_bars(((str(one.first.year), one.sex) for one in people), years),
    )


def _people(firsts: Mapping[int, datetime], reader: PatientReader) -> Iterable[_Person]:
    """Sex and birth of each person, from whichever source tells them."""
    links = reader.persons()
    subjects = {s: p for s, p in links.items() if p in firsts}
    subjects |= {p: p for p in firsts if links.get(p, p) == p}
    rows = reader.query(_PEOPLE, tables=["patient"], params=[list(subjects)]).to_pylist()
    told: dict[int, dict[str, Any]] = {}
    for row in rows:
        known = told.setdefault(subjects[row["subject_id"]], {"sex": None, "born": None})
        known |= {key: row[key] for key in known if known[key] is None}
    for person, first in firsts.items():
        known = told.get(person, {"sex": None, "born": None})
        sex = known["sex"] if known["sex"] in SEXES else UNKNOWN
        yield _Person(sex, known["born"], first)


def _age_band(one: _Person) -> str:
    if one.born is None:
        return UNKNOWN
    years = max((one.first - one.born).days / YEAR_DAYS, 0)
    return _band(min(int(years // BAND_YEARS) * BAND_YEARS, OLDEST_BAND))


def _band(low: int) -> str:
    return f"{low}+" if low >= OLDEST_BAND else f"{low} to {low + BAND_YEARS - 1}"


def _bars(found: Iterable[tuple[str, str]], names: Iterable[str]) -> tuple[Bar, ...]:
    """A bar a name, in the order of the names; empty ones are left out at both ends."""
    counts = Counter(found)
    bars = []
    for name in names:
        by_sex = {sex: counts[name, sex] for sex in SEXES if counts[name, sex]}
        bars.append(Bar(name, sum(by_sex.values()), by_sex))
    filled = [at for at, bar in enumerate(bars) if bar.total]
    return tuple(bars[filled[0] : filled[-1] + 1]) if filled else ()
