"""Courses of life and illness; each tells one patient's story into a chart."""
