"""Machinery of scores, without medicine."""
