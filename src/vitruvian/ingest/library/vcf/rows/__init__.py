"""Rows of the tables from what was read."""
