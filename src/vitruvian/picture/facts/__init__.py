"""Stored rows as facts: joined, compared, judged, put into words."""
