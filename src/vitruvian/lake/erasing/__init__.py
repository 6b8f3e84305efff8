"""Lawful erasure: two people decide, every byte goes, a count stays."""
