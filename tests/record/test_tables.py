"""The stored tables keep the promises of the design."""

from __future__ import annotations

import pyarrow as pa
import pytest

from vitruvian.record import TABLES, Table, table_named

tables = pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)


def test_table_named__unknown_name_is_refused() -> None:
    with pytest.raises(KeyError):
        table_named("no such table")


@tables
def test_table__every_row_carries_lineage_and_three_clocks(table: Table) -> None:
    lineage = {"site", "source_id", "locator", "known_at", "known_at_basis", "recorded_at"}
    assert lineage <= set(table.column_names)


@tables
def test_table__key_and_clustering_are_columns(table: Table) -> None:
    assert {table.key, *table.cluster_by} <= set(table.column_names)


@tables
def test_table__names_are_unique_and_every_column_says_what_it_means(table: Table) -> None:
    assert len(set(table.column_names)) == len(table.columns)
    assert all(column.meaning for column in table.columns)


@tables
def test_table__every_instant_is_utc_to_the_microsecond(table: Table) -> None:
    instants = [c.type for c in table.columns if pa.types.is_timestamp(c.type)]
    assert set(instants) == {pa.timestamp("us", tz="UTC")}
