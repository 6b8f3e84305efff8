"""Urine by the hour and by the day, where it was charted long enough."""
