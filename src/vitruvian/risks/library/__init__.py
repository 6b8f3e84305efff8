"""Scores, one folder each."""
