"""Table files: rows in order however wide they are; numbers in lists as differences."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vitruvian.lake.store import tablefile
from vitruvian.lake.store.codec import conform
from vitruvian.lake.store.tablefile import sorted_rows, write_sorted
from vitruvian.record import table_named

GENOTYPE = replace(
    table_named("genotype"),
    columns=tuple(replace(each, required=False) for each in table_named("genotype").columns),
)
WORDS = ("site", "source_id", "known_at_basis", "contig")


def runs(starts: list[int | None]) -> pa.Table:
    """One run of calls a start, in pieces of two, its lists telling which it was."""
    pieces = [
        pa.table(
            {
                **{name: [7] * len(some) for name in ("subject_id", "assay_id", "end")},
                **{name: ["said"] * len(some) for name in WORDS},
                "known_at": pa.array([0] * len(some), pa.timestamp("us", tz="UTC")),
                "allele": pa.array([[1, 1]] * len(some), pa.list_(pa.int16())),
                "position": pa.array([[3, 4]] * len(some), pa.list_(pa.int32())),
                "start": pa.array(some, pa.int64()),
                "record": pa.array([[n or 0, (n or 0) + 1] for n in some], pa.list_(pa.int32())),
                "copies": pa.array([[None, 1]] * len(some), pa.list_(pa.int8())),
                "genotype": pa.array([["0|1", None]] * len(some), pa.list_(pa.string())),
            }
        )
        for some in (starts[at : at + 2] for at in range(0, len(starts), 2))
    ]
    return pa.concat_tables([conform(each, table=GENOTYPE) for each in pieces])


@pytest.mark.parametrize("wide", [0, 1 << 40], ids=["row by row", "column by column"])
@pytest.mark.parametrize("starts", [[5, 1, 4, None, 1, 3], [1, 1, 2, 9, None], [2, 1], [3]])
def test_rows__come_out_in_order_with_nulls_last_however_they_are_copied(
    starts: list[int | None], wide: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tablefile, "WIDE_ROW", wide)
    found = sorted_rows(runs(starts), table=GENOTYPE)
    expected = sorted(starts, key=lambda n: (n is None, n or 0))
    assert found["start"].to_pylist() == expected
    assert found["record"].to_pylist() == [[n or 0, (n or 0) + 1] for n in expected]
    assert found["copies"].to_pylist() == [[None, 1]] * len(starts)


def test_a_file__with_numbers_in_lists_as_differences_reads_the_same_by_two_engines(
    tmp_path: Path,
) -> None:
    (tmp_path / "tables" / "genotype").mkdir(parents=True)
    rows = runs([4, 2, 3])
    stored = write_sorted(tmp_path, table=GENOTYPE, rows=rows, load_id=1)
    path = tmp_path / stored.path
    file = pq.ParquetFile(path)
    group = file.metadata.row_group(0)
    columns = [group.column(n) for n in range(group.num_columns)]
    encoded = {each.path_in_schema: each.encodings for each in columns}
    assert "DELTA_BINARY_PACKED" in encoded["record.list.element"]
    pruned = {each.path_in_schema for each in columns if each.is_stats_set}
    assert "start" in pruned
    assert not any(".list." in name for name in pruned)
    expected = [[2, 3], [3, 4], [4, 5]]
    assert file.read()["record"].to_pylist() == expected
    with duckdb.connect() as engine:
        read = engine.execute("SELECT record, copies FROM read_parquet(?)", [str(path)]).fetchall()
    assert read == [(each, [None, 1]) for each in expected]
