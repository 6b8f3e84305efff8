"""Measurements on Spark Connect."""
