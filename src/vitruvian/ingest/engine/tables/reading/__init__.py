"""Rows of text tables, Parquet files and databases, each with its own bytes."""
