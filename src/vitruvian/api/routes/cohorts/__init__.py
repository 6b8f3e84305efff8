"""Cohorts: written, counted, explained, compared, saved."""
