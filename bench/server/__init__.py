"""Measurements of the server's interfaces."""
