"""One bulk load of declared tables: staged, checked, identified, mapped, written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from vitruvian.base.ids import stable_id, stable_id_sql
from vitruvian.ingest.engine.adapter import Counts, LoadContext, Source
from vitruvian.ingest.engine.sql import literal
from vitruvian.ingest.engine.tables.clocks import create_clocks
from vitruvian.ingest.engine.tables.language.mapping import Declared
from vitruvian.ingest.engine.tables.lookups import prepare_lookups
from vitruvian.ingest.engine.tables.placed import collect_encounters, placed_sql
from vitruvian.ingest.engine.tables.rows import map_rows
from vitruvian.ingest.engine.tables.stage import Stage
from vitruvian.ingest.engine.tables.timeline import CHUNK, map_events
from vitruvian.ingest.report import Problem, Problems
from vitruvian.record import table_named

CHUNK_ROWS = 100_000
CHUNK_BYTES = 32 << 20
MAPPING = "TABLES/mapping"
"""What a mapping file is called where it is stored, so that events can be told again by it."""
_PLACED = "tab_placed"


class TableLoading:
    """Rows of one bulk load, in the engine until they are written together."""

    def __init__(self, context: LoadContext) -> None:
        self._context = context
        self._connection = context.bulk.connection
        self._stages: dict[tuple[str, str], Stage] = {}
        self._mappings: dict[str, Declared] = {}
        self._offered_mappings: dict[str, list[int]] = {}

    # -------------------------------------------------------------- staging

    def stage_rows(self, source: Source, declared: Declared, batch: pa.RecordBatch) -> None:
        """Take rows of one table in; ``context`` names the table."""
        if not batch.num_rows:
            return
        name = batch.column("context")[0].as_py()
        key = (declared.digest, name)
        if key not in self._stages:
            stage = Stage(
                len(self._stages) + 1, declared, declared.tables[name], self._context.site
            )
            stage.create(self._connection)
            self._stages[key] = stage
            self._mappings[declared.digest] = declared
        self._stages[key].add(self._connection, source, batch)

    def stage_mapping(self, source: Source, declared: Declared) -> None:
        """Take a mapping file in, as the one record it is."""
        self._mappings[declared.digest] = declared
        self._offered_mappings.setdefault(declared.digest, []).append(source.number)

    def drop(self, source: Source) -> None:
        """Forget every row of a source that turned out broken."""
        for stage in self._stages.values():
            self._connection.execute(
                f"DELETE FROM {stage.place} WHERE _source_no = ?", [source.number]
            )

    # -------------------------------------------------------------- finishing

    def finish(self, problems: Mapping[int, Problems]) -> Mapping[int, Counts]:
        """Map and write everything staged."""
        loaded, skipped = Counter[int](), Counter[int]()
        self._forget_empty()
        self._write_mappings(loaded, skipped)
        for declared in self._mappings.values():
            stages = [s for s in self._stages.values() if s.declared is declared]
            if stages:
                self._finish_mapping(declared, stages, problems)
        for stage in self._stages.values():
            for number, new, known in stage.counts(self._connection):
                loaded[number] += new
                skipped[number] += known
        return {number: Counts(loaded[number], skipped[number]) for number in {*loaded, *skipped}}

    def _forget_empty(self) -> None:
        """Tables of which every source turned out broken leave no trace."""
        for key, stage in list(self._stages.items()):
            if self._connection.execute(f"SELECT 1 FROM {stage.place} LIMIT 1").fetchone() is None:
                del self._stages[key]
        used = {digest for digest, _ in self._stages} | self._offered_mappings.keys()
        self._mappings = {key: value for key, value in self._mappings.items() if key in used}

    def _zone(self, declared: Declared) -> str:
        return declared.time_zone or self._context.time_zone

    def _finish_mapping(
        self, declared: Declared, stages: list[Stage], problems: Mapping[int, Problems]
    ) -> None:
        connection, reader = self._connection, self._context.bulk.reader
        self._register_stored(declared)
        for stage in stages:
            create_clocks(connection, stage.rule, zone=self._zone(declared))
            stage.reject(connection, problems)
            stage.identify(connection)
        collect_encounters(connection, reader, stages, site=self._context.site)
        prepare_lookups(connection, reader, stages, site=self._context.site)
        for stage in stages:
            create_clocks(connection, stage.rule, zone=self._zone(declared))
            self._write_table(stage, problems)
            self._retire_superseded(stage)
        self._write_derivation(declared)

    def _register_stored(self, declared: Declared) -> None:
        """Fill ``tab_stored``: rows of this mapping ever held here, and which still hold."""
        reader, row_id = self._context.bulk.reader, stable_id_sql(
            "site", "resource_type", "resource_id"
        )  # fmt: skip
        mine = "site = ? AND starts_with(resource_type, ?)"
        params = [self._context.site, f"{declared.name}/"]
        ever = reader.history("resource", columns=["version_id"], where=mine, params=params)
        now = reader.query(
            f"SELECT version_id, {row_id} AS row_id, subject_id FROM resource WHERE {mine}",
            tables=["resource"],
            params=params,
        )
        self._connection.register("tab_ever", ever)
        self._connection.register("tab_now", now)
        self._connection.execute("""
        CREATE OR REPLACE TEMP TABLE tab_stored AS
        SELECT e.version_id, n.version_id IS NOT NULL AS holds, n.row_id, n.subject_id
        FROM (SELECT DISTINCT version_id FROM tab_ever) e LEFT JOIN tab_now n USING (version_id)
        """)
        self._connection.unregister("tab_ever")
        self._connection.unregister("tab_now")

    def _write_table(self, stage: Stage, problems: Mapping[int, Problems]) -> None:
        placed = placed_sql(stage, received_at=self._context.received_at)
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {_PLACED} AS "
            f"SELECT * FROM ({placed}) JOIN ({_pieces_sql(stage)}) USING (_seq)"
        )
        self._report_homeless(stage, problems)
        declared_zone = stage.declared.time_zone is not None or self._context.zone_declared
        for piece in self._pieces():
            self._connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {CHUNK} AS "
                f"SELECT * FROM {_PLACED} WHERE _piece = {piece}"
            )
            for table, rows in map_rows(self._connection, stage):
                self._context.bulk.write(table, rows)
            if stage.rule.events:
                events = map_events(self._connection, stage, zone_declared=declared_zone)
                self._context.bulk.write("event", events)

    def _pieces(self) -> Iterator[int]:
        rows = self._connection.execute(
            f"SELECT DISTINCT _piece FROM {_PLACED} ORDER BY ALL"
        ).fetchall()
        yield from (row[0] for row in rows)

    def _report_homeless(self, stage: Stage, problems: Mapping[int, Problems]) -> None:
        """Rows that should be about somebody, and whose visit nobody has told of."""
        if stage.rule.subject is None and stage.rule.encounter is None:
            return
        message = (
            "The row leads to no patient: its visit is neither in this load nor in the lake. "
            "It is kept and belongs to nobody: load the table of visits with it, or before."
        )
        rows = self._connection.execute(
            f"SELECT _source_no, _record FROM {_PLACED} WHERE subject_id IS NULL ORDER BY _seq"
        ).fetchall()
        for number, record in rows:
            problems[number].add(Problem(record, None, "no-subject", message))

    def _retire_superseded(self, stage: Stage) -> None:
        """A row with a key takes the place of the one that carried the key before."""
        if not stage.rule.key:
            return
        rows = self._connection.execute(f"""
        WITH new AS (
            SELECT _row_id, _version_id, _seq, subject_id, _source_id, _record, known_at,
                known_at_basis,
                lag(_version_id) OVER (PARTITION BY _row_id ORDER BY _seq) AS earlier
            FROM {_PLACED}
        ), ended AS (
            SELECT n.*, coalesce(earlier, s.version_id) AS target FROM new n
            LEFT JOIN tab_stored s ON n.earlier IS NULL AND s.holds AND s.row_id = n._row_id
        )
        SELECT {stable_id_sql("'version'", "target::VARCHAR", "_version_id::VARCHAR")}
                AS retirement_id,
            subject_id, {literal(stage.site)} AS site, _source_id AS source_id,
            'record ' || _record AS locator, known_at, known_at_basis,
            'version' AS scope, target AS target_id, 'superseded' AS reason
        FROM ended WHERE target IS NOT NULL
        """).to_arrow_table()
        self._context.bulk.write("retirement", rows)

    # -------------------------------------------------------------- mappings

    def _write_mappings(self, loaded: Counter[int], skipped: Counter[int]) -> None:
        """Every mapping used is kept, so that events can be told again by it."""
        held = self._context.bulk.reader.rows(
            "resource",
            columns=["resource_id"],
            where="site = ? AND resource_type = ?",
            params=[self._context.site, MAPPING],
        )
        known = set(held.column("resource_id").to_pylist())
        new = [each for each in self._mappings.values() if each.text and each.digest not in known]
        rows = [self._mapping_row(declared) for declared in new]
        self._context.bulk.write("resource", _table("resource", rows))
        for digest, numbers in self._offered_mappings.items():
            for place, number in enumerate(numbers):
                target = skipped if place or digest in known else loaded
                target[number] += 1

    def _mapping_row(self, declared: Declared) -> dict[str, Any]:
        return {
            "version_id": stable_id(self._context.site, MAPPING, declared.digest),
            "site": self._context.site,
            "source_id": declared.digest[:16],
            "locator": "record 0",
            "known_at": self._context.received_at,
            "known_at_basis": "stated",
            "record": 0,
            "resource_type": MAPPING,
            "resource_id": declared.digest,
            "content_hash": declared.digest,
            "deleted": False,
            "bytes": declared.text,
        }

    def _write_derivation(self, declared: Declared) -> None:
        number = declared.derivation_id
        held = self._context.bulk.reader.history(
            "derivation", columns=["derivation_id"], where=f"derivation_id = {number}"
        )
        if held.num_rows:
            return
        row = {
            "derivation_id": number,
            "site": self._context.site,
            "source_id": "mapping",
            "known_at": self._context.received_at,
            "known_at_basis": "stated",
            "name": f"tables {declared.name}",
            "version": declared.version,
            "parameters": json.dumps({"mapping": declared.digest, "zone": self._zone(declared)}),
        }
        self._context.bulk.write("derivation", _table("derivation", [row]))


def _pieces_sql(stage: Stage) -> str:
    """Which piece each new row belongs to, by rows and by bytes, in their order."""
    return (
        f"SELECT _seq, (row_number() OVER w - 1) // {CHUNK_ROWS} "
        f"+ (sum(size) OVER w)::BIGINT // {CHUNK_BYTES} AS _piece "
        f"FROM (SELECT _seq, octet_length(_bytes) AS size FROM {stage.fresh}) "
        "WINDOW w AS (ORDER BY _seq ROWS UNBOUNDED PRECEDING)"
    )


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as Arrow with the types of their table."""
    for row in rows:
        row["known_at"] = datetime.fromisoformat(row["known_at"])
    present = set(rows[0]) if rows else {f.name for f in table_named(name).schema}
    schema = pa.schema([each for each in table_named(name).schema if each.name in present])
    return pa.Table.from_pylist(rows, schema=schema)
