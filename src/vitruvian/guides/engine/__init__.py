"""Machinery of guidelines, without medicine."""
