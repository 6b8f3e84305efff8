"""Packets read: recognised, parsed, their times understood."""
