"""The same extractors on the workers of an existing cluster."""
