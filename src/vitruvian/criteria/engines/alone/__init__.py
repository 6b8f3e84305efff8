"""One record in memory, without an engine: for the answer at a bedside.

It gives what DuckDB gives, for tasks within `can_answer`; tests hold the two together.
"""
