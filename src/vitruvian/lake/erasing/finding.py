"""Which rows and blobs go with a person, and which stay because somebody else stands on them.

Rows of a table with subjects go by their subject. What has none goes when only rows that go stand
on it: a header of a genome file, a source, the variants of a file about this person alone.
A sheet that says which recording is whose loses the lines that hold one of their identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any  # pyarrow ships no types

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vitruvian.lake.errors import Damaged
from vitruvian.lake.store.catalogue import StoredFile
from vitruvian.lake.store.store import Store
from vitruvian.record import TABLES, Table

ADDRESS = re.compile(rb"[0-9a-f]{64}")
REFERENCE = re.compile(rb'"([A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64})["/]')
SEPARATOR = re.compile(rb"[,;\t]")
BY_SOURCE = ("source", "variant")
ABOUT_NO_PATIENT = (
    *BY_SOURCE, "derivation", "reading", "terminology", "concept", "concept_parent",
)  # fmt: skip
HASHES = ("content_hash", "blob_sha256", "file_sha256")
IDS = ("version_id", "event_id")
# A pair of look-alikes is about both: it goes with either of them.
WHOSE = ("subject_id", "other_id", "version_id", "target_id")


@dataclass
class Doomed:
    """What goes.

    Attributes
    ----------
    subjects
        Whose rows; nobody's when only one kind of data goes.
    versions
        Record versions that go when only one kind of data goes; None when a person does.
    records
        Further versions of which the bytes alone go, because they hold those above.
    targets
        Everything among these that a retirement may be about.
    ids
        Record versions and events among them.
    sources
        Files and messages they came in; in the end only those that nobody else came in.
    blobs
        Bytes they name; in the end only those that nobody else names.
    keys
        How references call their records: Patient/17.
    alone
        Record versions about nobody that only they stand on, or that name only them.
    identifiers
        As their sources sent them.
    mended
        Sheets about several patients, by record version, without the lines about them.
    lines
        How many lines that are.
    named
        Records about nobody that name them and others: they stay.
    """

    subjects: frozenset[int]
    versions: Any = None  # arrays of Arrow
    records: Any = None
    targets: Any = None
    ids: set[int] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    blobs: set[str] = field(default_factory=set)
    keys: set[bytes] = field(default_factory=set)
    alone: set[int] = field(default_factory=set)
    identifiers: set[bytes] = field(default_factory=set)
    mended: dict[int, bytes] = field(default_factory=dict)
    lines: int = 0
    named: int = 0


def doomed(store: Store, subjects: frozenset[int]) -> Doomed:
    """What goes with some subjects, in the state published now."""
    found = Doomed(subjects)
    for table in with_subjects():
        for rows in _rows_of(store, table, found, telling(table)):
            note_rows(found, rows.filter(gone_of(rows, table, found)))
    _look_among_records_about_nobody(store, found)
    if found.ids or found.sources or found.blobs:
        spare_what_others_need(store, found)
    return found


def with_subjects() -> list[Table]:
    """Tables whose rows are about a subject, or about nobody."""
    return [table for table in TABLES.values() if "subject_id" in table.column_names]


def files_of(store: Store, table: Table) -> list[StoredFile]:
    """The data files of a table, as published now."""
    snapshot = store.catalogue.state().snapshot_id
    return store.catalogue.files(table.name, snapshot_id=snapshot)


def may_hold(one: StoredFile, table: Table, found: Doomed) -> bool:
    """Whether a file can hold a row that goes."""
    if found.versions is not None:
        known = table.name in (*BY_SOURCE, "retirement")
        return known or {"subject_id", "version_id"} <= set(table.column_names)
    if table.cluster_by[0] != "subject_id" or "other_id" in table.column_names:
        return True
    others = found.alone or found.mended or table.name == "retirement"
    nobody = one.has_null and bool(others)
    return nobody or one.may_hold(sorted(found.subjects))


def gone_of(rows: pa.Table, table: Table, found: Doomed) -> Any:
    """Which of some rows go, as a mask."""
    if table.name in BY_SOURCE:
        return _among(rows.column("source_id"), found.sources)
    if "subject_id" not in table.column_names:
        return pa.array([False] * rows.num_rows)
    if found.versions is not None:
        return _gone_by_version(rows, table, found)
    subject = rows.column("subject_id")
    gone = _among(subject, found.subjects)
    if "other_id" in table.column_names:
        gone = pc.or_(gone, _among(rows.column("other_id"), found.subjects))
    nobody = pc.is_null(subject)
    if "version_id" in table.column_names:
        gone = pc.or_(gone, pc.and_(nobody, _among(rows.column("version_id"), found.alone)))
    if table.name == "retirement":
        ids = found.ids | found.alone
        gone = pc.or_(gone, pc.and_(nobody, _among(rows.column("target_id"), ids)))
    return gone


def _gone_by_version(rows: pa.Table, table: Table, found: Doomed) -> Any:
    """Rows of the records that go, and what was said to retire any of them."""
    if table.name == "retirement" and found.targets is not None:
        return pc.is_in(rows.column("target_id"), found.targets)
    if "version_id" not in table.column_names:
        return pa.array([False] * rows.num_rows)
    gone = pc.is_in(rows.column("version_id"), found.versions)
    if table.name in ("resource", "resource_key"):
        gone = pc.or_(gone, pc.is_in(rows.column("version_id"), found.records))
    return gone


def row_groups(
    store: Store, one: StoredFile, columns: Sequence[str] | None = None
) -> Iterator[pa.Table]:
    """The rows of one file, row group by row group."""
    try:
        with pq.ParquetFile(store.root / one.path) as parquet:
            for group in range(parquet.num_row_groups):
                wanted = None if columns is None else list(columns)
                yield parquet.read_row_group(group, columns=wanted, use_threads=False)
    except (OSError, pa.ArrowException):
        raise Damaged(what=f"a file of table {one.table} is not readable") from None


def _rows_of(
    store: Store, table: Table, found: Doomed, columns: Sequence[str]
) -> Iterator[pa.Table]:
    for one in files_of(store, table):
        if may_hold(one, table, found):
            yield from row_groups(store, one, columns)


def telling(table: Table) -> list[str]:
    """Columns that tell whose a row is and what it stands on."""
    wanted = (*WHOSE, "source_id", "event_id", *HASHES, "bytes", "key", "identifiers")
    return [name for name in table.column_names if name in wanted]


def _among(values: Any, wanted: frozenset[int] | set[int] | set[str]) -> Any:
    return pc.fill_null(pc.is_in(values, pa.array(sorted(wanted), values.type)), fill_value=False)


def note_rows(found: Doomed, rows: pa.Table) -> None:
    """Remember what some rows that go are called, and what they stand on."""
    for name in IDS:
        if name in rows.column_names:
            found.ids.update(rows.column(name).drop_null().to_pylist())
    found.sources.update(rows.column("source_id").to_pylist())
    found.blobs.update(_addresses(rows))
    if "identifiers" in rows.column_names:
        for each in rows.column("identifiers").drop_null().to_pylist():
            found.identifiers.update(one["value"].encode() for one in each if one["value"])
    if "key" in rows.column_names:
        found.keys.update(key.encode() for key in rows.column("key").to_pylist())


def _addresses(rows: pa.Table) -> set[str]:
    """Everything in some rows that could be the address of a blob."""
    said: set[str] = set()
    for name in HASHES:
        if name in rows.column_names:
            said.update(rows.column(name).drop_null().to_pylist())
    if "bytes" in rows.column_names:
        for body in rows.column("bytes").to_pylist():
            said.update(each.decode() for each in ADDRESS.findall(body))
    return said


def _look_among_records_about_nobody(store: Store, found: Doomed) -> None:
    """Take records about nobody that name this person alone; count those that name others too."""
    table = TABLES["resource"]
    for one in files_of(store, table):
        if not one.has_null:
            continue
        for rows in row_groups(store, one, ("subject_id", "version_id", "source_id", "bytes")):
            nobody = rows.filter(pc.is_null(rows.column("subject_id")))
            for row in nobody.to_pylist():
                _weigh(found, row)


def _weigh(found: Doomed, row: dict[str, Any]) -> None:
    named = set(REFERENCE.findall(row["bytes"]))
    if row["version_id"] in found.ids:
        found.alone.add(row["version_id"])  # a header that their rows stand on
    elif named & found.keys:
        others = {each for each in named - found.keys if each.startswith(b"Patient/")}
        if others:
            found.named += 1
        else:
            found.alone.add(row["version_id"])
            found.sources.add(row["source_id"])
    else:
        _mend(found, row)


def _mend(found: Doomed, row: dict[str, Any]) -> None:
    """Take the lines about them out of a sheet whose first line says that it is of patients."""
    head, *lines = row["bytes"].splitlines(keepends=True) or [b""]
    if b"patient" not in head.lower() or head.lstrip().startswith((b"{", b"[")):
        return
    kept = [line for line in lines if not found.identifiers & _cells(line)]
    if len(kept) < len(lines):
        found.mended[row["version_id"]] = b"".join((head, *kept))
        found.lines += len(lines) - len(kept)


def _cells(line: bytes) -> set[bytes]:
    """The cells of one line of a sheet, without quotes and space."""
    return {cell.strip().strip(b'"').strip() for cell in SEPARATOR.split(line)}


def mended(rows: pa.Table, table: Table, found: Doomed) -> pa.Table:
    """Some rows, with sheets as they read without the lines that go."""
    if table.name != "resource" or not found.mended:
        return rows
    place = table.column_names.index("bytes")
    pairs = zip(
        rows.column("version_id").to_pylist(), rows.column("bytes").to_pylist(), strict=True
    )
    bodies = [found.mended.get(version, body) for version, body in pairs]
    kind = rows.schema.field("bytes")
    return rows.set_column(place, kind, pa.array(bodies, kind.type))


def spare_what_others_need(store: Store, found: Doomed) -> None:
    """Take back headers, sources and blobs that rows which stay need, too."""
    known = store.catalogue.database.rows("SELECT sha256 FROM blob")
    found.blobs &= {str(sha256) for (sha256,) in known}
    if found.alone:
        # Headers first: one that stays keeps its source and its blob.
        needed: set[int] = set()
        for table in with_subjects():
            if "version_id" in table.column_names:
                for rows in _staying(store, table, found, ("subject_id", "version_id")):
                    whose = rows.filter(pc.is_valid(rows.column("subject_id")))
                    needed.update(whose.column("version_id").drop_null().unique().to_pylist())
        found.alone -= needed
    for table in TABLES.values():
        if table.name not in ABOUT_NO_PATIENT:
            for rows in _staying(store, table, found, _naming(table, found)):
                found.sources.difference_update(rows.column("source_id").unique().to_pylist())
                found.blobs -= _addresses(rows) if found.blobs else set()


def _naming(table: Table, found: Doomed) -> list[str]:
    """Columns that tell which sources and blobs a row needs."""
    spared = ("key", "identifiers", *(() if found.blobs else ("bytes", *HASHES)))
    return [name for name in telling(table) if name not in spared]


def _staying(
    store: Store, table: Table, found: Doomed, columns: Sequence[str]
) -> Iterator[pa.Table]:
    for one in files_of(store, table):
        wanted = [name for name in telling(table) if name in {*columns, *WHOSE}]
        for rows in row_groups(store, one, wanted):
            yield rows.filter(pc.invert(gone_of(rows, table, found)))
