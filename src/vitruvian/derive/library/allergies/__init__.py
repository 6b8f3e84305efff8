"""Allergies read in notes."""
