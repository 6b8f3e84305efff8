"""A file with a row group of nothing: compaction reads past it, and writes none."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from tests.lake.rows import event
from vitruvian.lake.engines.cluster import Part, rows_in_order
from vitruvian.lake.store.tablefile import TableWriter
from vitruvian.record import table_named

EVENT = table_named("event")


def rows_of(*numbers: int) -> pa.Table:
    rows = [event(number, subject=number, recorded_at=None) for number in numbers]
    return pa.Table.from_pylist(rows, EVENT.schema)


def test_a_row_group_without_rows__is_passed_over_by_compaction(tmp_path: Path) -> None:
    path = tmp_path / "one.parquet"
    with parquet.ParquetWriter(path, EVENT.schema) as writer:
        for numbers in ((1, 2), (), (3,)):
            writer.write_table(rows_of(*numbers))
    assert parquet.read_metadata(path).num_row_groups == 3
    found = pa.concat_tables(rows_in_order(EVENT, [Part(path, None)]))
    assert found.column("event_id").to_pylist() == [1, 2, 3]


def test_writing_no_rows__writes_no_row_group(tmp_path: Path) -> None:
    (tmp_path / "tables" / "event").mkdir(parents=True)
    writer = TableWriter(tmp_path, table=EVENT, load_id=None)
    for numbers in ((), (1, 2), ()):
        writer.write(rows_of(*numbers))
    stored = writer.finish()
    assert parquet.read_metadata(writer.path).num_row_groups == 1
    assert (stored.rows, stored.low, stored.high) == (2, 1, 2)
