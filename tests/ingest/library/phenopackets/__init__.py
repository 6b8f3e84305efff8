"""Tests of the Phenopackets adapter."""
