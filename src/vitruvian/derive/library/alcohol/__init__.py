"""Alcohol use read in notes."""
