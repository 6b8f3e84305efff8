"""OMOP Common Data Model 5.3 and 5.4: CSV, Parquet, DuckDB file."""
