"""One published state, table by table, as the door shows it: through Arrow or through DuckDB.

A few subjects, or other keys, are read straight from their row groups; populations go through SQL.
Both ways give the same rows: as of the instants asked, without what was retired, `recorded_at`
filled in.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.lake.engines.arrow import (
    Key,
    KeyReader,
    Sought,
    drop_retired,
    fill_recorded_at,
    keep_as_of,
    together,
)
from vitruvian.lake.engines.duckdb import stoppable
from vitruvian.lake.engines.open_ends import helper_columns, with_open_ends
from vitruvian.lake.engines.scan import (
    LINEAGE,
    SHORT_LIST,
    AsOf,
    Parts,
    Pinned,
    Retired,
    door_sql,
    scopes_of,
)
from vitruvian.lake.engines.veil import OPEN, Veil, veiled, veiled_sql, within
from vitruvian.lake.errors import (
    Damaged,
    NotDrained,
    NotWhole,
    QueryFailed,
    StorageFailed,
    TimeIsUp,
)
from vitruvian.lake.store.catalogue import State, StoredFile
from vitruvian.lake.store.codec import schema_of
from vitruvian.lake.store.store import Store
from vitruvian.record import Table, table_named
from vitruvian.trust.reach import EVERYBODY

# So many subjects are read by Arrow: with every column, and where the columns are named.
FEW_SUBJECTS = 32
FEW_FOR_COLUMNS = 256
FEW_KEYS = 64
# Row groups with more bytes than this are not unpacked side by side in memory, where rows are
# copied several times: the engine reads them within its own limit, and takes what is asked for.
MOST_NEAR = 64 << 20
Subjects = tuple[int, ...] | None


@dataclass(frozen=True)
class Wish:
    """What is wanted of one table.

    Parameters
    ----------
    columns
        Names in order.
    where
        A condition in SQL of our own; None means all rows.
    params
        Values for its question marks.
    retire
        Whether to leave out what no longer holds.
    """

    columns: Sequence[str]
    where: str | None = None
    params: Sequence[object] = ()
    retire: bool = True


@dataclass(frozen=True)
class Engines:
    """What reads the files: Arrow for few subjects, DuckDB for the rest."""

    near: KeyReader
    connection: duckdb.DuckDBPyConnection


@dataclass
class Doorway:
    """One published state as of the instants asked; used by one thread."""

    store: Store
    state: State
    engines: Engines
    as_of: AsOf
    veil: Veil = OPEN
    _names: Iterator[int] = field(default_factory=itertools.count)
    _retired: dict[Subjects, Retired] = field(default_factory=dict)

    def select(self, table: Table, *, subjects: Subjects, wish: Wish) -> pa.Table:
        """The rows of one table, with the columns and types of its description."""
        schema = schema_of(table, wish.columns)
        most = FEW_SUBJECTS if wish.where else FEW_FOR_COLUMNS
        if self.is_near(table, subjects, most=most):
            near = self._near(table, subjects or (), wish)
            if wish.where is None:
                return near.select(wish.columns)
            source = f'SELECT * FROM "{self.register(near)}"'
        else:
            source = self._sql(table, subjects, retire=wish.retire)
        if not source:
            return schema.empty_table()
        listed = ", ".join(f'"{name}"' for name in wish.columns)
        condition = f" WHERE {wish.where}" if wish.where else ""
        return self.fetch(f"SELECT {listed} FROM ({source}){condition}", wish.params).cast(schema)

    def look_up(
        self, table: Table, *, keys: Sequence[Key], allowed: Subjects, wish: Wish
    ) -> pa.Table:
        """Rows of some keys of the column that a table is clustered by.

        Parameters
        ----------
        table
            Any table.
        keys
            Values of its first clustering column.
        allowed
            The only subjects that policy lets through; None means all.
        wish
            What is wanted, without a condition.
        """
        sought = Sought(table.cluster_by[0], tuple(sorted(set(keys))))
        if len(sought.keys) > FEW_KEYS:
            marks = ", ".join("?" * len(sought.keys))
            asked = replace(wish, where=f'"{sought.by}" IN ({marks})', params=sought.keys)
            return self.select(table, subjects=allowed, wish=asked)
        helpers = ("known_at", "recorded_at", *helper_columns(table), *self.veil.helpers(table))
        names = [*wish.columns, sought.by, *helpers, *scopes_of(table).values()]
        names += ["subject_id"] if "subject_id" in table.column_names else []
        found = self._sought_rows(table, sought, names=list(dict.fromkeys(names)))
        if allowed is not None and "subject_id" in found.column_names:
            within = pc.is_in(found.column("subject_id"), pa.array(allowed, pa.int64()))
            found = found.filter(within)
        return self._shown(found, table, retire=wish.retire).select(wish.columns)

    def _sought_rows(self, table: Table, sought: Sought, *, names: list[str]) -> pa.Table:
        schema = schema_of(table, names)
        parts = list[pa.Table]()
        for one in self._files(table, None, nulls=False):
            numbers = [key for key in sought.keys if isinstance(key, int)]
            if one.low is not None and not one.may_hold(numbers):
                continue  # only numbers have bounds in the catalogue
            path = self.store.root / one.path
            found = self.engines.near.rows(path, sought=sought, columns=names)
            instant = self.instants([one]).get(one.load_id or 0)
            parts.append(fill_recorded_at(found, load_instant_us=instant))
        hot = self.store.log.rows(table.name, state=self.state, keys=(sought.by, sought.keys))
        if hot is not None:
            parts.append(hot.select(names))
        return together(parts, schema=schema)

    def _shown(self, rows: pa.Table, table: Table, *, retire: bool) -> pa.Table:
        """Rows as of the instants asked, without what was retired."""
        rows = self._kept_as_of(rows, table)
        rows = veiled(within(rows, table=table, veil=self.veil), table=table, veil=self.veil)
        if retire and scopes_of(table) and rows.num_rows:
            whose = rows.column("subject_id").unique().drop_null().to_pylist()
            retired = self.retired(tuple(sorted(whose)))
            rows = self._unretired(rows, table, retired)
        return with_open_ends(rows, table=table.name, known_at=self.as_of.known_at)

    def _unretired(self, rows: pa.Table, table: Table, retired: Retired) -> pa.Table:
        for scope, column in scopes_of(table).items():
            ids = list(retired.ids.get(scope, ()))
            if scope in retired.relations:
                sql = f'SELECT target_id FROM "{retired.relations[scope]}"'
                ids += self.fetch(sql, []).column(0).to_pylist()
            rows = drop_retired(rows, column=column, ids=ids) if ids else rows
        return rows

    def show_as_view(self, table: Table, *, subjects: Subjects) -> None:
        """Let SQL on this connection see the table under its own name."""
        if self.is_near(table, subjects, most=FEW_SUBJECTS):
            rows = self._near(table, subjects or (), Wish(columns=table.column_names))
            source = f'SELECT * FROM "{self.register(rows)}"'
        else:
            source = self._sql(table, subjects, retire=True)
        if not source:
            source = f'SELECT * FROM "{self.register(schema_of(table).empty_table())}"'
        with engine_errors():
            self.engines.connection.execute(
                f'CREATE OR REPLACE TEMP VIEW "{table.name}" AS {source}'
            )

    def pinned(self, table: Table, *, subjects: Subjects) -> Pinned:
        """One table as files, for an engine that reads files only.

        Raises
        ------
        NotDrained
            When rows of it are still in the hot log.
        """
        if self.store.log.rows(table.name, state=self.state, subjects=None) is not None:
            raise NotDrained(table=table.name)
        if not self.veil.lets_whole(table):
            raise NotWhole(table=table.name)
        files = self._files(table, subjects, nulls=False)
        return Pinned(
            table=table,
            files=tuple(self.store.root / one.path for one in files),
            loads=self.instants(files),
            retired=self._retired_ids() if scopes_of(table) else {},
            as_of=self.as_of,
            subjects=subjects,
        )

    def _retired_ids(self) -> Mapping[str, pa.Table]:
        retired = self.retired(None)
        found = {
            scope: pa.table({"target_id": pa.array(ids, pa.int64())})
            for scope, ids in retired.ids.items()
            if ids
        }
        for scope, relation in retired.relations.items():
            found[scope] = self.fetch(f'SELECT target_id FROM "{relation}"', [])
        return found

    def fetch(self, sql: str, params: Sequence[object]) -> pa.Table:
        """The answer of one SELECT."""
        with engine_errors(), stoppable(self.engines.connection):
            return self.engines.connection.execute(sql, list(params)).to_arrow_table()

    def register(self, rows: pa.Table) -> str:
        """Let SQL on this connection see rows; the name it sees them under."""
        name = f"door_{next(self._names)}"
        self.engines.connection.register(name, rows)
        return name

    # ------------------------------------------------------------ a few subjects, by Arrow

    def is_near(self, table: Table, subjects: Subjects, *, most: int = FEW_SUBJECTS) -> bool:
        """Whether Arrow reads the rows of these subjects: they are few, and so are their bytes."""
        if not _few(table, subjects, most=most):
            return False
        sought = Sought("subject_id", subjects or ())
        files = self._files(table, subjects, nulls=False)
        near, root = self.engines.near, self.store.root
        weight = sum(near.weight(root / one.path, sought=sought) for one in files)
        return weight <= MOST_NEAR

    def _near(self, table: Table, subjects: tuple[int, ...], wish: Wish) -> pa.Table:
        """Rows of a few subjects, with at least the columns wished for."""
        scopes = scopes_of(table) if wish.retire else {}
        conditions = () if wish.where is None else table.column_names
        helpers = ("subject_id", "known_at", "recorded_at", *scopes.values())
        helpers += (*helper_columns(table), *self.veil.helpers(table))
        names = list(dict.fromkeys((*wish.columns, *conditions, *helpers)))
        schema = schema_of(table, names)
        # Whose rows come is known here: it is asked of each subject, not of each row.
        whose = tuple(filter(self.veil.of(table).lets, subjects))
        rows = self._near_rows(table, whose, names=names, nulls=False)
        found = self._kept_as_of(together(rows, schema=schema), table)
        if scopes:
            found = self._unretired(found, table, self.retired(subjects))
        found = veiled(found, table=table, veil=self.veil)
        return with_open_ends(found, table=table.name, known_at=self.as_of.known_at)

    def _near_rows(
        self, table: Table, subjects: tuple[int, ...], *, names: list[str], nulls: bool
    ) -> Iterator[pa.Table]:
        """Rows of those subjects, and of nobody when `nulls` asks for them, file by file."""
        sought = Sought("subject_id", subjects)
        for one in self._files(table, subjects, nulls=nulls):
            path = self.store.root / one.path
            instant = self.instants([one]).get(one.load_id or 0)
            if one.may_hold(subjects):
                found = self.engines.near.rows(path, sought=sought, columns=names)
                yield fill_recorded_at(found, load_instant_us=instant)
            if nulls and one.has_null:
                found = self.engines.near.rows_of_nobody(path, columns=names)
                yield fill_recorded_at(found, load_instant_us=instant)
        hot = self.store.log.rows(table.name, state=self.state, subjects=subjects, or_null=nulls)
        if hot is not None:
            yield hot.select(names)

    def _kept_as_of(self, rows: pa.Table, table: Table) -> pa.Table:
        if self.as_of.known_at is not None and table.name not in LINEAGE:
            rows = keep_as_of(rows, column="known_at", at=self.as_of.known_at)
        if self.as_of.recorded_at is not None:
            rows = keep_as_of(rows, column="recorded_at", at=self.as_of.recorded_at)
        return rows

    # ------------------------------------------------------------ what no longer holds

    def retired(self, subjects: Subjects) -> Retired:
        """Ids that no longer hold for these subjects, or for all."""
        if subjects not in self._retired:
            few = subjects is not None and len(subjects) <= FEW_FOR_COLUMNS
            self._retired[subjects] = self._read_retired(subjects if few else None)
        return self._retired[subjects]

    def _read_retired(self, subjects: Subjects) -> Retired:
        table = table_named("retirement")
        if subjects is None:
            wish = Wish(columns=("scope", "target_id"), retire=False)
            found = self.select(table, subjects=None, wish=wish)
        else:
            found = self.retirements(subjects)
        return self._by_scope(found, inline=subjects is not None)

    def retirements(self, subjects: tuple[int, ...]) -> pa.Table:
        """What may retire rows of a few subjects, with the instants of each."""
        table = table_named("retirement")
        # What retires a derivation, or a resource about nobody, names no subject.
        names = ["scope", "target_id", "subject_id", "known_at", "recorded_at"]
        schema = schema_of(table, names)
        rows = self._near_rows(table, subjects, names=names, nulls=True)
        return self._kept_as_of(together(rows, schema=schema), table)

    def _by_scope(self, found: pa.Table, *, inline: bool) -> Retired:
        ids: dict[str, list[int]] = {}
        relations: dict[str, str] = {}
        for scope in ("event", "version", "derivation"):
            targets = found.filter(pc.equal(found.column("scope"), scope)).select(["target_id"])
            if inline or targets.num_rows <= SHORT_LIST:
                ids[scope] = targets.column("target_id").to_pylist()
            else:
                relations[scope] = self.register(targets)
        return Retired(ids=ids, relations=relations)

    # ------------------------------------------------------------ populations, by DuckDB

    def _sql(self, table: Table, subjects: Subjects, *, retire: bool) -> str:
        """SQL of one table; empty when nothing can be in it."""
        files = self._files(table, subjects, nulls=False)
        few = subjects if subjects is not None and len(subjects) <= SHORT_LIST else None
        hot = self.store.log.rows(table.name, state=self.state, subjects=few)
        if not files and hot is None:
            return ""
        wanted: Sequence[int] | str | None = subjects
        if subjects is not None and len(subjects) > SHORT_LIST:
            wanted = self.register(pa.table({"subject_id": pa.array(subjects, pa.int64())}))
        parts = Parts(
            files=[str(self.store.root / one.path) for one in files],
            loads=self.instants(files),
            hot=None if hot is None else self.register(hot),
            subjects=wanted,
        )
        retired = self.retired(subjects) if retire and scopes_of(table) else None
        sql = door_sql(table, parts=parts, as_of=self.as_of, retired=retired)
        # Subjects asked for by name were held against policy before.
        lets = EVERYBODY if subjects is not None else self.veil.of(table)
        return veiled_sql(sql, table=table, veil=self.veil, lets=lets, register=self.register)

    def _files(self, table: Table, subjects: Subjects, *, nulls: bool) -> list[StoredFile]:
        files = self.files(table.name)
        if subjects is None or table.cluster_by[0] != "subject_id":
            return list(files)
        return [one for one in files if one.may_hold(subjects) or (nulls and one.has_null)]

    def files(self, table: str) -> tuple[StoredFile, ...]:
        """The files of a table in the state that is read."""
        return self.engines.near.listings.files(self.store.catalogue, table, state=self.state)

    def instants(self, files: Sequence[StoredFile]) -> Mapping[int, int]:
        """When the loads in these files were published."""
        named = {one.load_id for one in files if one.load_id is not None}
        return self.engines.near.listings.loads(self.store.catalogue, named) if named else {}


def _few(table: Table, subjects: Subjects, *, most: int) -> bool:
    clustered = table.cluster_by[0] == "subject_id"
    return clustered and subjects is not None and len(subjects) <= most


@contextmanager
def engine_errors() -> Iterator[None]:
    """Failures of the engine in the words of the house, without values of patients."""
    try:
        yield
    except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException) as error:
        # These speak of names in our own SQL, never of what is stored.
        raise QueryFailed(why=str(error)) from error
    except duckdb.InterruptException:
        raise TimeIsUp from None
    except duckdb.OutOfMemoryException:
        why = "the engine ran out of its memory limit"
        raise StorageFailed(doing="a query", why=why) from None
    except duckdb.Error as error:
        if isinstance(error, duckdb.IOException) or ".parquet" in str(error):
            raise Damaged(what="a table file is missing or not readable") from None
        raise QueryFailed(why=type(error).__name__) from None
