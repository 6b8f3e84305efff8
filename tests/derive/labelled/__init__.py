"""The labelled set: sentences and notes with what a reader says is in them, and how we compare."""
