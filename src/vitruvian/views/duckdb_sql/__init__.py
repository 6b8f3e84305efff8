"""The intermediate form as DuckDB SQL."""

from vitruvian.views.duckdb_sql.statement import Source, sql_type, statement

__all__ = ["Source", "sql_type", "statement"]
