"""Declared tables: any CSV or Parquet whose columns a mapping file explains."""
