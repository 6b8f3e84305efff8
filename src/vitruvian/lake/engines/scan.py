"""One table as the door shows it: as of an instant, without what was retired.

Pure: what to read in, SQL out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.lake.engines.duckdb import text_literal
from vitruvian.lake.engines.open_ends import shown_sql
from vitruvian.record import Table

if TYPE_CHECKING:
    import pyarrow as pa

RETIRED_BY_VERSION = frozenset(
    {
        *("event", "resource", "resource_key", "patient"),
        *("encounter", "location_stay", "observation_period", "note", "image", "grant"),
    }
)
# Rows about rows: what is known of a fact at an instant came from a source, whenever its file came.
# Code systems are the words in which a question is asked, not what was known of a patient.
LINEAGE = frozenset({"source", "derivation", "reading", "terminology", "concept", "concept_parent"})
SHORT_LIST = 200
MOST_CASES = 64


@dataclass(frozen=True)
class AsOf:
    """The instants an answer is given as of; None means now."""

    known_at: datetime | None = None
    recorded_at: datetime | None = None


@dataclass(frozen=True)
class Retired:
    """Ids that no longer hold, by scope; a relation's name stands in for a long list."""

    ids: Mapping[str, Sequence[int]] = field(default_factory=dict)
    relations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Parts:
    """What one table is read from.

    Parameters
    ----------
    files
        Paths of its Parquet files.
    loads
        When each bulk load in those files was published, as microseconds since 1970 UTC.
    hot
        Name of the relation that holds its rows of the hot log; None when there are none.
    subjects
        The only subjects wanted; None means all. A relation's name stands in for a long list.
    """

    files: Sequence[str] = ()
    loads: Mapping[int, int] = field(default_factory=dict)
    hot: str | None = None
    subjects: Sequence[int] | str | None = None


@dataclass(frozen=True)
class Pinned:
    """One table of one published state as files, for an engine that reads files only.

    Parameters
    ----------
    table
        Which one.
    files
        Its Parquet files, all of them and no other.
    loads
        When each bulk load in them was published, as microseconds since 1970 UTC.
    retired
        Ids that no longer hold, by scope: tables of one column `target_id`.
    as_of
        The instants asked for.
    subjects
        The only subjects allowed; None means all.
    """

    table: Table
    files: tuple[Path, ...]
    loads: Mapping[int, int]
    retired: Mapping[str, pa.Table]
    as_of: AsOf
    subjects: tuple[int, ...] | None


def scopes_of(table: Table) -> dict[str, str]:
    """Which retirement scopes reach a table, and by which of its columns."""
    scopes = {"version": "version_id"} if table.name in RETIRED_BY_VERSION else {}
    if table.name == "event":
        scopes |= {"event": "event_id", "derivation": "derivation_id"}
    return scopes


def door_sql(table: Table, *, parts: Parts, as_of: AsOf, retired: Retired | None) -> str:
    """SQL for one table as the door shows it.

    Parameters
    ----------
    table
        Which one.
    parts
        What to read.
    as_of
        The instants asked for.
    retired
        What no longer holds; None to see every version.
    """
    conditions = [*_as_of_conditions(table, as_of), *_subject_conditions(parts.subjects)]
    if retired is not None:
        conditions += _retired_conditions(table, retired)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    known_at = None if as_of.known_at is None else instant_literal(as_of.known_at)
    names = shown_sql(table, known_at=known_at)
    selects = []
    if parts.files:
        selects.append(f"SELECT {names} FROM ({_files_sql(table, parts)}){where}")
    if parts.hot is not None:
        selects.append(f'SELECT {names} FROM "{parts.hot}"{where}')
    return " UNION ALL ".join(selects)


def _files_sql(table: Table, parts: Parts) -> str:
    files = ", ".join(text_literal(path) for path in parts.files)
    columns = ", ".join(
        _recorded_at(parts.loads) if name == "recorded_at" else f't."{name}"'
        for name in table.column_names
    )
    join = _loads_join(parts.loads)
    return f"SELECT {columns} FROM read_parquet([{files}]) t{join}"


def _recorded_at(loads: Mapping[int, int]) -> str:
    """Bulk rows learn when they were recorded from the load that brought them.

    A CASE vanishes from queries that do not ask for it, which a join does not.
    """
    if not loads:
        return 't."recorded_at"'
    if len(loads) > MOST_CASES:
        return 'coalesce(t."recorded_at", l.instant) AS "recorded_at"'
    cases = " ".join(f"WHEN {load} THEN make_timestamptz({at})" for load, at in loads.items())
    return f'coalesce(t."recorded_at", CASE t."load_id" {cases} END) AS "recorded_at"'


def _loads_join(loads: Mapping[int, int]) -> str:
    if len(loads) <= MOST_CASES:
        return ""
    values = ", ".join(f"({load}, make_timestamptz({at}))" for load, at in loads.items())
    return f" LEFT JOIN (VALUES {values}) l(load_id, instant) ON t.load_id = l.load_id"


def _as_of_conditions(table: Table, as_of: AsOf) -> list[str]:
    known_at = None if table.name in LINEAGE else as_of.known_at
    asked = (("known_at", known_at), ("recorded_at", as_of.recorded_at))
    return [f'"{name}" <= {instant_literal(at)}' for name, at in asked if at is not None]


def instant_literal(at: datetime) -> str:
    """An instant as SQL writes it."""
    return f"TIMESTAMPTZ '{at.isoformat()}'"


def _subject_conditions(subjects: Sequence[int] | str | None) -> list[str]:
    if subjects is None:
        return []
    if isinstance(subjects, str):
        return [f'subject_id IN (SELECT subject_id FROM "{subjects}")']
    if not subjects:
        return ["false"]
    if len(subjects) == 1:
        return [f"subject_id = {int(subjects[0])}"]
    return [f"subject_id IN ({', '.join(str(int(one)) for one in subjects)})"]


def _retired_conditions(table: Table, retired: Retired) -> list[str]:
    conditions = []
    for scope, column in scopes_of(table).items():
        # A row without that id cannot be retired by it, and NOT IN would drop it.
        ids = retired.ids.get(scope, ())
        if ids:
            listed = ", ".join(str(int(one)) for one in ids)
            conditions.append(f"({column} IS NULL OR {column} NOT IN ({listed}))")
        relation = retired.relations.get(scope)
        if relation is not None:
            # A marked join costs a third of NOT EXISTS over a long list.
            conditions.append(
                f'coalesce({column} NOT IN (SELECT target_id FROM "{relation}"), true)'
            )
    return conditions
