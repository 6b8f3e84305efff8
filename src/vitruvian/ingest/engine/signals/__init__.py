"""Recordings of signals on the timeline, whatever format they came in."""
