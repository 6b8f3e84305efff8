"""Vital signs and laboratory values read in notes."""
