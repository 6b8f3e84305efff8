"""The words of the house: the stored tables, column by column."""

from vitruvian.record.columns import Column, Table
from vitruvian.record.tables import TABLES, table_named

__all__ = ["TABLES", "Column", "Table", "table_named"]
