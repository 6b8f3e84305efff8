"""Small pieces of SQL, and the tables that they join."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from vitruvian import terms

_BATCH_ROWS = 16_384


def literal(text: str) -> str:
    """A text as SQL writes it.

    Examples
    --------
    >>> literal("St. Mary's")
    "'St. Mary''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def fetched(connection: Any, sql: str) -> pa.Table:
    """The rows of a query as Arrow, in batches that take no more room than their rows.

    The engine sets room aside for a whole batch in every column, a million rows unless told:
    what is not filled is no memory yet, but becomes some as soon as it is freed and taken again.
    """
    return connection.execute(sql).to_arrow_table(_BATCH_ROWS)


def create_conversions(connection: Any, table: str, pairs: Sequence[tuple[str, str]]) -> None:
    """Fill a table with the stored unit, factor, shift and flag of each code and unit as sent."""
    found = [(code, unit, terms.conversion(code, unit)) for code, unit in pairs]
    rows = pa.table(
        {
            "of_code": pa.array([code for code, _, _ in found], pa.string()),
            "of_unit": pa.array([unit for _, unit, _ in found], pa.string()),
            "to_unit": pa.array([each.unit for _, _, each in found], pa.string()),
            "factor": pa.array([each.factor for _, _, each in found], pa.float64()),
            "shift": pa.array([each.offset for _, _, each in found], pa.float64()),
            "flag": pa.array([each.flag for _, _, each in found], pa.string()),
        }
    )
    connection.register("conversions_found", rows)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM conversions_found")
    connection.unregister("conversions_found")
