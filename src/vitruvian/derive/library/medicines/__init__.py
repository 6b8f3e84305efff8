"""Medicines with dose read in notes."""
