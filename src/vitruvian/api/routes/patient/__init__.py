"""One patient: picture, timeline, search, notes, series, what is new."""
