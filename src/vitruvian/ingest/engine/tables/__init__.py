"""Tables of a hospital's warehouse onto the timeline, by a mapping: machinery without medicine.

Rows come as CSV, Parquet or a DuckDB file (``reading``), what their columns mean stands in a
mapping file (``mapping``, ``words``), and whole tables are mapped at once by SQL.
"""
