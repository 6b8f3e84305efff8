"""Answers: resources with their versions, Bundles, pages."""
