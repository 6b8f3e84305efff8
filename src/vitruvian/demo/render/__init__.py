"""Renderers: each writes the same life in one format."""
