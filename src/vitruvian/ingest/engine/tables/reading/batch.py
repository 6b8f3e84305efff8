"""Rows on their way in: where they stood, their bytes, and their fields as text."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class Rows:
    """Some rows of one table.

    ``record`` counts from 0 in the source; ``fields`` holds every column as text, in lower case.
    """

    record: pa.Array
    data: pa.Array
    fields: pa.Table

    def batch(self, *, table: str) -> pa.RecordBatch:
        """As adapters hand records over, with the fields in a column of their own."""
        names = sorted(self.fields.column_names)
        columns = [self.fields.column(name).combine_chunks() for name in names]
        fields = pa.StructArray.from_arrays(columns, names=names)
        count = len(self.record)
        where = pa.compute.binary_join_element_wise("record", self.record.cast(pa.string()), " ")
        return pa.RecordBatch.from_arrays(
            [self.record, where, self.data, pa.array([table] * count, pa.string()), fields],
            names=["record", "locator", "bytes", "context", "fields"],
        )
