"""Tests of terminology releases."""
