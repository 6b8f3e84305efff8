"""A timeline in hand as both engines see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa

from vitruvian.criteria import Engine, Source
from vitruvian.criteria.over_lake.on_spark import OnSpark
from vitruvian.lake.engines.spark import Spark

# Any: pyarrow ships no types.
Arrow: TypeAlias = Any

KINDS = {pa.timestamp("us"): pa.timestamp("us", "UTC"), pa.float32(): pa.float64()}
"""What Spark sees of a MEDS table: instants, and numbers in double precision."""


def shown(spark: Spark, name: str, rows: Arrow) -> None:
    """Let Spark see rows in hand."""
    fields = [pa.field(one.name, KINDS.get(one.type, one.type)) for one in rows.schema]
    spark.show(name, rows.cast(pa.schema(fields)))


@dataclass(frozen=True)
class WithoutZone(OnSpark):
    """A session whose answers have no zone, as MEDS times have none."""

    def query(
        self, sql: str, *, tables: Sequence[str] = (), subjects: Sequence[int] | None = None
    ) -> Arrow:
        """The same rows."""
        found = super().query(sql, tables=tables, subjects=subjects)
        back = {zoned: plain for plain, zoned in KINDS.items() if pa.types.is_timestamp(plain)}
        fields = [pa.field(one.name, back.get(one.type, one.type)) for one in found.schema]
        return found.cast(pa.schema(fields))


def on_duckdb(events: Arrow, source: Source) -> Engine:
    """The events on a connection."""
    connection = duckdb.connect()
    connection.register(source.relation, events)
    return Engine(connection, source)


def on_spark(spark: Spark, events: Arrow, source: Source) -> Engine:
    """The same events on Spark."""
    shown(spark, source.relation, events)
    asked = WithoutZone(spark, source.relation)
    return Engine(asked, replace(source, instants=True))
