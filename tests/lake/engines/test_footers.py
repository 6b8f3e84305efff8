"""The end of a file taken apart: a few row groups of it read as Arrow reads the whole file."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyarrow import parquet

from tests.lake.rows import DOCTOR, event
from vitruvian.lake import Lake
from vitruvian.lake.engines import footers
from vitruvian.lake.engines.arrow import KeyReader, Sought
from vitruvian.lake.engines.footers import Footer, read_footer
from vitruvian.lake.errors import Damaged
from vitruvian.trust import SYSTEM

GROUPS, ROWS = 40, 7


def rows_of(keys: range) -> pa.Table:
    """Rows with texts of many lengths, lists in lists, and nothing at all."""
    draw = random.Random(keys.start)
    texts = [draw.choice([None, "", "x" * draw.randrange(300)]) for _ in keys]
    nested = [draw.choice([None, [], [{"system": text, "code": "c"}]]) for text in texts]
    return pa.table({"subject_id": keys, "text": texts, "codings": nested, "none": [None] * ROWS})


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ends") / "many.parquet"
    first = rows_of(range(ROWS))
    sorting = [parquet.SortingColumn(0)]
    with parquet.ParquetWriter(path, first.schema, sorting_columns=sorting) as writer:
        for group in range(GROUPS):
            writer.write_table(rows_of(range(group * ROWS, (group + 1) * ROWS)).cast(first.schema))
    return path


@pytest.fixture(scope="module")
def footer(stored: Path) -> Footer:
    return read_footer(stored, by="subject_id")


def test_keys_out_of_order__are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mixed.parquet"
    parquet.write_table(pa.table({"subject_id": [9, 1]}), path, row_group_size=1)
    with pytest.raises(Damaged):
        read_footer(path, by="subject_id")


@given(groups=st.sets(st.integers(0, GROUPS - 1)).map(sorted))
def test_some_row_groups__are_described_and_read_as_in_the_whole_file(
    stored: Path, footer: Footer, groups: list[int]
) -> None:
    whole = parquet.ParquetFile(stored)
    assert footer.pieces is not None
    with pa.memory_map(str(stored)) as mapped:
        told = footer.pieces.only(groups, mapped=mapped)
        read = footer.read(mapped, groups=groups, columns=["codings", "text"], side_by_side=False)
    described = [told.row_group(place).to_dict() for place in range(told.num_row_groups)]
    assert described == [whole.metadata.row_group(group).to_dict() for group in groups]
    assert read.equals(
        whole.read_row_groups(groups, columns=["text", "codings"]).select(read.column_names)
    )


def test_the_files_of_a_lake__are_written_with_an_end_that_comes_apart(lake: Lake) -> None:
    lake.append(DOCTOR, {"event": [event(number, subject=number) for number in range(50)]})
    lake.drain(SYSTEM)
    (path,) = (lake.path / "tables" / "event").glob("*.parquet")
    assert read_footer(path, by="subject_id").pieces is not None


def test_the_end_of_another_writer__gives_the_same_rows(tmp_path: Path) -> None:
    path = tmp_path / "duck.parquet"
    duckdb.sql(
        "COPY (SELECT range AS subject_id, repeat('x', range::INT % 50) AS t FROM range(9000)) "
        f"TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)"
    )
    found = KeyReader().rows(
        path, sought=Sought("subject_id", (4321,)), columns=["t", "subject_id"]
    )
    assert found.to_pylist() == [{"t": "x" * 21, "subject_id": 4321}]


def test_an_end_that_does_not_come_apart__is_read_whole(stored: Path, footer: Footer) -> None:
    plain = replace(footer, pieces=None)
    groups = plain.holding([3, ROWS * 5])
    assert groups == [0, 5]
    with pa.memory_map(str(stored)) as mapped:
        read = plain.read(mapped, groups=groups, columns=["subject_id"], side_by_side=False)
    assert read.column(0).to_pylist() == [*range(ROWS), *range(ROWS * 5, ROWS * 6)]


def test_a_text_that_looks_like_the_end_of_a_row_group__does_not_mislead(tmp_path: Path) -> None:
    """The least value of a column stands in the end of the file, so it may hold any bytes."""
    path = tmp_path / "sly.parquet"
    texts = [bytes(range(256)), b"\x16\x10\x16\x02\x00" * 50, b"\x16\x02\x16\x02\x00\x19\x1c"]
    rows = pa.table({"subject_id": [1, 2, 3], "bytes": texts})
    parquet.write_table(rows, path, row_group_size=1)
    for subject, text in enumerate(texts, 1):
        sought = Sought("subject_id", (subject,))
        found = KeyReader().rows(path, sought=sought, columns=["subject_id", "bytes"])
        assert found.to_pylist() == [{"subject_id": subject, "bytes": text}]


@given(data=st.binary(max_size=300))
@example(data=b"\x1c" * 5_000)
@example(data=b"\x19\xf3" + b"\xff" * 8 + b"\x7f")
def test_bytes_that_are_no_end__are_told_and_never_hang(data: bytes) -> None:
    with suppress(ValueError, IndexError, RecursionError):
        assert footers._after_fields(data, 0) > 0
