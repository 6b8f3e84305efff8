"""The plan as SQL of Spark: the same conditions, joined in the ways that Spark knows.

Three things differ from DuckDB's SQL. Spark has no join to the nearest row, so rows are laid among
hits and read off a window. It keeps no relation once made, so each relation names the one before
it only once. And its words differ a little: SQL is written in DuckDB's, and said in Spark's last.
"""
