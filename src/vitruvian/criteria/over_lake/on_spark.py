"""A timeline asked through Spark Connect: of a pinned, drained state of a lake, by person.

Spark reads the files of the state; persons, what counts as observed, and the codes that a regular
expression finds are told to it. Regular expressions are always read by RE2, here, so that a
pattern finds the same codes on every engine.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.criteria.engines.duckdb.words import name, text
from vitruvian.criteria.engines.spark.words import in_spark
from vitruvian.criteria.errors import TaskFailed
from vitruvian.criteria.over_lake.observed import OBSERVED, TABLES, observed_sql
from vitruvian.criteria.over_lake.persons import with_given
from vitruvian.record import table_named

if TYPE_CHECKING:
    from vitruvian.lake import Reader
    from vitruvian.lake.engines.spark import Spark

# Any: pyarrow ships no types.
Arrow: TypeAlias = Any

EVENT = "event"
LINKS = "person_links"
_PATTERN = re.compile(r"regexp_matches\((code|''), ('(?:[^']|'')*')\)")
_PERSON = "coalesce(l.person_of, e.subject_id) AS subject_id"
_JOINED = f"LEFT JOIN {LINKS} l ON l.source_id_of = e.subject_id"
_NEVER = "(code IS NULL AND code IS NOT NULL)"


class Session(Protocol):
    """What a session on Spark can do for us."""

    def query(self, sql: str) -> Arrow:
        """The answer of one SELECT in Spark's words."""


@dataclass(frozen=True)
class OnSpark:
    """A session that sees a timeline as the relation `events`.

    Parameters
    ----------
    session
        Where statements run.
    events
        Name of the relation.
    given
        Relations that statements may name beside those the session sees.
    """

    session: Session
    events: str = EVENT
    given: tuple[str, ...] = ()
    known: dict[str, list[str]] = field(default_factory=dict)

    def query(
        self, sql: str, *, tables: Sequence[str] = (), subjects: Sequence[int] | None = None
    ) -> Arrow:
        """The answer of our own SQL, written in the words of the house."""
        del tables
        given = self.given
        if subjects is not None:
            some, listed = f"{self.events}_of_some", ", ".join(map(str, subjects)) or "NULL"
            rows = f"SELECT * FROM {name(self.events)} WHERE subject_id IN ({listed})"
            given = (*given, f"{name(some)} AS ({rows})")
            sql = sql.replace(name(self.events), name(some))
        return self._answer(with_given(_PATTERN.sub(self._codes, sql), given))

    def _answer(self, sql: str) -> Arrow:
        return self.session.query(in_spark(sql))

    def _codes(self, asked: re.Match[str]) -> str:
        """A regular expression as the list of codes that it finds."""
        where, pattern = asked.groups()
        if where != "code":
            return str(bool(_found(pa.table({"code": [""]}), pattern))).lower()
        if pattern not in self.known:
            sql = f"SELECT DISTINCT code FROM {name(self.events)}"
            self.known[pattern] = _found(self._answer(with_given(sql, self.given)), pattern)
        return (
            f"code IN ({', '.join(map(text, self.known[pattern]))})"
            if self.known[pattern]
            else _NEVER
        )


def _found(codes: Arrow, pattern: str) -> list[str]:
    """The codes that a pattern, in quotes, finds; Arrow reads patterns with RE2, as DuckDB does."""
    wanted = pattern[1:-1].replace("''", "'")
    try:
        hits = pc.match_substring_regex(codes.column("code"), wanted)
    except pa.ArrowInvalid as problem:
        raise TaskFailed(type(problem).__name__) from None
    return sorted(codes.filter(hits).column("code").to_pylist())


@dataclass
class LakeOnSpark:
    """A reader of the lake whose questions about the timeline Spark answers.

    `subject_id` is the person, whichever sources knew it, as for `ByPerson`.
    """

    reader: Reader
    spark: Spark
    asked: OnSpark | None = None

    def query(
        self, sql: str, *, tables: Sequence[str] = (), subjects: Sequence[int] | None = None
    ) -> Arrow:
        """The answer of our own SQL; `subjects` are persons.

        Raises
        ------
        NotDrained
            When events are still in the hot log.
        """
        del tables
        links = self.reader.persons()
        if self.asked is None:
            self.asked = self._shown(links)
        if subjects is not None:
            wanted = set(subjects)
            self.reader.note(sorted({*wanted, *(s for s, p in links.items() if p in wanted)}))
        told = sql.replace(name(EVENT), name(self.asked.events))
        return self.asked.query(told, subjects=subjects)

    def _shown(self, links: dict[int, int]) -> OnSpark:
        """The timeline and the observation periods by person."""
        self.spark.show(
            LINKS,
            pa.table(
                {
                    "source_id_of": pa.array(links, pa.int64()),
                    "person_of": pa.array(links.values(), pa.int64()),
                }
            ),
        )
        for table in (EVENT, *TABLES):
            self.spark.show_table(self.reader, table)
        columns = [each for each in table_named(EVENT).column_names if each != "subject_id"]
        listed = ", ".join(f"e.{name(each)}" for each in columns)
        events = f"SELECT {_PERSON}, {listed} FROM {EVENT} e {_JOINED}"
        whose = f"SELECT {_PERSON}, start_time, end_time FROM ({{periods}}) e {_JOINED}"
        as_of = self.reader.as_of
        now = as_of.known_at or as_of.recorded_at or self.reader.snapshot.published_at
        observed = observed_sql(now, whose=whose)
        by_person = f"{EVENT}_by_person"
        given = (f"{by_person} AS ({events})", f"{OBSERVED} AS ({observed})")
        return OnSpark(self.spark, by_person, given)
