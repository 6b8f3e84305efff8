"""Tables of what was decided or told on the stored facts."""
