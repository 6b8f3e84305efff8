"""Rows looked up by the key that a table is clustered by are those that a condition in SQL finds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.lake.rows import DOCTOR, START, TickingClock, lineage, retirement
from vitruvian.lake import Lake, Reader
from vitruvian.lake.engines import doorway
from vitruvian.lake.engines.arrow import KeyReader, Sought
from vitruvian.lake.errors import Damaged
from vitruvian.record import table_named
from vitruvian.trust import SYSTEM

COLUMNS = ["key_id", "key", "subject_id", "version_id", "recorded_at"]
MOST_KEY = 400


def look_up_row(key_id: int, version_id: int, *, day: int = 0) -> dict[str, Any]:
    return {
        **lineage(known_day=day),
        "key_id": key_id,
        "key": f"Observation/{key_id}",
        "subject_id": None if key_id % 5 == 0 else key_id % 7,
        "version_id": version_id,
        "resource_type": "Observation",
        "resource_id": str(key_id),
    }


def loaded(lake: Lake, rows: list[dict[str, Any]]) -> None:
    schema = table_named("resource_key").schema
    with lake.bulk(SYSTEM) as load:
        load.write("resource_key", pa.Table.from_pylist(rows, schema))


@pytest.fixture
def mixed(tmp_path: Path) -> Iterator[Lake]:
    """Rows of two loads, of table files drained from the log, of the log; some retired."""
    chance = random.Random(7)
    keys = [chance.randrange(MOST_KEY) for _ in range(900)]
    rows = [look_up_row(key, version, day=version % 3) for version, key in enumerate(keys, 1)]
    with Lake.create(tmp_path / "lake", clock=TickingClock()) as lake:
        loaded(lake, rows[:400])
        loaded(lake, rows[400:700])
        lake.append(SYSTEM, {"resource_key": rows[700:800]})
        ends = [
            retirement(n, scope="version", target=row["version_id"], subject=row["subject_id"])
            for n, row in enumerate(rows[::9], start=1)
        ]
        lake.append(SYSTEM, {"retirement": ends[:40]})
        lake.drain(SYSTEM)
        lake.append(SYSTEM, {"resource_key": rows[800:], "retirement": ends[40:]})
        yield lake


def by_sql(reader: Reader, keys: list[int], *, every_version: bool) -> list[tuple[Any, ...]]:
    read = reader.history if every_version else reader.rows
    found = read("resource_key", columns=COLUMNS)
    return in_order(found, keys)


def in_order(found: pa.Table, keys: list[int]) -> list[tuple[Any, ...]]:
    rows = [tuple(row.values()) for row in found.to_pylist() if row["key_id"] in set(keys)]
    return sorted(rows, key=lambda row: row[3])


@pytest.mark.parametrize("every_version", [True, False])
@pytest.mark.parametrize("count", [0, 1, 3, doorway.FEW_KEYS, doorway.FEW_KEYS + 30])
def test_looked_up__are_the_rows_that_sql_finds(
    mixed: Lake, count: int, every_version: bool
) -> None:
    keys = random.Random(count).sample(range(MOST_KEY), count)
    with mixed.read(DOCTOR) as reader:
        found = reader.look_up(
            "resource_key", keys=keys, columns=COLUMNS, every_version=every_version
        )
        assert in_order(found, keys) == by_sql(reader, keys, every_version=every_version)
        assert found.num_rows == len(in_order(found, keys))
        assert (found.num_rows > 0) == (count > 0)


@pytest.mark.parametrize("asked", ["known_at", "recorded_at"])
def test_as_of_an_instant__the_rows_of_then_are_looked_up(mixed: Lake, asked: str) -> None:
    with mixed.read(SYSTEM) as reader:
        recorded = reader.history("resource_key", columns=["recorded_at"]).column(0).unique()
    at = START + timedelta(days=1)
    if asked == "recorded_at":
        at = sorted(recorded.to_pylist())[1]
    keys = list(range(0, MOST_KEY, 9))
    with mixed.read(DOCTOR, **{asked: at}) as reader:
        found = in_order(reader.look_up("resource_key", keys=keys, columns=COLUMNS), keys)
        assert found == by_sql(reader, keys, every_version=False)
    assert found


def test_a_text_key__is_looked_up_in_files_and_in_the_log(mixed: Lake) -> None:
    def source(name: str) -> dict[str, Any]:
        return {**lineage(), "source_id": name, "sha256": name * 2}

    with mixed.bulk(SYSTEM) as load:
        rows = [source(name) for name in ("b", "aa", "c")]
        load.write("source", pa.Table.from_pylist(rows, table_named("source").schema))
    mixed.append(SYSTEM, {"source": [source('d"quoted'), source("e")]})
    with mixed.read(DOCTOR, known_at=START - timedelta(days=9)) as reader:
        asked = ["aa", 'd"quoted', "zz", "a"]
        found = reader.look_up("source", keys=asked, columns=["sha256"])
    # Lineage is shown whatever instant of knowledge is asked for.
    assert sorted(found.column(0).to_pylist()) == ["aaaa", 'd"quotedd"quoted']


def test_a_file_out_of_order__is_refused_and_not_half_read(tmp_path: Path) -> None:
    path = tmp_path / "one.parquet"
    with parquet.ParquetWriter(path, pa.schema([("key_id", pa.int64())])) as writer:
        for keys in ([5, 6], [1, 2]):
            writer.write_table(pa.table({"key_id": keys}))
    with pytest.raises(Damaged, match="order"):
        KeyReader().rows(path, sought=Sought("key_id", (1,)), columns=["key_id"])


def test_row_groups_that_share_a_key__are_all_read(tmp_path: Path) -> None:
    path = tmp_path / "one.parquet"
    with parquet.ParquetWriter(path, pa.schema([("key_id", pa.int64())])) as writer:
        for keys in ([1, 2], [2, 2], [], [2, 3], [4, 9]):
            writer.write_table(pa.table({"key_id": pa.array(keys, pa.int64())}))
    reader = KeyReader()
    for key, expected in ((2, 4), (3, 1), (5, 0), (0, 0), (10, 0)):
        found = reader.rows(path, sought=Sought("key_id", (key,)), columns=["key_id"])
        assert found.num_rows == expected
