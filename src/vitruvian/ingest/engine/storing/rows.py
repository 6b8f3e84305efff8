"""Rows in hand as the table they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from vitruvian.record import table_named


def write_rows(bulk: Any, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as Arrow with the types of their table; columns that no row has are left out."""
    if not rows:
        return
    names = {name for row in rows for name in row}
    schema = pa.schema([each for each in table_named(table).schema if each.name in names])
    bulk.write(table, pa.Table.from_pylist(list(rows), schema=schema))
