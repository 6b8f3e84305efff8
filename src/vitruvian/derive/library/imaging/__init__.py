"""Imaging findings with size and place read in notes."""
