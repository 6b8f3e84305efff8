"""One note with the facts read in it."""
