"""Phenotypes read in notes."""
