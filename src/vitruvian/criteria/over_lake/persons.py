"""A reader of the lake in which each subject is a person, whichever sources knew it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol, TypeAlias, runtime_checkable

from vitruvian.criteria.over_lake.observed import OBSERVED, TABLES, observed_sql

# Any: pyarrow ships no types.
Arrow: TypeAlias = Any

_LINKS = "links AS MATERIALIZED (SELECT unnest(?) AS source_id_of, unnest(?) AS person_of)"
_PERSON = (
    "coalesce((SELECT person_of FROM links WHERE links.source_id_of = subject_id), subject_id)"
)


@runtime_checkable
class LakeReader(Protocol):
    """What a reader of the lake can do for us."""

    @property
    # Any: the reader's own frozen words
    def as_of(self) -> Any:
        """The instants asked: `known_at` and `recorded_at`, None for now."""

    @property
    def snapshot(self) -> Any:
        """The state read: `published_at`."""

    def query(
        self,
        sql: str,
        *,
        tables: Sequence[str],
        params: Sequence[object] = (),
        subjects: Sequence[int] | None = None,
    ) -> Arrow:
        """The answer of our own SQL over tables as the door shows them."""

    def persons(self) -> dict[int, int]:
        """The person of every subject that is linked to another one."""


@dataclass(frozen=True)
class ByPerson:
    """The timeline of a lake with `subject_id` the person, and its observation periods.

    Parameters
    ----------
    reader
        The door.
    site
        Only what the sources of this site told; None sees every site.
    """

    reader: LakeReader
    site: str | None = None

    @cached_property
    def _links(self) -> dict[int, int]:
        return self.reader.persons()

    @cached_property
    def now(self) -> datetime:
        """The instant asked, else that of the state read: the same answer for ever."""
        as_of = self.reader.as_of
        asked: datetime | None = as_of.known_at or as_of.recorded_at
        published: datetime = self.reader.snapshot.published_at
        return asked or published

    def query(
        self, sql: str, *, tables: Sequence[str], subjects: Sequence[int] | None = None
    ) -> Arrow:
        """The answer of our own SQL; `subjects` are persons."""
        parts, params = self._given(tables)
        stored = [each for each in tables if each != OBSERVED]
        stored += TABLES if OBSERVED in tables else ()
        return self.reader.query(
            with_given(sql, parts),
            tables=stored,
            params=params,
            subjects=None if subjects is None else self._members(subjects),
        )

    def _given(self, tables: Sequence[str]) -> tuple[list[str], list[object]]:
        """Relations that stand in for stored ones, and the values they need."""
        parts: list[str] = []
        params: list[object] = []
        person = _PERSON if self._links else "subject_id"
        if self._links:
            parts.append(_LINKS)
            params += [list(self._links), list(self._links.values())]
        told, own = ("", []) if self.site is None else (" WHERE site = ?", [self.site])
        if "event" in tables and (self._links or own):
            parts.append(f"event AS (SELECT * REPLACE ({person} AS subject_id) FROM event{told})")
            params += own
        if OBSERVED in tables:
            for table in TABLES if own else ():
                parts.append(f"{table} AS (SELECT * FROM {table}{told})")
                params += own
            whose = f"SELECT {person} AS subject_id, start_time, end_time FROM ({{periods}})"
            parts.append(f"{OBSERVED} AS MATERIALIZED ({observed_sql(self.now, whose=whose)})")
        return parts, params

    def _members(self, persons: Sequence[int]) -> list[int]:
        """The subjects that are these persons; one that nobody linked is its own person."""
        wanted = set(persons)
        linked = [subject for subject, person in self._links.items() if person in wanted]
        return sorted({*linked, *(one for one in wanted if self._links.get(one, one) == one)})


def with_given(sql: str, parts: Sequence[str]) -> str:
    """A SELECT that sees more relations.

    Examples
    --------
    >>> with_given("SELECT 1", ["b AS (SELECT 1)"]).split()[:2]
    ['WITH', 'b']
    """
    if not parts:
        return sql
    head = "WITH " + ",\n".join(parts)
    # a wrapped SELECT would be free to lose its order
    return f"{head},\n{sql.removeprefix('WITH ')}" if sql.startswith("WITH ") else f"{head}\n{sql}"
