"""Rows of every table from a chunk of records."""

from vitruvian.ingest.library.fhir.rows.chunk import map_chunk

__all__ = ["map_chunk"]
