"""Cohorts as others read them: in the terminal, as files, as bars."""
