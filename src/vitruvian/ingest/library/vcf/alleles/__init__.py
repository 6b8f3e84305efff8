"""Alleles split, trimmed, aligned; what annotators say of them."""
