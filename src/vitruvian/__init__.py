"""Vitruvian: one aligned picture of each patient."""
