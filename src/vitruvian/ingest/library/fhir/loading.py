"""One bulk load of FHIR records: staged, identified, resolved, mapped, written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from vitruvian.base.manifest import Manifest
from vitruvian.ingest.engine.adapter import Counts, LoadContext, Source
from vitruvian.ingest.engine.limits import Limits
from vitruvian.ingest.engine.sql import literal
from vitruvian.ingest.library.fhir.beside import Beside
from vitruvian.ingest.library.fhir.mapping import derivation
from vitruvian.ingest.library.fhir.reading.shapes import report_unmapped
from vitruvian.ingest.library.fhir.records import references, staging, versions
from vitruvian.ingest.library.fhir.records.intake import Intake
from vitruvian.ingest.library.fhir.records.known import (
    Slice,
    create_chunk,
    hand_over_chunk,
    texts_of,
)
from vitruvian.ingest.library.fhir.tables import TableWriter
from vitruvian.ingest.library.fhir.timeline.clocks import create_macros
from vitruvian.ingest.library.fhir.timeline.raw import joined_as_written
from vitruvian.ingest.report import Problems

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK_RECORDS = 65_536


class FhirLoading:
    """Records of one bulk load: keys in the engine, texts beside it, until written together."""

    def __init__(self, context: LoadContext, manifest: Manifest) -> None:
        self._context = context
        self._connection = context.bulk.connection
        self._manifest = manifest
        create_macros(self._connection, zone=context.time_zone)
        self._intake = Intake.begin(self._connection, site=context.site)
        context.bulk.at_end(self._intake.close)
        self._chunk_bytes = Limits().chunk_bytes

    def stage(self, source: Source, batch: pa.RecordBatch, problems: Problems) -> None:
        """Take records in; those that are no JSON object with a type are reported."""
        self._chunk_bytes = source.limits.chunk_bytes
        self._intake.take(source, batch, problems)

    def drop(self, source: Source) -> None:
        """Forget every record of a source that turned out broken."""
        self._intake.drop(source)

    # -------------------------------------------------------------- finishing

    def finish(self, problems: Mapping[int, Problems]) -> Mapping[int, Counts]:
        """Identify, resolve, map and write everything staged."""
        connection, reader, site = self._connection, self._context.bulk.reader, self._context.site
        self._intake.end()
        report_unmapped(connection, problems)
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
        with joined_as_written(self._connection), Beside(self._connection) as beside:
            for wanted, texts in self._slices():
                create_chunk(self._connection, wanted, site=site, received_at=received_at)
                if writer.write_records(wanted.resource_type, texts):
                    beside.wait()
                    hand_over_chunk(self._connection)
                    name = wanted.resource_type
                    beside.start(partial(writer.write_handed_over, resource_type=name, texts=texts))
        writer.finish()
        self._write_derivation()

    def _slices(self) -> Iterator[tuple[Slice, pa.Table]]:
        """New records type by type, in pieces of bounded size, with their texts."""
        spool = self._intake.spool
        spool.end_writing()
        for name in self._types():
            for pages in spool.pieces(name, records=CHUNK_RECORDS, bytes_=self._chunk_bytes):
                wanted = Slice(name, pages[0].first, pages[-1].last)
                texts = texts_of(self._connection, wanted, spool.read(pages))
                if texts.num_rows:
                    yield wanted, texts
        spool.close()

    def _types(self) -> list[str]:
        rows = self._connection.execute(f"""
        SELECT DISTINCT resource_type FROM {staging.FRESH} SEMI JOIN fhir_new USING (seq) ORDER BY 1
        """).fetchall()
        return [row[0] for row in rows]

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
