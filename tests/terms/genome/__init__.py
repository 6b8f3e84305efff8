"""Tests of the names of the genome."""
