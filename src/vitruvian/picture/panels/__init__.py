"""Panels of the picture: pure functions from stored rows to what the page draws."""
