"""Rows of every table from a chunk of records, handed to the bulk load."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from vitruvian.base.ids import stable_id_sql
from vitruvian.ingest.engine.adapter import LoadContext
from vitruvian.ingest.engine.sql import fetched, literal
from vitruvian.ingest.library.fhir.mapping import types_on_the_timeline
from vitruvian.ingest.library.fhir.reading.times import report_times
from vitruvian.ingest.library.fhir.records import versions
from vitruvian.ingest.library.fhir.records.known import take_over_chunk
from vitruvian.ingest.library.fhir.records.references import IDENTIFIER
from vitruvian.ingest.library.fhir.rows import map_chunk
from vitruvian.ingest.library.fhir.timeline import medicines_known
from vitruvian.ingest.library.fhir.timeline.events import Place
from vitruvian.ingest.library.fhir.timeline.raw import CHUNK, TEXT
from vitruvian.ingest.report import Problem, Problems


class TableWriter:
    """Writes one chunk after another, then what needs all of them."""

    def __init__(self, context: LoadContext, problems: Mapping[int, Problems]) -> None:
        self._context = context
        self._bulk = context.bulk
        self._connection = context.bulk.connection
        self._problems = problems
        self._place = Place(site=context.site, zone_declared=context.zone_declared)

    def begin(self) -> None:
        """Prepare what chunks share."""
        medicines_known.collect(self._connection, self._bulk.reader, site=self._context.site)
        self._connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE {versions.DONE} (
            seq BIGINT, source_id VARCHAR, locator VARCHAR, resource_type VARCHAR,
            resource_id VARCHAR, version VARCHAR, last_updated TIMESTAMPTZ, version_id BIGINT,
            subject_id BIGINT, known_at TIMESTAMPTZ, known_at_basis VARCHAR, deleted BOOLEAN)
        """)

    def write_records(self, resource_type: str, texts: Any) -> bool:
        """Write the resources of the chunk with their texts, and their keys.

        Returns
        -------
        bool
            Whether the chunk's records mean anything for the timeline.
        """
        verbatim = texts["resource"].cast(pa.large_binary())
        rows = fetched(self._connection, self._resource_sql()).append_column("bytes", verbatim)
        self._bulk.write("resource", rows)
        self._bulk.write("resource_key", fetched(self._connection, self._key_sql()))
        self._connection.execute(f"INSERT INTO {versions.DONE} BY NAME SELECT {_DONE} FROM {CHUNK}")
        self._connection.execute(f"DELETE FROM {CHUNK} WHERE deleted")
        self._report_unresolved()
        report_times(self._connection, texts, self._problems)
        if resource_type not in types_on_the_timeline():
            return False
        self._report_without_subject()
        return True

    def write_meaning(self, connection: Any, resource_type: str) -> None:
        """Write what the resources of the chunk mean: events, and rows of other tables."""
        for table, rows in map_chunk(connection, resource_type, self._place, self._bulk.put_blob):
            if rows.num_rows:
                self._bulk.write(table, rows)

    def write_handed_over(self, connection: Any, *, resource_type: str, texts: Any) -> None:
        """The same for a chunk that another connection made."""
        take_over_chunk(connection)
        connection.register(TEXT, texts)
        try:
            self.write_meaning(connection, resource_type)
        finally:
            connection.unregister(TEXT)

    def finish(self) -> None:
        """Write what no longer holds."""
        rows = versions.retire_superseded(
            self._connection, self._bulk.reader, site=self._context.site
        )
        if rows.num_rows:
            self._bulk.write("retirement", rows)

    def _resource_sql(self) -> str:
        return f"""
        SELECT version_id, subject_id, {literal(self._context.site)} AS site, source_id, locator,
            known_at, known_at_basis, record, resource_type, resource_id, version, last_updated,
            content_hash, deleted
        FROM {CHUNK} ORDER BY seq
        """

    def _key_sql(self) -> str:
        site = literal(self._context.site)
        return f"""
        SELECT {stable_id_sql("key")} AS key_id, key, subject_id, version_id, {site} AS site,
            source_id, locator, known_at, known_at_basis, resource_type, resource_id
        FROM (
            SELECT *, resource_type || '/' || resource_id AS key FROM {CHUNK}
            UNION ALL BY NAME
            SELECT k.*, i.key FROM {CHUNK} k JOIN {IDENTIFIER} i USING (seq)
            UNION ALL BY NAME
            SELECT *, source_id || ' ' || full_url AS key FROM {CHUNK}
            WHERE resource_type = 'Medication' AND full_url LIKE 'urn:%'
        )
        """

    def _report_unresolved(self) -> None:
        rows = self._connection.execute(f"""
        SELECT source_no, record FROM {CHUNK}
        WHERE subject_id IS NULL AND fhir_literal(coalesce(subject_ref, '')) = ''
            AND coalesce(subject_ref, subject_identifier) IS NOT NULL ORDER BY seq
        """).fetchall()
        message = (
            "The reference to the patient leads to no patient in this load or in the lake. "
            "The record is kept and belongs to nobody until it is loaded together with the patient."
        )
        for number, record in rows:
            self._problems[number].add(Problem(record, "/subject", "unresolved-reference", message))

    def _report_without_subject(self) -> None:
        rows = self._connection.execute(f"""
        SELECT source_no, record FROM {CHUNK}
        WHERE subject_id IS NULL AND subject_ref IS NULL AND subject_identifier IS NULL
        """).fetchall()
        message = "The record names no patient. It is kept, and no event is made of it."
        for number, record in rows:
            self._problems[number].add(Problem(record, "/subject", "no-subject", message))


_DONE = (
    "seq, source_id, locator, resource_type, resource_id, version, last_updated, version_id, "
    "subject_id, known_at, known_at_basis, deleted"
)
