"""Reading one published state, as of any instant, within policy."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from vitruvian.lake.errors import (
    Damaged,
    NoSubjectColumn,
    QueryFailed,
    StorageFailed,
)
from vitruvian.lake.scan import SHORT_LIST, AsOf, Parts, Retired, door_sql, scopes_of
from vitruvian.lake.store.catalogue import State, StoredFile
from vitruvian.lake.store.codec import instant, known_table
from vitruvian.lake.store.store import Store
from vitruvian.record import Table, table_named


@dataclass(frozen=True)
class SnapshotInfo:
    """The published state an answer stands on.

    `published_at` is the newest `recorded_at` in it: asking again with
    ``recorded_at=published_at`` gives the same answer for ever.
    """

    id: str
    published_at: datetime


class Reader:
    """One published state, read through one connection by one thread."""

    def __init__(
        self,
        store: Store,
        *,
        state: State,
        connection: duckdb.DuckDBPyConnection,
        as_of: AsOf,
        only: frozenset[int] | None = None,
    ) -> None:
        self.snapshot = SnapshotInfo(
            id=f"{state.snapshot_id}.{state.log_seq}", published_at=instant(state.recorded_us)
        )
        self.noted: set[int] = set()
        self.tables_read: set[str] = set()
        self._store = store
        self._state = state
        self._connection = connection
        self._as_of = as_of
        self._only = only
        self._names = itertools.count()
        self._loads: dict[int, int] | None = None
        self._retired_known: dict[tuple[int, ...] | None, Retired] = {}

    def rows(
        self,
        table: str,
        *,
        subjects: Sequence[int] | None = None,
        columns: Sequence[str] | None = None,
        where: str | None = None,
        params: Sequence[object] = (),
    ) -> pa.Table:
        """The rows that hold, `recorded_at` filled in.

        Parameters
        ----------
        table
            Name of the table.
        subjects
            Only these subjects, who are then noted in the audit; None means all.
        columns
            Names in the order wanted; None means all.
        where
            A condition in SQL over the table's columns; our own constants only.
        params
            Values for the question marks in `where`.
        """
        described = known_table(table)
        chosen = self._chosen(described, subjects)
        retired = self._retired(described, chosen)
        return self._select(described, chosen, retired, (columns, where, params))

    def history(
        self,
        table: str,
        *,
        subjects: Sequence[int] | None = None,
        columns: Sequence[str] | None = None,
        where: str | None = None,
        params: Sequence[object] = (),
    ) -> pa.Table:
        """Every version, also what no longer holds; parameters as in `rows`."""
        described = known_table(table)
        chosen = self._chosen(described, subjects)
        return self._select(described, chosen, None, (columns, where, params))

    def query(
        self,
        sql: str,
        *,
        tables: Sequence[str],
        params: Sequence[object] = (),
        subjects: Sequence[int] | None = None,
    ) -> pa.Table:
        """The answer of our own SQL over tables as the door shows them.

        Parameters
        ----------
        sql
            One SELECT in which the tables stand by their names.
        tables
            Which ones it names.
        params
            Values for its question marks.
        subjects
            Only these subjects, in every table that knows subjects; None means all.
        """
        for name in tables:
            described = known_table(name)
            has_subject = "subject_id" in described.column_names
            chosen = self._chosen(described, subjects if has_subject else None)
            door = self._door(described, chosen, self._retired(described, chosen), whole=True)
            self._execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {door}')
        return self._fetch(sql, params)

    def subjects_of(self, person_id: int) -> list[int]:
        """The subjects that are this person, as of the instants asked; ascending."""
        links = self._links(f"person_id = {int(person_id)} OR subject_id = {int(person_id)}")
        members = {subject for subject, person in links.items() if person == person_id}
        # A subject nobody linked is its own person.
        if links.get(person_id, person_id) == person_id:
            members.add(person_id)
        return sorted(members)

    def person_of(self, subject_id: int) -> int:
        """The person a subject is, as of the instants asked; itself when nobody linked it."""
        return self._links(f"subject_id = {int(subject_id)}").get(subject_id, subject_id)

    def persons(self) -> dict[int, int]:
        """The person of every subject that is linked to another one."""
        return self._links("true")

    def _links(self, where: str) -> dict[int, int]:
        columns = ("subject_id", "person_id", "linked", "recorded_at")
        table = table_named("person_link")
        found = self._select(table, None, None, (columns, where, ()))
        rows = sorted(found.to_pylist(), key=lambda row: row["recorded_at"])
        latest = {row["subject_id"]: row for row in rows}
        return {subject: row["person_id"] for subject, row in latest.items() if row["linked"]}

    def blob(self, sha256: str) -> bytes:
        """The bytes stored under that hash, checked against it."""
        return self._store.blobs.get(sha256)

    def note(self, patient: Sequence[int]) -> None:
        """Remember for the audit that rows of these subjects were shown."""
        self.noted.update(int(one) for one in patient)

    def _chosen(self, table: Table, subjects: Sequence[int] | None) -> tuple[int, ...] | None:
        """The subjects to read: those asked for, within those policy lets through."""
        if "subject_id" not in table.column_names:
            if subjects is not None:
                raise NoSubjectColumn(table=table.name)
            return None
        if subjects is not None:
            wanted = {int(one) for one in subjects}
            wanted = wanted if self._only is None else wanted & self._only
            self.noted.update(wanted)
            return tuple(sorted(wanted))
        self.tables_read.add(table.name)
        return None if self._only is None else tuple(sorted(self._only))

    def _retired(self, table: Table, chosen: tuple[int, ...] | None) -> Retired | None:
        if not scopes_of(table):
            return None
        if chosen not in self._retired_known:
            self._retired_known[chosen] = self._read_retired(chosen)
        return self._retired_known[chosen]

    def _read_retired(self, chosen: tuple[int, ...] | None) -> Retired:
        table = table_named("retirement")
        where = None
        if chosen is not None and len(chosen) <= SHORT_LIST:
            # What retires a whole derivation, or a resource about nobody, names no subject.
            named = ", ".join(str(one) for one in chosen) or "NULL"
            where = f"subject_id IN ({named}) OR subject_id IS NULL"
        keys = chosen if where is not None else None
        found = self._select(table, None, None, (("scope", "target_id"), where, ()), prune=keys)
        ids: dict[str, list[int]] = {}
        for scope, target in zip(*found.to_pydict().values(), strict=True):
            ids.setdefault(scope, []).append(target)
        short = {scope: found for scope, found in ids.items() if len(found) <= SHORT_LIST}
        long = {
            scope: self._register(pa.table({"target_id": pa.array(found, pa.int64())}))
            for scope, found in ids.items()
            if scope not in short
        }
        return Retired(ids=short, relations=long)

    def _select(
        self,
        table: Table,
        chosen: tuple[int, ...] | None,
        retired: Retired | None,
        asked: tuple[Sequence[str] | None, str | None, Sequence[object]],
        *,
        prune: tuple[int, ...] | None = None,
    ) -> pa.Table:
        columns, where, params = asked
        names = tuple(columns) if columns is not None else table.column_names
        schema = pa.schema([table.schema.field(name) for name in names])
        door = self._door(table, chosen, retired, prune=prune)
        if not door:
            return schema.empty_table()
        listed = ", ".join(f'"{name}"' for name in names)
        condition = f" WHERE {where}" if where else ""
        return self._fetch(f"SELECT {listed} FROM ({door}){condition}", params).cast(schema)

    def _door(
        self,
        table: Table,
        chosen: tuple[int, ...] | None,
        retired: Retired | None,
        *,
        prune: tuple[int, ...] | None = None,
        whole: bool = False,
    ) -> str:
        """SQL of one table; empty when it holds nothing and `whole` does not ask for it anyway."""
        keys = chosen if chosen is not None else prune
        files = self._files(table, keys, nulls=prune is not None)
        hot = self._hot(table, chosen, whole=whole and not files)
        if not files and hot is None:
            return ""
        wanted: Sequence[int] | str | None = chosen
        if chosen is not None and len(chosen) > SHORT_LIST:
            wanted = self._register(pa.table({"subject_id": pa.array(chosen, pa.int64())}))
        parts = Parts(
            files=[str(self._store.root / one.path) for one in files],
            loads=self._loads_in(files),
            hot=hot,
            subjects=wanted,
        )
        return door_sql(table, parts=parts, as_of=self._as_of, retired=retired)

    def _files(
        self, table: Table, keys: tuple[int, ...] | None, *, nulls: bool
    ) -> list[StoredFile]:
        files = self._store.catalogue.files(table.name, snapshot_id=self._state.snapshot_id)
        if keys is None or table.cluster_by[0] != "subject_id":
            return files
        return [one for one in files if one.may_hold(keys) or (nulls and one.has_null)]

    def _hot(self, table: Table, chosen: tuple[int, ...] | None, *, whole: bool) -> str | None:
        few = chosen if chosen is not None and len(chosen) <= SHORT_LIST else None
        rows = self._store.log.rows(table.name, state=self._state, subjects=few)
        if rows is None and whole:
            rows = table.schema.empty_table()
        return None if rows is None else self._register(rows)

    def _loads_in(self, files: Sequence[StoredFile]) -> dict[int, int]:
        named = {one.load_id for one in files if one.load_id is not None}
        if not named:
            return {}
        if self._loads is None:
            self._loads = self._store.catalogue.loads()
        return {load: self._loads[load] for load in sorted(named)}

    def _register(self, rows: pa.Table) -> str:
        name = f"door_{next(self._names)}"
        self._connection.register(name, rows)
        return name

    def _execute(self, sql: str) -> None:
        with engine_errors():
            self._connection.execute(sql)

    def _fetch(self, sql: str, params: Sequence[object]) -> pa.Table:
        with engine_errors():
            return self._connection.execute(sql, list(params)).to_arrow_table()


@contextmanager
def engine_errors() -> Iterator[None]:
    """Failures of the engine in the words of the house, without values of patients."""
    try:
        yield
    except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException) as error:
        # These speak of names in our own SQL, never of what is stored.
        raise QueryFailed(why=str(error)) from error
    except duckdb.OutOfMemoryException:
        why = "the engine ran out of its memory limit"
        raise StorageFailed(doing="a query", why=why) from None
    except duckdb.Error as error:
        if isinstance(error, duckdb.IOException) or ".parquet" in str(error):
            raise Damaged(what="a table file is missing or not readable") from None
        raise QueryFailed(why=type(error).__name__) from None
