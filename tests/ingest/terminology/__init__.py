"""Tests of terminology releases in a lake."""
