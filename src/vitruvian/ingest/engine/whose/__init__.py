"""Whose data these are, where a format tells no patient number: a sheet says it, or nobody."""
