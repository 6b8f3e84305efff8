"""Machinery without medicine: walking, recognising, reading, reporting."""
