"""Bytes on this machine's disk: databases with seals, flushing and locks, blobs."""
