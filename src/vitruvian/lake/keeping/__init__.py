"""Keeping a lake through the years: its columns, copies of it, and its regular upkeep."""
