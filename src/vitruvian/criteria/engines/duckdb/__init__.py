"""The plan as SQL of DuckDB."""
