"""Tests of the checks for swapped samples."""
