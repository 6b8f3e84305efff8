"""Tobacco smoking status read in notes."""
