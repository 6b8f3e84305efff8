"""Bulk data export: asked for, made in the background, fetched as NDJSON."""
