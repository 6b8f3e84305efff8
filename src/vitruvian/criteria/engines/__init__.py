"""One folder an engine: the plan as its SQL."""
