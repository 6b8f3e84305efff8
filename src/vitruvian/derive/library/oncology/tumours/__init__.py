"""Tumours in a note: their words, kinds, places, spread, grades and answers."""
