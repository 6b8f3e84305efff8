"""One folder a format; each is found by its manifest."""
