"""One bulk load of FHIR records: staged, identified, resolved, mapped, written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.base.manifest import Manifest
from vitruvian.ingest.engine.adapter import Counts, LoadContext, Source
from vitruvian.ingest.engine.sql import literal
from vitruvian.ingest.library.fhir.mapping import derivation
from vitruvian.ingest.library.fhir.reading.shapes import report_shapes, suspects
from vitruvian.ingest.library.fhir.records import references, staging, versions
from vitruvian.ingest.library.fhir.records.known import Slice, create_chunk
from vitruvian.ingest.library.fhir.tables import TableWriter
from vitruvian.ingest.library.fhir.timeline.clocks import create_macros
from vitruvian.ingest.report import Problem, Problems

CHUNK_RECORDS = 100_000
_BATCH = "fhir_batch"


class FhirLoading:
    """Records of one bulk load, in the engine until they are written together."""

    def __init__(self, context: LoadContext, manifest: Manifest) -> None:
        self._context = context
        self._connection = context.bulk.connection
        self._manifest = manifest
        staging.create_stage(self._connection)
        create_macros(self._connection, zone=context.time_zone)

    # -------------------------------------------------------------- staging

    def stage(self, source: Source, batch: pa.RecordBatch, problems: Problems) -> None:
        """Take records in; those that are no JSON object with a type are reported."""
        table = _as_text(batch, problems)
        table = self._valid(table, problems)
        count = table.num_rows
        table = table.append_column("source_no", pa.array([source.number] * count, pa.int32()))
        table = table.append_column("source_id", pa.array([source.source_id] * count, pa.string()))
        gone = _says_deleted(table)
        for part, sql in ((gone, staging.stage_deleted_sql), (pc.invert(gone), staging.stage_sql)):
            rows = table.filter(part)
            if rows.num_rows:
                self._connection.register(_BATCH, rows)
                self._connection.execute(sql(_BATCH))
                self._connection.unregister(_BATCH)

    def _valid(self, table: pa.Table, problems: Problems) -> pa.Table:
        """Without the records that are not JSON or have no type; each is looked at and told."""
        self._connection.register(_BATCH, table)
        found = self._connection.execute(f"""
        SELECT record, resource, CASE WHEN json_valid(resource)
            THEN coalesce(json_type(resource, '$.resourceType') = 'VARCHAR', false) ELSE false END
            OR coalesce(context, '') LIKE '%"DELETE"%' AS good, {suspects("resource")} AS suspect
        FROM {_BATCH} WHERE NOT good OR suspect
        """).fetchall()
        self._connection.unregister(_BATCH)
        bad = set()
        for record, text, good, _ in found:
            fault = _fault_of(text, good=good)
            if fault is not None:
                problems.add(Problem(record, fault[0], fault[1], fault[2], rejects=True))
                bad.add(record)
        if not bad:
            return table
        return table.filter(pc.invert(pc.is_in(table["record"], pa.array(sorted(bad), pa.int64()))))

    def drop(self, source: Source) -> None:
        """Forget every record of a source that turned out broken."""
        self._connection.execute(
            f"DELETE FROM {staging.STAGE} WHERE source_no = ?", [source.number]
        )

    # -------------------------------------------------------------- finishing

    def finish(self, problems: Mapping[int, Problems]) -> Mapping[int, Counts]:
        """Identify, resolve, map and write everything staged."""
        connection, reader, site = self._connection, self._context.bulk.reader, self._context.site
        report_shapes(connection, problems)
        connection.execute(staging.identify_sql(site))
        versions.mark_known(connection, reader)
        counts = self._counts()
        connection.execute(references.collect_identifiers_sql())
        references.resolve(connection, reader, site=site)
        self._write(problems)
        return counts

    def _counts(self) -> dict[int, Counts]:
        rows = self._connection.execute(f"""
        SELECT source_no, count(n.seq), count(*) - count(n.seq)
        FROM {staging.FRESH} f LEFT JOIN fhir_new n USING (seq) GROUP BY ALL
        """).fetchall()
        return {number: Counts(loaded, skipped) for number, loaded, skipped in rows}

    def _write(self, problems: Mapping[int, Problems]) -> None:
        writer = TableWriter(self._context, problems)
        writer.begin()
        site, received_at = self._context.site, self._context.received_at
        for wanted in self._slices():
            create_chunk(self._connection, wanted, site=site, received_at=received_at)
            writer.write_chunk(wanted.resource_type)
        writer.finish()
        self._write_derivation()

    def _slices(self) -> Iterator[Slice]:
        """Type by type, in pieces of bounded size."""
        rows = self._connection.execute(f"""
        SELECT resource_type, min(seq), max(seq) FROM (
            SELECT resource_type, seq, (row_number() OVER (
                PARTITION BY resource_type ORDER BY seq) - 1) // {CHUNK_RECORDS} AS piece
            FROM {staging.FRESH} SEMI JOIN fhir_new USING (seq)
        ) GROUP BY resource_type, piece ORDER BY resource_type, piece
        """).fetchall()
        yield from (Slice(*row) for row in rows)

    def _write_derivation(self) -> None:
        number, name, version = derivation()
        held = self._context.bulk.reader.history(
            "derivation", columns=["derivation_id"], where=f"derivation_id = {number}"
        )
        if held.num_rows:
            return
        rows = self._connection.execute(f"""
        SELECT {number}::BIGINT AS derivation_id, {literal(self._context.site)} AS site,
            'mapping' AS source_id, TIMESTAMPTZ {literal(self._context.received_at)} AS known_at,
            'stated' AS known_at_basis, {literal(name)} AS name, {literal(version)} AS version,
            '{{}}' AS parameters
        """).to_arrow_table()
        self._context.bulk.write("derivation", rows)


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
    return pc.and_(
        pc.match_substring(context, '"method": "DELETE"'),
        pc.invert(pc.match_substring_regex(table["resource"], r'^\{\s*"resourceType"')),
    )


def _fault_of(text: str, *, good: bool) -> tuple[str | None, str, str] | None:
    """Pointer, kind and sentence of what is wrong with one record; None when nothing is."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except ValueError as fault:
        where = f" at character {fault.pos}" if isinstance(fault, json.JSONDecodeError) else ""
        return None, "not-json", f"The record is not JSON{where}. Expected one JSON object."
    if not isinstance(value, dict):
        return "", "not-an-object", "The record is not a JSON object. Expected a FHIR resource."
    if not isinstance(value.get("resourceType"), str):
        message = "The record has no resourceType. Expected the name of a FHIR resource type."
        return "/resourceType", "no-type", message
    if not good:
        return None, "not-json", "The record is not JSON. Expected one JSON object."
    return None


def _refuse_constant(_: str) -> float:
    raise ValueError
