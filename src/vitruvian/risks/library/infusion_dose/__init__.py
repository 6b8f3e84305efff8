"""Dose of an infusion that may not be running."""
