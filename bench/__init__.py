"""Measurements: each module measures one room against a named baseline, in one run."""
