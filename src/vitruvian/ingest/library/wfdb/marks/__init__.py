"""Annotations of a recording: beats, rhythms, and who or what found them."""
