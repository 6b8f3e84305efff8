"""Records as they come: looked at in batches, keys into the stage, texts into the spool."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.ingest.engine.adapter import Source
from vitruvian.ingest.library.fhir.beside import Beside
from vitruvian.ingest.library.fhir.mapping import identifier_types
from vitruvian.ingest.library.fhir.reading.shapes import BUNCHES, bunches_of, reject_by_type
from vitruvian.ingest.library.fhir.records import references, staging
from vitruvian.ingest.library.fhir.records.spool import TEXTS, Spool, cuts
from vitruvian.ingest.library.fhir.timeline.raw import TEXT
from vitruvian.ingest.report import Problem, Problems

BATCH_BYTES = 16 << 20
# The engine works on the batches of a table in parallel.
_PART_RECORDS = 2_048
# What it makes of long texts takes many times their room.
_PART_BYTES = 2 << 20
_BATCH = "fhir_batch"
_PART = "fhir_batch_of_type"
MEDICINE = "fhir_medicine_text"


@dataclass
class Intake:
    """The first half of a load: from batches of records to keys and texts."""

    connection: Any
    site: str
    spool: Spool
    beside: Beside
    _waiting: list[pa.Table] = field(default_factory=list)
    _bytes: int = 0
    _next: int = 0
    _problems: dict[int, Problems] = field(default_factory=dict)
    _found: list[tuple[int, Problem]] = field(default_factory=list)

    @staticmethod
    def begin(connection: Any, *, site: str) -> Intake:
        """With an empty stage, spooling where the engine does."""
        _create_tables(connection)
        (folder,) = connection.execute("SELECT current_setting('temp_directory')").fetchone()
        return Intake(connection, site, Spool(Path(folder)), Beside(connection))

    def take(self, source: Source, batch: pa.RecordBatch, problems: Problems) -> None:
        """Take records in; they are looked at once there are enough of them."""
        table = _as_text(batch, problems)
        count = table.num_rows
        self._problems[source.number] = problems
        marks = {
            "seq": pa.array(range(self._next, self._next + count), pa.int64()),
            "source_no": pa.repeat(pa.scalar(source.number, pa.int32()), count),
            "source_id": pa.repeat(source.source_id, count),
        }
        for name, values in marks.items():
            table = table.append_column(name, values)
        self._next += count
        self._waiting.append(table)
        self._bytes += table.nbytes
        if self._bytes >= BATCH_BYTES:
            self.flush()

    def drop(self, source: Source) -> None:
        """Forget every record of a source that turned out broken."""
        self.flush()
        self._wait()
        self.connection.execute(f"DELETE FROM {staging.STAGE} WHERE source_no = ?", [source.number])

    def end(self) -> None:
        """Look at the rest; nothing more comes."""
        self.flush()
        self._wait()
        self.beside.close()

    def close(self) -> None:
        """Leave the engine, and forget the texts; also where the load is given up midway."""
        self.beside.close()
        self.spool.close()

    def flush(self) -> None:
        """Read keys of what waits, and look at the shapes of it while more is taken in."""
        if not self._waiting:
            return
        whole = pa.concat_tables(self._waiting).combine_chunks()
        self._waiting, self._bytes = [], 0
        if not whole.num_rows:
            return
        self._stage(whole)
        self._wait()
        self.beside.start(partial(self._look_at, whole=whole))

    def _wait(self) -> None:
        """Until the batch before is looked at; what was found is told here, in order."""
        self.beside.wait()
        for number, problem in self._found:
            self._problems[number].add(problem)
        self._found.clear()

    def _look_at(self, connection: Any, whole: pa.Table) -> None:
        self._refuse_suspects(connection, whole)
        for name, rows in _by_type(connection, whole):
            self._take_type(connection, name, rows)

    def _tell(self, number: int, problem: Problem) -> None:
        self._found.append((number, problem))

    def _stage(self, whole: pa.Table) -> None:
        parts = [(whole, staging.stage_sql)]
        gone = _says_deleted(whole)
        if pc.any(gone).as_py():
            here = pc.invert(gone)
            parts = [
                (whole.filter(gone), staging.stage_deleted_sql),
                (whole.filter(here), staging.stage_sql),
            ]
        for rows, sql in parts:
            if rows.num_rows:
                _show(self.connection, _BATCH, rows)
                self.connection.execute(sql(_BATCH, site=self.site))
                self.connection.unregister(_BATCH)

    def _refuse_suspects(self, connection: Any, whole: pa.Table) -> None:
        """Take off the stage what is no JSON or has no type; each is looked at and told."""
        found = connection.execute(
            f"SELECT seq, source_no, record, resource_type IS NULL FROM {staging.STAGE} "
            f"WHERE {_THOSE} AND suspect",
            _ends(whole),
        ).fetchall()
        first = whole["seq"][0].as_py()
        bad = []
        for seq, number, record, unread in found:
            fault = _fault_of(whole["resource"][seq - first].as_py())
            fault = fault or (_UNREAD if unread else None)
            if fault is not None:
                problem = Problem(record, fault[0], fault[1], fault[2], rejects=True)
                self._tell(number, problem)
                bad.append(seq)
        if bad:
            connection.execute(
                f"DELETE FROM {staging.STAGE} WHERE seq IN (SELECT unnest(?::BIGINT[]))", [bad]
            )

    def _take_type(self, connection: Any, name: str, rows: pa.Table) -> None:
        _show(connection, _PART, rows)
        connection.register(BUNCHES, bunches_of(rows))
        if reject_by_type(connection, name, _PART, self._tell):
            if name in identifier_types():
                connection.execute(references.take_identifiers_sql(_PART))
            if name == "Medication":
                connection.execute(_MEDICINES.format(batch=_PART))
            connection.execute(references.take_contained_sql(_PART))
            self.spool.write(name, rows)
        connection.unregister(_PART)
        connection.unregister(BUNCHES)


def _show(connection: Any, name: str, rows: pa.Table) -> None:
    whole = rows.combine_chunks()
    places = cuts(whole["resource"], records=_PART_RECORDS, bytes_=_PART_BYTES)
    parts = [
        batch
        for start, end in pairwise(places)
        for batch in whole.slice(start, end - start).to_batches()
    ]
    connection.register(name, pa.Table.from_batches(parts, schema=rows.schema))


_THOSE = "seq BETWEEN ? AND ?"


def _ends(whole: pa.Table) -> list[int]:
    """The first and the last ``seq`` of a batch: the stage may hold the next one already."""
    return [whole["seq"][place].as_py() for place in (0, -1)]


def _by_type(connection: Any, whole: pa.Table) -> list[tuple[str, pa.Table]]:
    """The texts that stay, in parts of one resource type."""
    kept = connection.execute(
        f"SELECT seq, resource_type FROM {staging.STAGE} WHERE {_THOSE} ORDER BY seq",
        _ends(whole),
    ).to_arrow_table()
    texts = whole.select(TEXTS.names)
    if kept.num_rows != whole.num_rows:
        texts = texts.filter(pc.is_in(texts["seq"], kept["seq"].combine_chunks()))
    names = kept["resource_type"].unique().to_pylist()
    if len(names) == 1:
        return [(names[0], texts)]
    return [(name, texts.filter(pc.equal(kept["resource_type"], name))) for name in names]


def take_few(connection: Any, rows: pa.Table, *, site: str) -> None:
    """Records that are known to be resources into an empty stage; their texts stay in sight.

    Parameters
    ----------
    rows
        ``seq`` ascending, ``source_no``, ``source_id``, ``record``, ``locator``, ``resource``,
        ``context``.
    """
    _create_tables(connection)
    connection.register(TEXT, rows)
    connection.execute(staging.stage_sql(TEXT, site=site))
    connection.execute(references.take_identifiers_sql(TEXT))
    connection.execute(references.take_contained_sql(TEXT))
    connection.execute(_MEDICINES.format(batch=f"{TEXT} SEMI JOIN {_MEDICINE_KEYS} USING (seq)"))


def _create_tables(connection: Any) -> None:
    staging.create_stage(connection)
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {staging.FRESH} AS "
        f"SELECT * EXCLUDE (given_id) FROM {staging.STAGE}"
    )
    references.create_tables(connection)
    texts = "seq BIGINT, resource VARCHAR"
    connection.execute(f"CREATE OR REPLACE TABLE {MEDICINE} ({texts})")


_MEDICINES = f"INSERT INTO {MEDICINE} SELECT seq, resource FROM {{batch}}"
_MEDICINE_KEYS = f"(SELECT seq FROM {staging.STAGE} WHERE resource_type = 'Medication')"


def _as_text(batch: pa.RecordBatch, problems: Problems) -> pa.Table:
    """The batch with its bytes as text; records that are not UTF-8 are reported."""
    table = pa.Table.from_batches([batch])
    try:
        texts = table["bytes"].cast(pa.large_string())
    except pa.ArrowInvalid:
        good = pa.array([_is_utf8(data) for data in table["bytes"].to_pylist()])
        for record in table.filter(pc.invert(good))["record"].to_pylist():
            message = "The record is not UTF-8. Expected JSON in UTF-8."
            problems.add(Problem(record, None, "not-utf-8", message, rejects=True))
        table = table.filter(good)
        texts = table["bytes"].cast(pa.large_string())
    return table.drop_columns(["bytes"]).append_column("resource", texts)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _says_deleted(table: pa.Table) -> pa.Array:
    context = pc.fill_null(table["context"], "")
    if not pc.any(pc.match_substring(context, '"DELETE"')).as_py():
        return pa.repeat(pa.scalar(value=False), table.num_rows)
    return pc.and_(
        pc.match_substring(context, '"method": "DELETE"'),
        pc.invert(pc.match_substring_regex(table["resource"], r'^\{\s*"resourceType"')),
    )


def _fault_of(text: str) -> tuple[str | None, str, str] | None:
    """Pointer, kind and sentence of what is wrong with one record; None when nothing is."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        return _TOO_DEEP
    except ValueError as fault:
        where = f" at character {fault.pos}" if isinstance(fault, json.JSONDecodeError) else ""
        return None, "not-json", f"The record is not JSON{where}. Expected one JSON object."
    if not isinstance(value, dict):
        return "", "not-an-object", "The record is not a JSON object. Expected a FHIR resource."
    if not isinstance(value.get("resourceType"), str):
        message = "The record has no resourceType. Expected the name of a FHIR resource type."
        return "/resourceType", "no-type", message
    return _TOO_DEEP if _is_deep(value) else None


_TOO_DEEP = (
    None,
    "too-deep",
    f"The record is nested deeper than {staging.MOST_DEEP} levels. Expected a FHIR resource.",
)

# What `json` reads and the engine does not: half a surrogate pair, a first resourceType of null.
_UNREAD_MESSAGE = (
    "The record is JSON that cannot be kept: half a character as a \\u escape, or resourceType "
    "named twice. Expected Unicode text, and each name once."
)
_UNREAD = None, "not-readable", _UNREAD_MESSAGE


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(staging.MOST_DEEP):
        level = [
            inside
            for one in level
            if isinstance(one, dict | list)
            for inside in (one.values() if isinstance(one, dict) else one)
        ]
    return bool(level)


def _refuse_constant(_: str) -> float:
    raise ValueError
